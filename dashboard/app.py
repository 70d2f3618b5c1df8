"""Entry point: ``streamlit run dashboard/app.py``. The registry becomes the navigation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import registry, state
from dashboard.components import frame
from dashboard.filters import to_params
from dashboard.i18n import translator

# A file of our own: Streamlit fetches a Material or emoji page icon from outside.
ICON = str(Path(__file__).parent / "static" / "icon.svg")

t = translator(state.begin().lang)
st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")

pages = {
    spec.key: st.Page(
        spec.script,
        title=t(spec.title_key),
        icon=f":material/{spec.icon}:",
        url_path=spec.key,
        default=spec.default,
    )
    for spec in registry.PAGES
}
page = st.navigation(list(pages.values()), position="hidden")
wanted = state.wanted_page()
if wanted and pages[wanted] is not page:
    st.switch_page(pages[wanted], query_params=to_params(state.current()))
state.arrived(next(key for key, known in pages.items() if known is page))
try:
    with frame.loading(t):
        page.run()
except frame.Done:
    pass
except Exception:
    # What is shown must not be taken for the whole page; the log has the rest.
    frame.broken(t)
    raise
finally:
    # Also then: an empty or failed page has a navigation and an address, too.
    frame.navigation(pages, t)
    state.publish()
