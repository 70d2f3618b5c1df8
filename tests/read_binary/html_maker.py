"""The sample table as HTML, for programs that convert HTML."""

from __future__ import annotations

from tests.read_binary.pdf_maker import Box

CSS = (
    "body{font-family:'WenQuanYi Micro Hei','Noto Sans SC',sans-serif;font-size:14px}"
    "table{border-collapse:collapse;width:100%}"
    "td{border:1px solid #000;padding:4px;text-align:center}"
)


#: LibreOffice takes borders from the attribute, Chromium from the style sheet.
TABLE = "<table border='1' cellspacing='0'>"


def page(boxes: list[Box], *, title: str, lead: int = 0, padding: int = 4) -> str:
    """A report-like page: title, ``lead`` paragraphs, a section heading and the table."""
    rows = []
    for row in range(max(b.row for b in boxes) + 1):
        cells = "".join(
            f'<td rowspan="{b.rowspan}" colspan="{b.colspan}">{b.text}</td>'
            for b in sorted(boxes, key=lambda b: b.col)
            if b.row == row
        )
        rows.append(f"<tr>{cells}</tr>")
    return (
        f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title>"
        f"<style>{CSS.replace('4px', f'{padding}px')}</style></head><body><h1>{title}</h1>"
        + "<p>本年度按照条例要求主动公开政府信息。</p>"
        * lead
        + f"<h2>三、收到和处理政府信息公开申请情况</h2>{TABLE}{''.join(rows)}</table>"
        "<h2>六、其他需要报告的事项</h2><p>无</p></body></html>"
    )
