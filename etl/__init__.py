"""From documents to a warehouse: read, recognise, extract, check, store; no streamlit here."""
