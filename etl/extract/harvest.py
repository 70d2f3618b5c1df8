"""One pass over a document: structured grids by their columns, everything else as running text."""

from __future__ import annotations

from etl.document import Document, Fidelity, Grid, Line
from etl.extract.flow import FlowReader
from etl.extract.grid_rows import GridContext
from etl.extract.grids import read_grid
from etl.extract.rows import Harvest
from etl.recognise.labels import Lexicon
from etl.recognise.sections import headings


def harvest(document: Document, lexicon: Lexicon) -> Harvest:
    """All rows of the statutory tables of a document, in printed order."""
    out = Harvest()
    context = GridContext()
    heads = headings(document.blocks)
    flow = FlowReader(lexicon, out, heads)
    zones = {s.key: s.content for s in lexicon.form.tables.sections}
    for index, block in enumerate(document.blocks):
        if isinstance(block, Grid) and block.fidelity is Fidelity.STRUCTURED:
            flow.close()
            read_grid(block, index, lexicon, context, out)
            continue
        if isinstance(block, Line) and block.text.strip():
            section = heads.section(block.text, index)
            if section:
                content = zones[section]
                context.in_table = content if content.startswith("t") else None
                context.block, context.header2, context.near = None, None, []
                context.headless3 = True
            context.near.append(block.text)
            del context.near[:-3]
        flow.step(index, block)
    flow.finish()
    return out
