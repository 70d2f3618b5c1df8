"""From a warehouse to answers: queries, charts, pages. Never imports ``etl``."""
