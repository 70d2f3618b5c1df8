"""URL ⇄ Filters."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import LANGUAGES, SCOPES, Filters, Selection, from_params, to_params

WORDS = st.from_regex(r"[\w.\-]{1,20}", fullmatch=True)
LISTS = st.lists(WORDS, max_size=3, unique=True).map(tuple)
YEARS = st.none() | st.tuples(st.integers(1990, 2100), st.integers(1990, 2100)).map(
    lambda pair: (min(pair), max(pair))
)
SELECTIONS = st.builds(
    Selection,
    region=st.just("") | WORDS,
    years=YEARS,
    levels=LISTS,
    kinds=LISTS,
    balanced=st.booleans(),
    ok_only=st.booleans(),
    scope=st.sampled_from(SCOPES),
)
TEXT = st.just("") | WORDS
TYPED = st.text(max_size=40).map(lambda s: s.encode("utf-8", "ignore").decode().strip())
FILTERS = st.builds(
    Filters,
    selection=SELECTIONS,
    families=st.dictionaries(WORDS, WORDS, max_size=3).map(lambda d: tuple(sorted(d.items()))),
    lang=st.sampled_from(LANGUAGES),
    build=TEXT,
    office=TEXT,
    offices=LISTS,
    report=TEXT,
    cell=TEXT,
    metric=TEXT,
    year=TEXT,
    why=TEXT,
    query=TYPED,
    tab=TEXT,
    finding=TEXT,
    status=TEXT,
    severity=TEXT,
    find=TYPED,
    mark=TYPED,
)


@given(FILTERS)
def test_every_view_survives_its_own_link(filters: Filters) -> None:
    url = urlencode(to_params(filters))
    assert from_params(dict(parse_qsl(url))) == filters


NAMES = ("lang", "region", "years", "level", "def", "ok", "build", "scope", "cell", "offices")


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=60)))
def test_any_link_is_understood_or_ignored_never_an_error(params: dict[str, str]) -> None:
    filters = from_params(params)
    assert from_params(to_params(filters)) == filters


def test_defaults_make_a_short_link_and_language_always_stands() -> None:
    assert to_params(Filters()) == {"lang": "zh"}


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "a'; DROP TABLE x", "<script>", "a b"])
def test_keys_in_a_link_cannot_carry_anything_but_a_word(hostile: str) -> None:
    found = from_params({"build": hostile, "region": hostile, "level": hostile, "report": hostile})
    assert found == Filters()


def test_years_are_put_in_order_and_must_be_years() -> None:
    assert from_params({"years": "2025-2021"}).selection.years == (2021, 2025)
    assert from_params({"years": "2024"}).selection.years == (2024, 2024)
    assert from_params({"years": "21-25"}).selection.years is None


def test_nothing_opened_goes_along_to_another_page() -> None:
    filters = replace(Filters(lang="en", build="b"), office="o", cell="c", query="q", tab="t")
    assert filters.without_open() == Filters(lang="en", build="b")
