"""Charts held against the Vega-Lite schema, as Altair ships it.

Altair itself checks with Python, every part once for itself and once for each part around it: 0.6 s
a chart, two minutes of this suite. The same schema in jsonschema-rs takes under a millisecond.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair
import jsonschema_rs
from altair.vegalite import schema as current

from dashboard.charts.grammar import Drawing

Invalid = jsonschema_rs.ValidationError


def valid(drawing: Drawing) -> dict[str, Any]:
    """The specification of a chart.

    Raises:
        Invalid: it is no valid Vega-Lite.
    """
    _schema().validate(drawing.spec)
    return drawing.spec


@cache
def _schema() -> jsonschema_rs.Draft7Validator:
    version = current.SCHEMA_VERSION.partition(".")[0]
    folder = Path(altair.__file__).parent / "vegalite" / version / "schema"
    whole = _addressed(json.loads((folder / "vega-lite-schema.json").read_text("utf-8")))
    return jsonschema_rs.Draft7Validator({**whole, "$ref": "#/definitions/TopLevelLayerSpec"})


def _addressed(part: Any) -> Any:
    """The schema with its references as addresses: it names types like ``Def<(a|b)>``."""
    if isinstance(part, dict):
        return {
            key: quote(found, safe="#/") if key == "$ref" else _addressed(found)
            for key, found in part.items()
        }
    return [_addressed(one) for one in part] if isinstance(part, list) else part
