"""主动公开: what was disclosed, and how much?"""

from dashboard.components import frame, overview, proactive

view = frame.open_page("proactive")
figures = proactive.pooled(view)
if figures.empty or view.year is None:
    frame.empty(view, "no_rows")
else:
    overview.coverage(view)
    proactive.answer(view, figures)
    proactive.documents(view)
    proactive.decisions(view)
    proactive.money(view)
    proactive.top(view)
    proactive.old_form(view)
