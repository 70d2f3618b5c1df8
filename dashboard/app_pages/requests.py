"""申请办理: where do applications come from, and what becomes of them?"""

from dashboard.components import frame, overview, requests

view = frame.open_page("requests")
figures = requests.pooled(view)
if figures.empty:
    frame.empty(view, "no_rows")
else:
    overview.coverage(view)
    requests.answer(view, figures)
    requests.outcomes(view)
    requests.applicants(view)
    requests.rates(view)
    requests.grounds(view)
    requests.trends(view)
