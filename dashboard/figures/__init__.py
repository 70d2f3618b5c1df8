"""Every chart of every page as a value: built from a view, shown by a page, written by an export.

A page draws a figure with ``components.cards.show``; a briefing, the command line and the tests
build the same figure by its name. No Streamlit here, and no formula: figures ask ``queries``.
"""

from dashboard.figures.base import (
    FIGURES,
    Figure,
    FigureSpec,
    Native,
    Series,
    Twin,
    build,
    names_on,
    register,
)

__all__ = [
    "FIGURES",
    "Figure",
    "FigureSpec",
    "Native",
    "Series",
    "Twin",
    "build",
    "names_on",
    "register",
]
