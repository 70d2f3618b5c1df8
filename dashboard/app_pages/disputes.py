"""复议诉讼: how often are answers corrected, and which way is it going?"""

from dashboard.components import disputes, frame, overview

view = frame.open_page("disputes")
figures = disputes.pooled(view)
if figures.empty or view.year is None:
    frame.empty(view, "no_rows")
else:
    overview.coverage(view)
    disputes.answer(view, figures)
    disputes.blocks(view)
    disputes.trends(view)
    disputes.most(view, figures)
    disputes.wrong(view)
