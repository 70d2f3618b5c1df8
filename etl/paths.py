"""Every default path of the product; imports nothing of ours.

Paths are relative to the current working directory, so that a checkout, an installed package and
a test each keep their data where they are run. Environment variables override.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: Names the folder of builds and pointer; read by the dashboard as well.
WAREHOUSE_VARIABLE: Final = "DISCLOSURE_WAREHOUSE"


def default_warehouse() -> Path:
    """``$DISCLOSURE_WAREHOUSE``, else ``data/warehouse`` below the working directory."""
    return Path(os.environ.get(WAREHOUSE_VARIABLE) or Path("data") / "warehouse")


def demo_corpus() -> Path:
    """Where ``disclosure demo`` writes its invented documents."""
    return Path("data") / "demo"


def dashboard_app() -> Path:
    """The dashboard's entry script, installed beside ``etl``."""
    return Path(__file__).resolve().parents[1] / "dashboard" / "app.py"
