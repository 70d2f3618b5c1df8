"""The commands about offices: ``disclosure dossier`` and ``disclosure letters``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from dashboard.command import (
    NOTHING,
    OK,
    SOME,
    USAGE,
    Options,
    Wrong,
    here,
    language,
    params_of,
    progress,
    say,
    target,
    write,
)
from dashboard.desk import Desk, DeskError
from dashboard.export import dossier as dossiers
from dashboard.export import letters as letter_batch
from dashboard.export.letters import Batch, Order
from dashboard.frames import rows as rows_of
from dashboard.open import Opener
from dashboard.queries import dossier as queries
from dashboard.queries import letters as letter_queries
from dashboard.view import View

#: Candidates named where an office's name is not enough.
CANDIDATES: Final = 20
_YEARS: Final = re.compile(r"(\d{4})(?:[-–](\d{4}))?", re.ASCII)
T = TypeVar("T")


def dossier(options: Options) -> int:
    """Everything about one office into one file: ``office, years, out, lang``."""
    lang = language(options)
    params = {"lang": lang}
    if options.get("years"):
        params["years"] = _years(str(options["years"]))
    out = target(options, tuple(dossiers.MAKERS)) if options.get("out") else None
    view = Opener().view("profile", params)
    office = _office(view, str(options.get("office") or "").strip())
    view = replace(view, filters=replace(view.filters, office=office))
    ending = out.suffix.lower().lstrip(".") if out else next(iter(dossiers.MAKERS))
    try:
        work = dossiers.files(view, _decisions(), dt.date.today(), (ending,))
        made = _run(work, "档案 dossier")
    except dossiers.NoOffice:
        raise Wrong(
            f"{office} 没有报告 has no report", hint="先载入它的报告 load its reports", code=NOTHING
        ) from None
    name, content = made.files[ending]
    out = out or Path(name)
    write(out, content)
    say(f"已导出 exported → {out}")
    return OK


def letters(options: Options) -> int:
    """A ZIP of 整改提示: ``filters, out, errors_only, deadline, sender, lang``."""
    lang = language(options)
    params = params_of(str(options.get("filters") or ""), lang)
    out = target(options, ("zip",))
    view = Opener().view("quality", params)
    here(view)
    levels = letter_queries.LEVELS[:1] if options.get("errors_only") else letter_queries.LEVELS
    deadline = options.get("deadline")
    order = Order(
        levels=levels, rule=view.filters.metric,
        deadline=dt.date.fromisoformat(str(deadline)) if deadline else None,
        sender=str(options.get("sender") or ""),
    )  # fmt: skip
    made: Batch = _run(
        letter_batch.batch(view, order, _decisions(), dt.date.today()), "提示 letters"
    )
    if not made.made:
        raise Wrong(
            f"没有须改正或须核实的发现 nothing to correct or to confirm（{view.in_words}）",
            hint="检查筛选 check the filters", code=NOTHING,
        )  # fmt: skip
    write(out, made.archive)
    say(f"已导出 exported {made.made} 份提示 letters，{made.findings} 处发现 findings → {out}")
    if made.left_out:
        say(view.t("letters.ready_left_out", n=made.left_out))
    if made.found > letter_batch.MAX_LETTERS:
        limit = letter_batch.MAX_LETTERS
        say(view.t("letters.too_many", found=made.found, limit=limit))
        return SOME
    return OK


def _run(work: Generator[tuple[int, int], None, T], words: str) -> T:
    """Work to its end, counting on a terminal."""
    show = progress(words)
    while True:
        try:
            show(*next(work))
        except StopIteration as end:
            done: T = end.value
            return done


def _decisions() -> dict[str, str]:
    """Finding → decision in force at the desk.

    Raises:
        Wrong: the desk is there and cannot be read: letters without it would ask for what was
            waived.
    """
    try:
        return {key: review.state for key, review in Desk().reviews().items()}
    except DeskError as error:
        raise Wrong(
            f"复核记录无法读取 reviews cannot be read: {error.place}",
            hint="检查 desk.sqlite check that file", code=NOTHING,
        ) from None  # fmt: skip


def _years(text: str) -> str:
    match = _YEARS.fullmatch(text)
    if not match:
        raise Wrong(f"--years {text}", hint="2024 或 or 2021-2025")
    return f"{match[1]}-{match[2] or match[1]}"


def _office(view: View, text: str) -> str:
    """The one office a text means.

    Raises:
        Wrong: none or several; several are listed.
    """
    found = view.query(queries.named, text, limit=CANDIDATES + 1) if text else None
    if found is None or found.empty:
        raise Wrong(
            f"没有这家机关 no such office: {text!r}",
            hint="用机关编号、名称或区划代码 give its id, name or division code", code=NOTHING,
        )  # fmt: skip
    if len(found) == 1:
        return str(found["office_id"].iloc[0])
    for r in list(rows_of(found))[:CANDIDATES]:
        say(f"  {r.office_id}  {r.name}（{r.place}）")
    more = " …" if len(found) > CANDIDATES else ""
    raise Wrong(
        f"{text!r} 有多家机关 means several offices{more}",
        hint="用机关编号 give one's id",
        code=USAGE,
    )
