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
        url_path="start" if spec.default else spec.key,
        default=spec.default,
    )
    for spec in registry.PAGES
}
# The first page is served at the root; under its own name, as every other page, it is found, too.
first = next(spec for spec in registry.PAGES if spec.default)
named = st.Page(first.script, title=t(first.title_key), url_path=first.key)
running = st.navigation([*pages.values(), named], position="hidden")
page = pages[first.key] if running is named else running
wanted = state.wanted_page()
if wanted and pages[wanted] is not page:
    st.switch_page(pages[wanted], query_params=to_params(state.current()))
state.arrived(next(key for key, known in pages.items() if known is page))
try:
    with frame.loading(t):
        running.run()
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
