"""Archives: names in any encoding, nothing unsafe, one bad member spoils no other."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from etl.errors import RejectedDocument
from etl.read.archive import members
from etl.read.limits import Limits
from tests.read_binary.package_maker import zipped


def outcome(data: bytes | Path, limits: Limits | None = None) -> dict[str, bytes | str]:
    """Member name → its bytes, or the code it was refused with."""
    return {
        name: content.code if isinstance(content, RejectedDocument) else content
        for name, content in members(data, "a.zip", limits or Limits())
    }


def test_plain_members_and_litter(tmp_path: Path) -> None:
    data = zipped(
        {
            "局/报告.html": b"<p>",
            "__MACOSX/._x": b"m",
            ".DS_Store": b"d",
            "~$x.docx": b"l",
            "d/": b"",
        }
    )
    assert outcome(data) == {"局/报告.html": b"<p>"}
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert outcome(path) == {"局/报告.html": b"<p>"}


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_without_the_utf8_flag(encoding: str) -> None:
    name = "某某局2023年.docx"
    stand_in = "x" * len(name.encode(encoding))
    data = zipped({stand_in: b"1"}).replace(stand_in.encode(), name.encode(encoding))
    assert outcome(data) == {name: b"1"}


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "C:/x", "C:\\x", "..\\x"])
def test_paths_outside(name: str) -> None:
    result = outcome(zipped({name: b"1", "好.txt": b"2"}))
    assert sorted(map(str, result.values())) == sorted(["archive_unsafe", str(b"2")])


def test_links() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("ok.txt", "1")
    assert outcome(buffer.getvalue()) == {"link.txt": "archive_unsafe", "ok.txt": b"1"}


def test_bomb_by_ratio_and_the_rest_goes_on() -> None:
    data = zipped({"bomb.txt": bytes(32 * 1024 * 1024), "ok.txt": b"1"})
    assert outcome(data) == {"bomb.txt": "archive_unsafe", "ok.txt": b"1"}


def test_bomb_by_total_size() -> None:
    data = zipped({f"{i}.txt": bytes(200_000) for i in range(20)})
    with pytest.raises(RejectedDocument) as caught:
        outcome(data, Limits(max_unpacked=1_000_000))
    assert caught.value.code == "archive_unsafe"


def test_nested_archives_share_the_budget_and_end() -> None:
    inner = zipped({"x.txt": b"1"})
    assert outcome(zipped({"n.zip": inner})) == {"n.zip/x.txt": b"1"}
    deeper = zipped({"m.zip": zipped({"n.zip": inner})})
    assert outcome(deeper) == {"m.zip/n.zip": "archive_unsafe"}
    many = zipped({f"{i}.zip": zipped({"x.txt": bytes(60_000)}) for i in range(9)})
    result = outcome(many, Limits(max_unpacked=200_000))
    assert set(result.values()) == {bytes(60_000), "archive_unsafe"}
    assert sum(isinstance(v, bytes) for v in result.values()) <= 3


def test_declared_size_is_the_most_that_is_unpacked() -> None:
    data = bytearray(zipped({"x.txt": bytes(100_000)}))
    # Lie in both directories: 10 bytes instead of 100,000.
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(mark) + at
        data[start : start + 4] = (10).to_bytes(4, "little")
    [content] = outcome(bytes(data)).values()
    assert content == "corrupt" or len(content) <= 10


def test_encrypted_member_and_too_many_members() -> None:
    data = bytearray(zipped({"x.txt": b"1"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1
    assert outcome(bytes(data)) == {"x.txt": "encrypted"}
    with pytest.raises(RejectedDocument) as caught:
        outcome(zipped({f"{i}": b"" for i in range(11)}), Limits(max_members=10))
    assert caught.value.code == "archive_unsafe"


def test_too_large_member_and_no_archive() -> None:
    assert outcome(zipped({"x": bytes(2_000)}), Limits(max_bytes=1_000)) == {"x": "too_large"}
    with pytest.raises(RejectedDocument) as caught:
        outcome(b"PK nothing")
    assert caught.value.code == "corrupt"
