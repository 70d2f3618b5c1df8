"""Every named query has an example that runs, for every kind of selection and viewer."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from dashboard.db import Database
from dashboard.queries import examples
from dashboard.queries.base import Viewer


@pytest.fixture(scope="module")
def of(db: Database) -> examples.Sample:
    return examples.sample(db)


def test_no_query_is_forgotten(of: examples.Sample) -> None:
    found = {example.name for example in examples.examples(of)}
    assert found == examples.public().keys()
    assert set(examples.ARGUMENTS) <= found
    assert {"series.by_year", "roster.board", "profile.provenance", "meta.load"} <= found


def test_every_example_answers(db: Database, of: examples.Sample) -> None:
    answers = {(e.name, e.variant): e.call(db) for e in examples.examples(of)}
    assert len(answers["series.by_year", "everything"]) == 7 * len(examples.METRICS)
    assert answers["offices.one", ""] == of.office


def test_a_query_depends_on_no_more_of_a_selection_than_it_says(
    db: Database, of: examples.Sample
) -> None:
    """Given the whole selection it answers as given the parts it names."""
    marked = set()
    for e in examples.examples(of):
        function, *given = e.call.args  # type: ignore[attr-defined]
        if not hasattr(function, "parts"):
            continue
        marked.add(e.name)
        answer, whole = e.call(db), e.call.func(function.__wrapped__, *given, db)  # type: ignore[attr-defined]
        same = answer.equals(whole) if isinstance(answer, pd.DataFrame) else answer == whole
        assert same, (e.name, e.variant)
    assert {"roster.board", "quality.continuity", "profile.history"} <= marked


def test_a_viewer_of_nothing_gets_nothing(db: Database, of: examples.Sample) -> None:
    """Nothing but definitions and rejected documents is the same for everybody."""
    for e in examples.examples(of, Viewer(frozenset())):
        answer = e.call(db)
        if isinstance(answer, pd.DataFrame) and e.name != "roster.arrivals":
            counted = answer.select_dtypes("number").drop(columns="year", errors="ignore")
            assert answer.empty or not counted.fillna(0).to_numpy().any(), (e.name, e.variant)


def test_many_threads_ask_one_database(db: Database, of: examples.Sample) -> None:
    """Twenty readers at once get what one reader alone gets."""
    calls = [e for e in examples.examples(of) if e.variant in ("", "everything")]
    alone = [e.call(db) for e in calls]
    wrong: list[str] = []

    def ask(start: int) -> None:
        for i in range(5):
            n = (start * 5 + i) % len(calls)
            answer = calls[n].call(db)
            same = (
                answer.equals(alone[n]) if isinstance(answer, pd.DataFrame) else answer == alone[n]
            )
            if not same:
                wrong.append(calls[n].name)

    def guarded(start: int) -> None:
        try:
            ask(start)
        except Exception as error:  # an error in a thread would pass unseen
            wrong.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
