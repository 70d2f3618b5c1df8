"""The demo corpus: an invented province whose offices publish real-looking reports, seeded.

Nothing in it exists: names, codes outside the assigned ranges, figures and sentences are made up,
and every document says 演示数据. :func:`write_corpus` writes it; :func:`render` writes one report
in one of :data:`LAYOUTS` and says what an honest reader may read from it.
"""

from etl.demo.corpus import DemoSummary, write_corpus
from etl.demo.layouts import LAYOUTS, Layout
from etl.demo.model import DEMO_MARK, DemoReport
from etl.demo.render import ExpectedCell, RenderedDocument, render

__all__ = [
    "DEMO_MARK",
    "LAYOUTS",
    "DemoReport",
    "DemoSummary",
    "ExpectedCell",
    "Layout",
    "RenderedDocument",
    "render",
    "write_corpus",
]
