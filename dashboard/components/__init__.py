"""What pages are made of: the frame, the filter bar, cards, tables, the document viewer."""
