"""A figure's data as files: CSV, XLSX, Parquet, JSON, each with what the numbers mean.

Missing stays missing: an empty field in CSV, a dash in a table for readers, null elsewhere.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import zipfile
from io import BytesIO, StringIO
from typing import Any, Final

import pandas as pd

from dashboard import formats
from dashboard.export.base import Item, metadata
from dashboard.export.safe import clean, filename, safe, unique

BOM: Final = "\ufeff"
#: A fixed time in archives: the same figures give the same bytes.
_STAMP: Final = (2020, 1, 1, 0, 0, 0)


def csv(frame: pd.DataFrame, notes: tuple[str, ...] = ()) -> bytes:
    """A CSV with byte-order mark; ``notes`` (what, source) stand below the rows."""
    columns = [frame.iloc[:, n] for n in range(frame.shape[1])]
    # As objects: whole numbers beside a missing one would come out as 804.0.
    kept = [pd.Series([safe(v) for v in column], dtype=object) for column in columns]
    table = pd.concat(kept, axis=1) if kept else pd.DataFrame()
    table.columns = pd.Index([safe(str(name)) for name in frame.columns])
    text = table.to_csv(index=False, lineterminator="\r\n")
    for note in notes:
        quoted = str(safe(note)).replace('"', '""')
        text += f'"{quoted}"\r\n'
    return (BOM + text).encode("utf-8", errors="replace")


def shown(item: Item) -> pd.DataFrame:
    """The figures as a reader sees them."""
    return item.figure.twin.frame.reset_index(drop=True)


def raw(item: Item) -> pd.DataFrame:
    """The values themselves, machine names; the twin where a figure has no raw data.

    Days are dates: pandas has them as moments at midnight, which no reader asked for.
    """
    frame = item.figure.data
    frame = shown(item).copy() if frame is None else frame.reset_index(drop=True)
    days = [
        name
        for name in frame.select_dtypes("datetime")
        if (frame[name].dropna() == frame[name].dropna().dt.normalize()).all()
    ]
    return frame.assign(**{str(name): _days(frame[name]) for name in days})


def _days(moments: pd.Series) -> pd.Series:
    """Moments at midnight as dates, ``None`` for nothing."""
    found = [None if pd.isna(v) else v.date() for v in moments]
    return pd.Series(found, moments.index, dtype=object)


def plain(value: Any) -> Any:
    """A value as JSON has it: ``None`` for nothing, whole numbers whole, dates as ISO text."""
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, str):
        return clean(value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    if isinstance(value, float):
        return None if not math.isfinite(value) else int(value) if value.is_integer() else value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    try:
        number = float(value)  # Decimal
    except (TypeError, ValueError):
        return clean(value)
    return plain(number)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as JSON records."""
    names = [str(c) for c in frame.columns]
    rows = frame.itertuples(index=False, name=None)
    return [dict(zip(names, map(plain, row), strict=True)) for row in rows]


def as_json(item: Item, today: dt.date | None = None) -> bytes:
    """Metadata and rows in one object."""
    found = {"metadata": metadata(item, today), "data": records(raw(item))}
    return json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8")


def as_parquet(item: Item, today: dt.date | None = None) -> bytes:
    """The raw values; the metadata is in the file's own key-value metadata (``disclosure``)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = raw(item).rename(columns=str)
    for name in [c for c in frame if pd.api.types.is_object_dtype(frame[c])]:
        if not all(v is None or isinstance(v, dt.date) for v in frame[name]):
            frame[name] = _one_type([plain(v) for v in frame[name]])
    table = pa.Table.from_pandas(frame, preserve_index=False)
    note = json.dumps(metadata(item, today), ensure_ascii=False).encode("utf-8")
    kept = table.schema.metadata or {}
    out = BytesIO()
    pq.write_table(table.replace_schema_metadata({**kept, b"disclosure": note}), out)
    return out.getvalue()


def _one_type(values: list[Any]) -> list[Any]:
    """A column of one type: texts where numbers and texts or lists are mixed."""
    kinds = {type(v) for v in values if v is not None}
    if kinds <= {int, float}:
        return [None if v is None else float(v) for v in values] if float in kinds else values
    if len(kinds) <= 1 and not kinds & {list, dict}:
        return values
    return [
        v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values
    ]


def as_csv(item: Item, today: dt.date | None = None) -> bytes:
    """A ZIP: the table as shown, the raw values, and what they mean."""
    t, title, build = item.view.t, item.heading, item.view.build.id
    table = shown(item).map(lambda v: "" if v == formats.MISSING else v)
    note = json.dumps(metadata(item, today), ensure_ascii=False, indent=1).encode("utf-8")
    files = [
        (filename(title, t("export.part_table"), build), csv(table)),
        (filename(title, t("export.part_data"), build), values_csv(item)),
        (filename(title, t("export.part_notes"), build, ending="json"), note),
    ]
    return archive(files)


def values_csv(item: Item) -> bytes:
    """The raw values under their machine names as one CSV file."""
    return csv(_flat(raw(item)))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Values CSV can hold: whole numbers without ``.0``, lists as JSON."""

    def one(value: Any) -> Any:
        found = plain(value)
        return json.dumps(found, ensure_ascii=False) if isinstance(found, list | dict) else found

    return pd.DataFrame(
        {str(c): pd.Series([one(v) for v in frame[c]], dtype=object) for c in frame.columns}
    )


def archive(files: list[tuple[str, bytes]]) -> bytes:
    """A ZIP of files with safe, distinct names; equal content gives equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (_, content) in zip(unique([n for n, _ in files]), files, strict=True):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
    return out.getvalue()


def as_text(item: Item, today: dt.date | None = None) -> str:
    """The metadata as lines a person reads."""
    found = metadata(item, today)
    out = StringIO()
    for key, value in found.items():
        if value not in (None, "", [], {}):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            out.write(f"{key}: {text}\n")
    return out.getvalue()
