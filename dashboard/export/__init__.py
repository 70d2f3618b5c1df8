"""What leaves the building: pictures, data files, slides, reports. Pure: no Streamlit.

Everything is made from an :class:`Item` (a figure and the view it was built from), so that a
page, a briefing, the command line and a test write the same file. Names of files and cells come
from documents of strangers: :mod:`dashboard.export.safe` makes them harmless.
"""

from dashboard.export.base import Item, metadata, metrics_of, passport
from dashboard.export.data import csv
from dashboard.export.safe import filename, safe

__all__ = ["Item", "csv", "filename", "metadata", "metrics_of", "passport", "safe"]
