"""The words of a demo report: our own sentences around the report's counts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from etl.report import Number

_DIGITS = "零一二三四五六七八九"


@cache
def sentences() -> dict[str, list[str]]:
    """The sentence lists of ``data/narrative.yml``."""
    text = (Path(__file__).parent / "data" / "narrative.yml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = yaml.safe_load(text)
    return loaded


def chinese_number(n: int) -> str:
    """0–99 in Chinese numerals: 12 → 十二, 30 → 三十."""
    tens, ones = divmod(n, 10)
    if not 0 <= n <= 99:
        raise ValueError(f"{n} is outside 0-99")
    head = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return head + (_DIGITS[ones] if ones or not tens else "")


def write_sections(
    office: str,
    year: int,
    scope: str,
    figures: Mapping[str, Number],
    rng: random.Random,
    *,
    contradict: bool = False,
) -> dict[str, tuple[str, ...]]:
    """Preface and sections ``s1``, ``s5``, ``s6``; s2 to s4 are tables only.

    ``contradict`` makes the sentence on applications disagree with table 3.
    """
    fields = _fields(office, year, figures, rng, contradict)

    def say(key: str) -> str:
        return rng.choice(sentences()[key]).format_map(fields)

    preface = {"region": "preface_region", "system": "preface_system"}.get(scope, "preface")
    first: list[str] = []
    for topic in ("open", "request", "manage", "platform", "oversee"):
        first.append(say(f"{topic}_heading"))
        if topic != "request":
            first.append(say(topic))
            continue
        first.append(say(_request_key(fields, rng)))
        disputed = fields["review"] or fields["suits"]
        first.append(say("dispute" if disputed else "dispute_none"))
    fee = "before_2021" if year < 2021 else ("fee_some" if fields["fee_yuan"] else "fee_none")
    return {
        "preface": (say(preface),),
        "s1": tuple(first),
        "s5": _problems(rng),
        "s6": (say(fee),),
    }


def _problems(rng: random.Random) -> tuple[str, str]:
    """Section five: one paragraph of problems, one of remedies."""
    paragraphs = []
    for part in ("problem", "remedy"):
        first, second = rng.sample(sentences()[f"{part}_clause"], 2)
        opening = rng.choice(sentences()[f"{part}_open"])
        paragraphs.append(f"{opening}{first}；{second}。")
    return paragraphs[0], paragraphs[1]


def _request_key(fields: Mapping[str, object], rng: random.Random) -> str:
    received, carried = fields["received"], fields["carried_in"]
    if not received and not carried:
        return "request_none"
    # A sentence without 结转 is only true where nothing was carried.
    small = fields["received"] == fields["handled"] and not carried
    small = small and int(str(received)) <= 30
    return "request_small" if small and rng.random() < 0.5 else "request"


def _fields(
    office: str, year: int, figures: Mapping[str, Number], rng: random.Random, contradict: bool
) -> dict[str, object]:
    def total(key: str) -> int:
        return int(figures.get(key, 0))

    received = total("t3.received_new.total")
    if contradict:
        received += rng.randint(1, 9)
    handled, carried = total("t3.handled_total.total"), total("t3.carried_in.total")
    published = rng.randint(40, 900)
    policies = rng.randint(1, published // 4)
    unpaid = rng.random() < 0.02 and received > 20
    region = office.removesuffix("人民政府")
    return {
        "office": office, "year": year, "region": region, "unit": region[-1:],
        "published": published, "policies": policies, "news": published - policies,
        "readings": rng.randint(1, 24), "trainings": rng.randint(1, 4),
        "received": received, "carried_in": carried, "accepted": received + carried,
        "handled": handled, "carried_out": total("t3.carried_out.total"),
        "received_zh": chinese_number(min(received, 99)),
        "handled_zh": chinese_number(min(handled, 99)),
        "review": total("t4.review.total"),
        "suits": total("t4.lit_direct.total") + total("t4.lit_after_review.total"),
        "fee_cases": 1, "fee_yuan": rng.choice((100, 380, 700)) if unpaid else 0,
    }  # fmt: skip
