"""From documents to a warehouse: read, recognise, extract, check, store. Never imports streamlit."""
