"""Long work beside a page: progress, cancel, bounds; its three uses on the pages."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import jobs
from dashboard.desk import Desk
from dashboard.i18n import catalogue

APP = str(Path(dashboard.__file__).parent / "app.py")
OFFICE = "o-990100b"


def test_cancelling_stops_the_work_itself() -> None:
    steps: list[int] = []
    started = threading.Event()

    def work(progress: jobs.Progress) -> str:
        for n in range(10_000):
            progress(n, 10_000)
            steps.append(n)
            started.set()
            time.sleep(0.005)
        return "made"

    job = jobs.Job(work)
    assert started.wait(20)
    job.cancel()
    job.wait(20)
    assert job.state == "cancelled"
    assert job.result is None
    after = len(steps)
    time.sleep(0.05)
    assert len(steps) == after < 10_000


def test_work_that_fails_is_told_and_others_go_on() -> None:
    def broken(progress: jobs.Progress) -> str:
        raise ValueError("x")

    failed = [jobs.Job(broken) for _ in range(jobs.AT_ONCE + 1)]
    for job in failed:
        job.wait(20)
    assert {job.state for job in failed} == {"failed"}
    fine = jobs.Job(lambda progress: "made")
    fine.wait(20)
    assert (fine.state, fine.result) == ("done", "made")


def test_more_work_than_the_machine_takes_waits_and_can_be_cancelled() -> None:
    release = threading.Event()

    def held(progress: jobs.Progress) -> str:
        assert release.wait(30)
        return "made"

    busy = [jobs.Job(held) for _ in range(jobs.AT_ONCE)]
    while not all(job.state == "running" for job in busy):
        time.sleep(0.01)
    waiting = jobs.Job(held)
    assert waiting.state == "waiting"
    waiting.cancel()
    waiting.wait(20)
    assert waiting.state == "cancelled"
    release.set()
    for job in busy:
        job.wait(20)
        assert job.state == "done"


def test_work_is_refused_where_too_much_waits() -> None:
    release = threading.Event()

    def held(progress: jobs.Progress) -> str:
        assert release.wait(30)
        return "made"

    held_jobs = [jobs.Job(held) for _ in range(jobs.AT_ONCE + jobs.MOST_WAITING)]
    refused = jobs.Job(held)
    refused.wait(1)
    assert (refused.state, refused.running, refused.result) == ("refused", False, None)
    release.set()
    for job in held_jobs:
        job.wait(30)
    assert {job.state for job in held_jobs} == {"done"}
    fine = jobs.Job(lambda progress: "made")
    fine.wait(20)
    assert fine.state == "done"


def test_work_nobody_looks_at_stops() -> None:
    def work(progress: jobs.Progress) -> str:
        for n in range(10_000):
            progress(n, 10_000)
            time.sleep(0.005)
        return "made"

    left = jobs.Job(work, lease=0.1)
    left.wait(30)
    assert (left.state, left.result) == ("cancelled", None)
    watched = jobs.Job(work, lease=0.5)
    while watched.done < 200:
        watched.look()
        time.sleep(0.01)
    assert watched.state == "running"
    watched.cancel()
    watched.wait(20)


def test_a_generator_reports_and_is_closed_when_cancelled() -> None:
    closed = threading.Event()

    def steps() -> Iterator[tuple[int, int]]:
        try:
            yield 1, 2
            yield 2, 2
        finally:
            closed.set()
        return "made"

    seen: list[tuple[int, int]] = []
    assert jobs.stepped(steps)(lambda done, total: seen.append((done, total))) == "made"
    assert seen == [(1, 2), (2, 2)]
    closed.clear()

    def cancelled(done: int, total: int) -> None:
        raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        jobs.stepped(steps)(cancelled)
    assert closed.is_set()


# ---------------------------------------------------------------- on the pages


Open = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, warehouses: dict[str, Path], tmp_path: Path) -> Open:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(warehouses["demo"]))
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "desk.sqlite"))

    def run(page: str, **params: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params.update({"lang": "zh", **params})
        app.switch_page(f"app_pages/{page}.py")
        return checked(app.run())

    return run


def checked(app: AppTest) -> AppTest:
    assert not app.exception, [e.value for e in app.exception]
    return app


def ended(app: AppTest, slot: str) -> jobs.Job[Any]:
    _, job = app.session_state[f"do_job_{slot}"]
    job.wait(120)
    checked(app.run())
    assert isinstance(job, jobs.Job)
    return job


def keys(app: AppTest) -> list[str]:
    return [str(b.key) for b in app.button]


def test_a_dossier_is_made_and_reviews_are_read_only_when_asked(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    reviews = Desk.reviews

    def counted(self: Desk, finding_ids: Any = None) -> Any:
        read.append(finding_ids)
        return reviews(self, finding_ids)

    monkeypatch.setattr(Desk, "reviews", counted)
    app = open_page("profile", office=OFFICE)
    assert None not in read
    checked(app.button(key="do_dossier_make").click().run())
    job = ended(app, "dossier")
    assert job.state == "done", job.error
    assert read.count(None) == 1
    assert {k: v[1][:4] for k, v in job.result.files.items()} == {
        "docx": b"PK\x03\x04", "pdf": b"%PDF",
    }  # fmt: skip
    assert len(app.get("download_button")) >= 2
    assert "do_dossier_make" not in keys(app)


def test_a_dossier_without_the_reviews_is_refused_in_words(open_page: Open, tmp_path: Path) -> None:
    app = open_page("profile", office=OFFICE)
    (tmp_path / "desk.sqlite").write_bytes(b"no desk at all" * 100)
    checked(app.button(key="do_dossier_make").click().run())
    assert ended(app, "dossier").state == "failed"
    assert any(catalogue()["letters.no_desk"]["zh"] in e.value for e in app.error)
    assert any(c.value.startswith(str(tmp_path)) for c in app.code)
    assert "do_dossier_make" in keys(app)


def test_letters_are_made_beside_the_page(open_page: Open) -> None:
    app = open_page("quality")
    checked(app.button(key="do_letters_make").click().run())
    job = ended(app, "letters")
    assert job.state == "done", job.error
    with zipfile.ZipFile(BytesIO(job.result.archive)) as packed:
        assert len(packed.namelist()) == job.result.made + 1 > 1
    assert list(app.get("download_button"))
    checked(app.button(key="do_letters_again").click().run())
    assert "do_letters_make" in keys(app)


def test_progress_and_cancel_are_on_the_page(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def held(*_: Any, **__: Any) -> Iterator[tuple[int, int]]:
        yield 1, 4
        assert release.wait(60)
        yield 2, 4

    monkeypatch.setattr("dashboard.export.dossier.files", held)
    app = open_page("profile", office=OFFICE)
    checked(app.button(key="do_dossier_make").click().run())
    _, job = app.session_state["do_job_dossier"]
    while job.done < 1:
        time.sleep(0.01)
    checked(app.run())
    assert "do_dossier_make" not in keys(app)
    checked(app.button(key="do_cancel").click().run())
    release.set()
    assert ended(app, "dossier").state == "cancelled"
    assert [i.value for i in app.info] == [catalogue()["job.cancelled"]["zh"]]
    assert "do_dossier_make" in keys(app)
