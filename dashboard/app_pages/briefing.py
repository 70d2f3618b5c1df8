"""简报: take these charts with you."""

from dashboard.components import briefing, frame

view = frame.open_page("briefing")
briefing.shelf(view)
briefing.settings(view)
briefing.contents(view)
briefing.products(view)
