"""总览: how was the year, and compared with the last?"""

from dashboard.components import frame, overview

view = frame.open_page("overview")
figures = overview.pooled(view)
if figures.empty or view.year is None:
    frame.empty(view, "no_rows")
else:
    overview.coverage(view)
    overview.key_figures(view, figures)
    overview.trends(view)
    overview.outcomes(view)
    overview.why(view)
    overview.attention(view, view.year)
