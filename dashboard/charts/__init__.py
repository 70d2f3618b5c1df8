"""Frames to charts: pure functions, no Streamlit, no queries, no formulas."""
