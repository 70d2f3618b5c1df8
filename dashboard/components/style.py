"""The style sheet of our own HTML and the small corrections to Streamlit's. Pure text."""

from __future__ import annotations

from dashboard.markup import PRINTED_ROWS
from dashboard.theme import Palette, palette


def sheet(dark: bool, date: str, cut: str) -> str:
    """A ``<style>`` element for a theme; print rules give a usable page on paper.

    ``date``: what stands for year, month and day in an empty date field, with ``-`` between them.
    ``cut``: what paper says below a long table of which it has the first ``PRINTED_ROWS`` only.
    """
    printed = _PRINT.replace("$rows", str(PRINTED_ROWS + 1)).replace("$cut", cut)
    return f"<style>{_rules(palette(dark), date)}{printed}</style>"


def _rules(p: Palette, date: str) -> str:
    year, month, day = date.split("-")
    state = "#3a2f12" if p.dark else "#fff3d6"
    bad = "#43201f" if p.dark else "#fde8e6"
    pick = "#123a5c" if p.dark else "#cfe6fa"
    panel = "#1a222b" if p.dark else "#f4f6f8"
    return f"""
[data-testid="stMainBlockContainer"] {{ padding: 2.6rem 2.2rem 3rem; max-width: 1400px; }}
[data-testid="stSidebar"] {{ min-width: 210px; max-width: 250px; }}
@media (max-width: 640px) {{ [data-testid="stMainBlockContainer"] {{ padding: 3.2rem .9rem 2rem;
  }} }}
/* Streamlit's own chart buttons speak English only and save pictures without source and font. */
[data-testid="stFullScreenFrame"]:has([data-testid="stVegaLiteChart"])
  [data-testid="stElementToolbar"] {{ display: none; }}
[data-testid="stCaptionContainer"] {{ color: {p.quiet}; opacity: 1; }}
[data-testid="stCaptionContainer"] p {{ color: {p.quiet}; }}
.do-title {{ font-size: 1rem; font-weight: 600; margin: 0; padding: 0; line-height: 1.4; }}
/* Cards of one row end at one height, their files at one line. */
[data-testid="stColumn"] > [data-testid="stVerticalBlock"] {{ height: 100%; }}
[data-testid="stColumn"] > [data-testid="stVerticalBlock"] >
  [data-testid="stLayoutWrapper"]:only-child:has(> [class*="st-key-do_card_"]) {{ flex: 1 1 auto; }}
[class*="st-key-do_card_"] > [data-testid="stLayoutWrapper"]:last-child {{ margin-top: auto; }}
/* An empty date field speaks English by itself. */
[data-testid="stDateInputField"] [data-placeholder] {{ font-size: 0; }}
[data-testid="stDateInputField"] [data-placeholder]::after {{ font-size: .95rem;
  color: {p.quiet}; }}
[data-placeholder][data-type="year"]::after {{ content: "{year}"; }}
[data-placeholder][data-type="month"]::after {{ content: "{month}"; }}
[data-placeholder][data-type="day"]::after {{ content: "{day}"; }}
.do-hidden {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }}
.do-question {{ color: {p.quiet}; margin: -.4rem 0 0; font-size: .95rem; }}
.do-line {{ color: {p.quiet}; font-size: .84rem; line-height: 1.5; margin: 0; }}
.do-line, .do-lead, .do-title {{ overflow-wrap: anywhere; }}
[data-testid="stMarkdownContainer"] code {{ overflow-wrap: anywhere; white-space: normal; }}
.do-line b {{ color: {p.ink}; font-weight: 600; }}
.do-lead {{ font-size: 1.05rem; line-height: 1.6; margin: .1rem 0 .3rem; }}
.do-demo {{ background: {state}; border-left: 4px solid {p.warn}; padding: .35rem .8rem;
  font-size: .88rem; border-radius: 3px; }}
.do-cards {{ display: grid; gap: .7rem;
  grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }}
.do-card {{ border: 1px solid {p.line}; border-radius: 6px; padding: .65rem .8rem .55rem;
  min-width: 0; }}
.do-card h3 {{ font-size: .86rem; font-weight: 600; margin: 0; padding: 0; color: {p.quiet}; }}
.do-card .v {{ font-size: 1.75rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }}
.do-card .v small {{ font-size: .85rem; font-weight: 400; color: {p.quiet}; margin-left: .25rem; }}
.do-card .c {{ font-size: .88rem; }}
.do-card .b {{ font-size: .8rem; color: {p.quiet}; margin-top: .15rem;
  font-variant-numeric: tabular-nums; }}
.do-card details {{ font-size: .8rem; color: {p.quiet}; margin-top: .25rem; }}
.do-card summary {{ cursor: pointer; color: {p.quiet}; text-decoration: underline dotted; }}
.do-card.thin .v {{ color: {p.quiet}; }}
.up {{ color: {p.good}; }} .down {{ color: {p.bad}; }} .flat {{ color: {p.quiet}; }}
.do-scroll {{ overflow: auto; max-height: 30rem; border: 1px solid {p.line}; border-radius: 4px; }}
.do-scroll:focus-visible {{ outline: 2px solid {p.main}; }}
.do-table {{ border-collapse: collapse; width: 100%; font-size: .84rem; }}
.do-table th, .do-table td {{ padding: .3rem .55rem; border-bottom: 1px solid {p.line};
  text-align: left; vertical-align: top; }}
.do-table th {{ position: sticky; top: 0; background: {panel}; font-weight: 600; z-index: 1; }}
.do-table th {{ white-space: nowrap; }} .do-table td {{ min-width: 3.2em;
  overflow-wrap: anywhere; }}
.do-table td:has(> a) {{ min-width: 6.5em; }} .do-table td.short {{ white-space: nowrap; }}
.do-table td.whole {{ white-space: nowrap; }} .do-table td.long {{ min-width: 15em; }}
/* Anchors of headings lead nowhere a reader wants to go. */
[data-testid="stHeaderActionElements"] {{ display: none; }}
/* A finger needs more room than a pointer. */
@media (max-width: 640px) {{ .do-table td a, .do-card summary, .do-line a, .do-lead a {{
    display: inline-block; padding: .28rem 0; min-width: 1.6rem; }}
  .do-card summary {{ display: list-item; }} .do-lead a {{ display: inline; }}
  .do-doc td a {{ padding: .25rem 0; }}
  [data-testid="stCheckbox"] label {{ min-height: 1.9rem; align-items: center; }}
  [data-testid="stButtonGroup"] {{ max-width: 100%; }}
  [data-testid="stButtonGroup"] [role="radiogroup"] {{ flex-wrap: wrap !important; }} }}
/* On a phone a table is as wide as its words need and scrolls; else rows grow a character wide. */
@media (max-width: 640px) {{ .do-table {{ width: max-content; min-width: 100%; }}
  .do-table th, .do-table td {{ padding: .3rem .4rem; }}
  .do-table td {{ max-width: 12em; }} .do-table td:has(> a) {{ max-width: 7.6em; }}
  .do-table td.long {{ max-width: 19em; }}
  /* Rows with sentences stand one below the other, each value beside its column's name. */
  .do-table.stacked {{ width: 100%; }} .do-table.stacked thead {{ position: absolute;
    width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
  .do-table.stacked, .do-table.stacked tbody {{ display: block; }}
  .do-table.stacked tr {{ display: block; padding: .4rem 0;
    border-bottom: 1px solid {p.line}; }}
  .do-table.stacked td, .do-table.stacked td:has(> a), .do-table.stacked td.long {{
    display: grid; grid-template-columns: 7.6em minmax(0, 1fr); gap: .5rem; border: 0;
    max-width: none; min-width: 0; padding: .12rem .5rem; text-align: left;
    white-space: normal; }}
  .do-table.stacked td:first-child {{ font-weight: 600; }}
  .do-table.stacked td:empty {{ display: none; }}
  .do-table.stacked td::before {{ content: attr(data-label); color: {p.quiet}; }}
  .do-scroll:has(.stacked) {{ max-height: 75vh; }} }}
.do-table .num {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.do-doc {{ border-collapse: collapse; font-size: .82rem; min-width: 100%; }}
.do-doc td {{ border: 1px solid {p.line}; padding: .22rem .4rem; vertical-align: middle; }}
.do-table a, .do-reading a, .do-lead a, .do-line a {{ color: {p.main}; }}
.do-scroll:has(.do-doc) {{ max-height: none; }}
.do-doc td.n {{ text-align: right; font-variant-numeric: tabular-nums; }}
.do-doc td a {{ color: inherit; text-decoration: none; display: block; }}
.do-doc td a:hover, .do-doc td a:focus-visible {{ text-decoration: underline; }}
.do-doc td.s-unread {{ background: {bad}; }}
.do-doc td.s-text, .do-doc td.s-not_applicable {{ background: {state}; }}
.do-doc td.s-failed {{ box-shadow: inset 0 0 0 2px {p.bad}; }}
.do-doc td.picked {{ background: {pick}; box-shadow: inset 0 0 0 3px {p.main}; font-weight: 700; }}
.do-text {{ font-size: .86rem; line-height: 1.6; margin: .2rem 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }}
.do-lines {{ border: 1px solid {p.line}; border-radius: 3px; padding: .4rem .7rem; }}
.do-lines:has(mark) {{ max-height: none; }}
.do-lines p {{ font-size: .82rem; line-height: 1.4; margin: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; }}
.do-lines a {{ color: inherit; text-decoration: underline dotted; }}
.do-lines a:hover, .do-lines a:focus-visible {{ text-decoration: underline; }}
.do-lines .s-unread {{ background: {bad}; }}
.do-lines .s-text, .do-lines .s-not_applicable {{ background: {state}; }}
.do-lines .s-failed {{ box-shadow: inset 0 0 0 2px {p.bad}; }}
.do-lines mark {{ background: {pick}; color: inherit; box-shadow: inset 0 0 0 2px {p.main};
  font-weight: 700; padding: 0 .25rem; }}
.st-key-do_hint {{ background: {panel}; border-left: 4px solid {p.main}; border-radius: 3px;
  padding: .3rem .8rem; }}
@media (min-width: 641px) {{ .st-key-do_hint {{ flex-wrap: nowrap; }}
  .st-key-do_hint > :first-child {{ flex: 1 1 0; min-width: 0; }} }}
.do-hits {{ margin: .2rem 0 .4rem; padding: 0; list-style: none; }}
ul.do-hits li {{ margin: 0; padding: .35rem 0; border-bottom: 1px solid {p.line};
  line-height: 1.5; }}
.do-hits a {{ color: {p.main}; }} .do-quiet {{ color: {p.quiet}; font-size: .86rem; }}
.do-text.h {{ font-weight: 600; }}
.do-text mark {{ background: {pick}; color: inherit; font-weight: 600; }}
.do-reading {{ border-left: 4px solid {p.main}; background: {panel}; padding: .5rem .8rem;
  font-size: .88rem;
  border-radius: 3px; margin-bottom: .5rem; }}
.do-reading dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem;
  margin: .2rem 0 0; }}
.do-reading dt {{ color: {p.quiet}; }} .do-reading dd {{ margin: 0; overflow-wrap: anywhere; }}
.do-verdict {{ border-left: 6px solid {p.quiet}; background: {panel}; padding: .6rem 1rem;
  border-radius: 4px; margin: .3rem 0; }}
.do-verdict b {{ font-size: 1.3rem; display: block; line-height: 1.4; }}
.do-verdict.errors, .do-verdict.rejected {{ border-color: {p.bad}; }}
.do-verdict.confirm {{ border-color: {p.warn}; }} .do-verdict.ok {{ border-color: {p.good}; }}
.do-form th {{ border: 1px solid {p.line}; background: {panel}; font-weight: 600;
  padding: .22rem .4rem; text-align: center; vertical-align: middle; min-width: 3.2em; }}
.do-form th[scope="row"] {{ text-align: left; font-weight: 400; min-width: 9em; }}
.do-form th.g {{ width: 5.5em; }} .do-form td {{ text-align: center !important; }}
.do-form td.s-absent {{ background: repeating-linear-gradient(45deg, transparent 0 5px,
  {p.line} 5px 6px); }}
.do-form td.s-blank {{ border-style: dashed; }}
.do-sign {{ color: {p.quiet}; font-size: .78rem; }} .do-mark {{ color: {p.bad}; font-weight: 700; }}
.do-vs {{ display: block; color: {p.bad}; font-size: .74rem; white-space: nowrap; }}
.st-key-do_loading {{ position: fixed; top: .6rem; left: 50%; transform: translateX(-50%);
  width: max-content; z-index: 999; pointer-events: none; }}
.st-key-do_loading p {{ background: {panel}; border: 1px solid {p.line}; border-radius: 4px;
  padding: .3rem .8rem; margin: 0; visibility: hidden; animation: do-wait 0s .5s forwards; }}
@keyframes do-wait {{ to {{ visibility: visible; }} }}
@media print {{ [data-testid="stVegaLiteChart"] {{ background: {p.ground};
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
.do-tag {{ display: inline-block; padding: 0 .4rem; border-radius: 3px; font-size: .76rem;
  border: 1px solid currentColor; }}
"""


_PRINT = """
@media print {
  /* On paper: what is shown and in force, in full, dark on white; nothing to press. */
  :root { color-scheme: light; }
  html, body, #root, .stApp, [data-testid="stApp"], [data-testid="stAppViewContainer"],
  [data-testid="stMain"], [data-testid="stMainBlockContainer"] { display: block !important;
    position: static !important; height: auto !important; min-height: 0 !important;
    overflow: visible !important; background: #fff !important; }
  /* Blocks instead of flexible boxes, which a page break does not know; two cards side by side. */
  [data-testid="stVerticalBlock"] { display: block !important; height: auto !important; }
  [data-testid="stVerticalBlock"] > * { margin-bottom: .45rem; }
  [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]),
  [data-testid="stLayoutWrapper"]:has(> [data-testid="stHorizontalBlock"]) {
    display: contents !important; }
  [data-testid="stColumn"] { display: inline-block !important; vertical-align: top;
    width: 48.5% !important; min-width: 0 !important; margin: 0 1.2% .45rem 0;
    break-inside: avoid; }
  [data-testid="stColumn"]:only-child { width: 100% !important; }
  /* What stands around something hidden would part a heading from its chart. */
  [data-testid="stElementContainer"]:has(> [data-testid="stButtonGroup"],
    > [data-testid="stSelectbox"], > [data-testid="stButton"], > [data-testid="stTextInput"],
    > [data-testid="stRadio"], > [data-testid="stDownloadButton"]),
  [data-testid="stColumn"]:has(> [data-testid="stVerticalBlock"]:empty),
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"],
  [data-testid="stStatusWidget"], [data-testid="stDownloadButton"], [data-testid="stPopover"],
  [data-testid="stCheckbox"], [data-testid="stFileUploader"], [data-testid="stForm"],
  [data-testid="stButtonGroup"], [data-testid="stButton"], [data-testid="stSelectbox"],
  [data-testid="stTextInput"], [data-testid="stDateInput"], [data-testid="stTextArea"],
  [data-testid="stRadio"], .st-key-do_letters, .st-key-do_letter_one, .st-key-do_bar,
  .st-key-do_hint, .st-key-do_find,
  [data-baseweb="tooltip"], [data-testid="stTooltipContent"], #vg-tooltip-element,
  details:not([open]) { display: none !important; }
  [data-testid="stMainBlockContainer"] { padding: 0 !important; max-width: none !important; }
  .do-scroll { max-height: none !important; overflow: visible !important; border: 0; }
  .do-table { font-size: 8.5pt; } .do-table thead { display: table-header-group; }
  .do-table th { position: static; background: none; }
  /* Long lists fill sheet after sheet; what is left out is in the file to download. */
  .do-table.cut tbody tr:nth-child(n + $rows) { display: none; }
  .do-table.cut::after { content: "$cut"; display: table-caption; caption-side: bottom;
    text-align: left; padding-top: .3rem; }
  .do-table td.long { min-width: 9em; } .do-table td { overflow-wrap: break-word; }
  [class*="st-key-do_card_"] { break-inside: avoid; padding: .5rem .6rem !important; }
  [data-testid="stElementContainer"]:has([data-testid="stHeading"], .do-lead,
    [data-testid="stMarkdownContainer"] :is(h2, h3, h4)),
  [data-testid="stElementContainer"]:has([data-testid="stHeading"],
    [data-testid="stMarkdownContainer"] :is(h2, h3, h4)) + [data-testid="stElementContainer"]:has(
    > [data-testid="stHtml"] > .do-line, [data-testid="stCaptionContainer"]) {
    break-after: avoid; }
  .do-table tbody tr:first-child { break-before: avoid; }
  .do-table tr, .do-card, .do-hits li, .do-verdict, .do-reading { break-inside: avoid; }
  [data-testid="stVegaLiteChart"] { break-inside: avoid; max-width: 100%; }
  [data-testid="stVegaLiteChart"] svg { max-width: 100%; height: auto; }
  h1, h2, h3, h4, .do-title, .do-lead { break-after: avoid; }
  h1, h2, h3, h4, p, li, td, th, dt, dd, .do-title, .do-lead, .do-line, .do-question, .do-card .v,
  .do-quiet { color: #1c2530 !important; }
  a { color: #1c2530 !important; text-decoration: none; }
  @page { margin: 14mm 12mm; }
}
"""
