"""``disclosure dossier`` and ``disclosure letters``: arguments, exit codes, whole files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from dashboard import command, commands_office
from dashboard.desk import Desk, Finding
from dashboard.export.letters import Order, offices
from etl import cli


@pytest.fixture(autouse=True)
def here(warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCLOSURE_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("DISCLOSURE_DESK", str(tmp_path / "desk.sqlite"))
    monkeypatch.chdir(tmp_path)


def wrong(run: Any, **options: Any) -> command.Wrong:
    with pytest.raises(command.Wrong) as caught:
        run(options)
    return caught.value


def test_an_office_by_id_name_or_part_and_several_are_listed(
    open_view: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    view = open_view("profile")
    assert commands_office._office(view, "o-p0") == "o-p0"
    assert commands_office._office(view, "澜川省人民政府办公厅") == "o-p0"
    assert commands_office._office(view, "省政府办公厅") == "o-p0"
    assert commands_office._office(view, "省自然资源") == "o-p1"
    several = wrong(commands_office.dossier, office="人民政府")
    assert several.code == command.USAGE
    listed = capsys.readouterr().err
    assert "o-p0" in listed
    assert "澜川省人民政府办公厅" in listed
    assert listed.count("\n") > 2
    nobody = wrong(commands_office.dossier, office="没有这家机关")
    assert nobody.code == command.NOTHING
    assert wrong(commands_office.dossier, office="").code == command.NOTHING
    elsewhere = wrong(commands_office.letters, out="a.zip", filters="region=123456")
    assert "123456" in str(elsewhere)
    assert elsewhere.code == command.NOTHING


@pytest.mark.parametrize("years", ["2o24", "24", "2024-", "=1"])
def test_years_that_are_none(years: str) -> None:
    assert wrong(commands_office.dossier, office="o-p0", years=years).code == command.USAGE


def test_a_format_that_is_not_made_or_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for out in ("a.txt", "a", str(tmp_path / "no" / "a.pdf")):
        assert wrong(commands_office.dossier, office="o-p0", out=out).code == command.USAGE


@pytest.mark.usefixtures("undrawn")
def test_the_dossier_is_written_whole(tmp_path: Path) -> None:
    options = {"office": "o-p0", "years": "2022-2023", "out": "a.pdf", "lang": "en"}
    assert commands_office.dossier(options) == command.OK
    pages = pypdfium2.PdfDocument((tmp_path / "a.pdf").read_bytes())
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert "澜川省人民政府办公厅" in text
    assert "2022" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf"]


def test_letters_of_the_filters_without_what_was_waived(open_view: Any, tmp_path: Path) -> None:
    view = open_view("quality")
    assert commands_office.letters({"out": "a.zip"}) == command.OK
    every = _entries(tmp_path / "a.zip")
    assert len(every) == len(offices(view, Order())) + 1
    row = view.query(_findings(), view.selection, tuple(offices(view, Order())["office_id"]))
    first = row.iloc[0]
    alone = row[row["office_id"] == first["office_id"]]
    Desk().review(
        [Finding(i, first["office_id"], int(first["year"]), "T3-SUM", "") for i in
         alone["finding_id"]], "waived", reason="x",
    )  # fmt: skip
    assert commands_office.letters({"out": "b.zip", "lang": "en"}) == command.OK
    assert len(_entries(tmp_path / "b.zip")) == len(every) - 1
    nothing = wrong(commands_office.letters, out="c.zip", filters="region=999999")
    assert nothing.code == command.NOTHING
    assert wrong(commands_office.letters, out="c.zip", filters="years=x").code == command.USAGE
    assert not (tmp_path / "c.zip").exists()


def _findings() -> Any:
    from dashboard.queries import letters

    return letters.findings


def _entries(path: Path) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        return packed.namelist()


def test_a_desk_that_cannot_be_read_stops_letters(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_bytes(b"not a desk" * 200)
    assert wrong(commands_office.letters, out="a.zip").code == command.NOTHING


def test_the_child_process_hands_on_its_exit_code(
    warehouse: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = cli._run(["dossier", "没有这家机关", "--warehouse", str(warehouse)])
    assert code == cli.NOTHING_DONE
    said = capfd.readouterr().err
    assert "没有这家机关" in said
    assert "Traceback" not in said
