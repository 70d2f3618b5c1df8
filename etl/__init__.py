"""From documents to a warehouse: read, recognise, extract, check, store; no streamlit here."""

__version__ = "0.1.0"
