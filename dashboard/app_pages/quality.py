"""数据质量: who has not reported, who reported wrongly, what could not be read?"""

from dashboard.components import findings, frame, letters, overview, quality

view = frame.open_page("quality")
if not view.years:
    frame.empty(view, "no_rows")
else:
    overview.coverage(view)
    quality.arrivals(view)
    findings.section(view)
    letters.batch(view)
    quality.continuity(view)
    quality.unread(view)
    quality.rejected(view)
