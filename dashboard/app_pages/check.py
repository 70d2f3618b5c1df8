"""报告核验: can this report be published?"""

from dashboard.components import check, frame

view = frame.open_page("check")
documents = check.uploads(view)
chosen = check.choose(view, documents)
if chosen is not None:
    check.verdict(view, chosen)
    if not chosen.judged.rejected:
        check.recognised(view, chosen)
        check.issues(view, chosen)
        check.repairs(view, chosen)
        check.tables(view, chosen)
        check.claims(view, chosen)
        check.before(view, chosen)
    check.letter(view, chosen)
    check.document(view, chosen)
