"""机构档案: what happened at this office over the years?"""

from dashboard.components import dossier, frame, profile, profile_checks, profile_results

view = frame.open_page("profile")
chosen = profile.choose(view)
if chosen is not None:
    view, opened = chosen
    profile.headline(view, opened)
    view = profile.covering(view, opened)
    if profile.key_figures(view, opened):
        dossier.offer(view)
        sections = {
            "history": profile.history,
            "results": profile_results.results,
            "checks": profile_checks.checks,
            "document": profile_checks.documents,
        }
        sections[profile.tabs(view)](view, opened)
