"""The form as data: iterated whole, compared with the domain's own list, and broken on purpose."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from etl.errors import DefinitionError
from etl.form import DATA, load_form, read_form
from etl.recognise.labels import lexicon

FORM = load_form()
SHARED = Path(__file__).parents[2] / ".." / "shared" / "domain" / "forms.json"


@pytest.mark.parametrize("version", FORM.versions)
def test_number_and_order_of_cells(version: str) -> None:
    cells = FORM.cells_of(version)
    assert len(cells) == FORM.tables.forms[version].cells
    assert [c.order[version] for c in cells] == list(range(1, len(cells) + 1))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is not beside this checkout")
@pytest.mark.parametrize("version", FORM.versions)
def test_cells_equal_the_domain_list(version: str) -> None:
    theirs = json.loads(SHARED.read_text(encoding="utf-8"))[version]["cells"]
    ours = [(c.key, c.row_zh[version], c.column_zh[version]) for c in FORM.cells_of(version)]
    assert ours == [(c["key"], c["row_label"], c["col_label"]) for c in theirs]


def test_overlap_of_the_forms() -> None:
    # form.md section 8: 172 keys shared, 26 only in 2019, 28 only in 2021.
    old, new = ({c.key for c in FORM.cells_of(v)} for v in FORM.versions)
    assert (len(old & new), len(old - new), len(new - old)) == (172, 26, 28)


@pytest.mark.parametrize("cell", FORM.cells.values(), ids=lambda c: c.key)
def test_every_cell_has_labels_unit_and_value(cell) -> None:  # type: ignore[no-untyped-def]
    assert cell.row_en and cell.column_en
    assert cell.unit in FORM.tables.units
    assert cell.value in {"count", "change", "amount"}
    assert all(cell.row_zh[f] and cell.column_zh[f] for f in cell.forms)


@pytest.mark.parametrize("table", ["t2", "t3"])
def test_every_label_and_alias_finds_its_row(table: str) -> None:
    words = {"t2": lexicon().t2_rows, "t3": lexicon().t3_rows}[table]
    for row in FORM.rows(table):
        labels = [row.zh] if isinstance(row.zh, str) else list(row.zh.values())
        for label in [*labels, *row.aliases]:
            assert words.match(label) == row.key


def test_five_shares_and_two_grants_are_the_whole() -> None:
    # metrics.md section 7: the five shares + full + partial sum to 1.
    share = [m for m in FORM.metrics.values() if m.share_of == "outcome"]
    cells = [
        cell
        for metric in share
        for key in metric.num
        for term in FORM.quantities[key].terms
        for cell in FORM.term_cells(term)[-1]
    ]
    leaves = {f"t3.{row}.total" for row in FORM.group_rows("result", "2021")}
    assert sorted(cells) == sorted(leaves)


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("tables.yml", lambda d: d["t3"]["rows"][0].update(colour="red"), "colour"),
        ("tables.yml", lambda d: d["t2"]["blocks"][0]["rows"].append("nothing"), "nothing"),
        ("tables.yml", lambda d: d["t4"]["columns"].pop(), "has 195 cells, 198"),
        ("metrics.yml", lambda d: d["metrics"][0]["num"].append("nothing"), "nothing"),
        ("metrics.yml", lambda d: d["quantities"][0]["terms"].append("t3.x.total"), "t3.x.total"),
        ("notes.yml", lambda d: d["annotations"][0].update(affects=["moon"]), "moon"),
    ],
)
def test_a_broken_definition_is_named(tmp_path: Path, file: str, change, words: str) -> None:  # type: ignore[no-untyped-def]
    for path in DATA.glob("*.yml"):
        shutil.copy(path, tmp_path)
    data = yaml.safe_load((tmp_path / file).read_text(encoding="utf-8"))
    change(data)
    (tmp_path / file).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DefinitionError, match=words):
        read_form(tmp_path)


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    for path in DATA.glob("*.yml"):
        shutil.copy(path, tmp_path)
    for file in ("tables.yml", "metrics.yml"):
        data = yaml.safe_load((tmp_path / file).read_text(encoding="utf-8"))
        data["surprise"] = 1
        (tmp_path / file).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DefinitionError) as error:
        read_form(tmp_path)
    assert {line.split(":")[0] for line in error.value.message.splitlines()} == {
        "tables.yml",
        "metrics.yml",
    }
