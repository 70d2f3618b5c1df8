"""Named questions to the warehouse: bound parameters in, typed frames out. No Streamlit.

Every function takes the viewer's scope first; :mod:`dashboard.queries.base` applies it.
"""
