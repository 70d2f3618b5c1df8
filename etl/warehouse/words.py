"""What a finding's subject is called: a column, row, block, table, cell or claim in words."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from etl.form import load_form
from etl.form.spec import PerForm

#: Subjects that are no key of the form.
_OTHER: Final = {
    "title": ("标题", "title"),
    "period": ("统计期限", "period"),
    "beside": ("文件名或元数据", "file name or metadata"),
}


@lru_cache(maxsize=4096)
def subject_words(rule: str, subject: str) -> tuple[str, str]:
    """Chinese and English words for a subject, ``("", "")`` for the whole report.

    ``subject`` is a key of the form: a cell (``t3.granted.total``), a table or section, or a bare
    row, column or block key, looked up first in the table the rule's name starts with. What the
    form does not know is shown as it is.
    """
    if not subject:
        return "", ""
    if subject in _OTHER:
        return _OTHER[subject]
    form = load_form()
    if cell := form.cells.get(subject):
        return cell.label_zh(), cell.label_en
    table, _, rest = subject.partition(".")
    if table in ("t2", "t3", "t4") and not rest:
        words = getattr(form.tables, table)
        return str(words.zh), str(words.en)
    for section in form.tables.sections:
        if section.key == subject:
            return section.zh, section.en
    own = rule[:2].lower()
    for name in sorted(("t3", "t4", "t2"), key=lambda name: name != own):
        labels = [(c.key, c.zh, c.en) for c in form.columns(name)]
        labels += [(r.key, r.zh, r.en) for r in form.rows(name)]
        for key, zh, en in labels:
            if key == subject:
                return newest(zh), en
    return subject, subject


def newest(label: PerForm) -> str:
    """A label as the newest form that has it prints it."""
    return label if isinstance(label, str) else label[max(label)]
