"""Cutting a run-on paragraph, which swallowed its tables, at the form's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from etl.document import Line
from etl.extract.rows import Slot
from etl.recognise.labels import Lexicon
from etl.recognise.sections import heading_section
from etl.report import Ref

#: A longer paragraph is no report: all labels and figures of the form have 6,000 characters.
LONGEST_RUN_ON = 200_000


@cache
def _run_on_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """Every label, header, caption and section heading, white space allowed between characters."""
    form = lexicon.form
    labels: set[str] = set()
    printed = [r.zh for table in ("t2", "t3") for r in form.rows(table)]
    printed += [c.zh for table in ("t2", "t3") for c in form.columns(table)]
    for zh in printed:
        labels.update([zh] if isinstance(zh, str) else zh.values())
    labels.update(b.caption for b in form.tables.t2.blocks)
    labels.update(g.zh for g in form.tables.t3.groups)
    labels.update((form.tables.t2.corner, form.tables.t3.corner, form.tables.t3.column_heading))
    labels.add(form.tables.t3.column_group.zh)
    for row in form.rows("t4"):
        labels.add(row.short or str(row.zh))
    labels.update(str(c.zh) for c in form.columns("t4"))
    labels.add(form.tables.t4.heading)
    sections = {s.zh for s in form.tables.sections}
    flexible = [
        r"\s*".join(re.escape(c) for c in label)
        for label in sorted(labels | sections, key=len, reverse=True)
    ]
    return re.compile("|".join(flexible))


def run_on_tokens(lexicon: Lexicon, line: Line, index: int) -> Iterator[tuple[Slot, str]]:
    """Cut a run-on paragraph at the form's labels; what is between are values or other words.

    Yields (slot, kind) with kind ``section``, ``label`` or ``other``. A paragraph with fewer than
    six labels is prose and yields nothing, nor does one of more than :data:`LONGEST_RUN_ON`.
    """
    if len(line.text) > LONGEST_RUN_ON:
        return
    pattern = _run_on_pattern(lexicon)
    hits = list(pattern.finditer(line.text))
    if len(hits) < 6:
        return
    end = 0
    for hit in hits:
        between = line.text[end : hit.start()].strip()
        if between:
            yield Slot(between, line.at, Ref(index, end, hit.start())), "other"
        kind = "section" if heading_section(hit[0]) else "label"
        yield Slot(hit[0], line.at, Ref(index, hit.start(), hit.end())), kind
        end = hit.end()
    rest = line.text[end:].strip()
    if rest:
        yield Slot(rest, line.at, Ref(index, end, len(line.text))), "other"
