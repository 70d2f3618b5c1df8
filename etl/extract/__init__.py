"""Which grid cell or printed token is which cell of the form, and what it says."""
