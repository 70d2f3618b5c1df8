"""Writing the corpus: the same again, a prefix of a longer one, and nobody else's files."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

import pytest

from etl.demo import write_corpus
from etl.demo.corpus import TRUTH_FOLDER, all_reports
from etl.errors import UsageError
from etl.offices.registry import read_extra_divisions

N = 180


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def truth(folder: Path) -> list[dict[str, object]]:
    text = (folder / TRUTH_FOLDER / "truth.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    summary = write_corpus(folder, reports=N)
    assert summary.n_reports == N
    assert summary.n_written == len(tree(folder)) - 1  # the marker counts itself not
    return folder


def test_every_document_has_its_truth_and_place(corpus: Path) -> None:
    lines = truth(corpus)
    files = [str(line["file"]) for line in lines]
    assert len(set(files)) == len(files) == N
    for line in lines:
        path = corpus / str(line["file"])
        assert path.stat().st_size > 1000
        assert 2 <= len(Path(str(line["file"])).parts) <= 4
    assert any(len(Path(f).parts) == 4 for f in files)
    assert {line["year"] for line in lines} == set(range(2019, 2026))


def test_a_second_call_touches_nothing(corpus: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in corpus.rglob("*")}
    assert write_corpus(corpus, reports=N).n_written == 0
    assert {p: p.stat().st_mtime_ns for p in corpus.rglob("*")} == before


def test_missing_and_spoilt_files_are_written_again_and_foreign_ones_left(tmp_path: Path) -> None:
    write_corpus(tmp_path, reports=20)
    files = [str(line["file"]) for line in truth(tmp_path)]
    (tmp_path / files[0]).unlink()
    (tmp_path / files[1]).write_bytes(b"spoilt")
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    assert write_corpus(tmp_path, reports=20).n_written == 2
    assert mine.read_text() == "mine"


def test_fewer_reports_are_the_beginning_and_remove_the_rest(corpus: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path, reports=40)
    longer, shorter = truth(corpus), truth(tmp_path)
    assert shorter == longer[:40]
    for line in shorter:
        name = str(line["file"])
        assert (tmp_path / name).read_bytes() == (corpus / name).read_bytes()
    write_corpus(tmp_path, reports=10)
    left = {name for name in tree(tmp_path) if name.count("/") and TRUTH_FOLDER not in name}
    assert left == {str(line["file"]) for line in shorter[:10]}


def test_other_seeds_give_other_corpora(tmp_path: Path) -> None:
    write_corpus(tmp_path / "a", seed=1, reports=5)
    write_corpus(tmp_path / "b", seed=2, reports=5)
    assert tree(tmp_path / "a").keys().isdisjoint({str(x["file"]) for x in truth(tmp_path / "b")})


def test_side_files_are_what_the_registry_and_the_roster_need(corpus: Path) -> None:
    places = read_extra_divisions(corpus / "divisions.csv")
    assert {p.code_system for p in places} == {"demo"}
    with (corpus / "roster.csv").open(encoding="utf-8", newline="") as stream:
        roster = list(csv.DictReader(stream))
    assert all(row["office_id"] and row["due"] for row in roster)
    reported = {(line["office"], str(line["year"])) for line in truth(corpus)[: N - 10]}
    assert reported <= {(row["office"], row["year"]) for row in roster}


def test_more_than_one_province_continues_with_other_codes() -> None:
    found = islice(all_reports(2026), 4100, 4400)
    indexes = [made.index for made, _, _ in found]
    assert indexes[0] == 0
    assert indexes[-1] == 1


@pytest.mark.parametrize("reports", [0, -3, 10**6])
def test_nonsense_counts_are_refused(tmp_path: Path, reports: int) -> None:
    with pytest.raises(UsageError, match="不能生成"):
        write_corpus(tmp_path, reports=reports)
    assert list(tmp_path.iterdir()) == []
