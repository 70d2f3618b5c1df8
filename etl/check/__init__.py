"""Holds a parsed report against the rules: findings with both values, both places and advice.

Pure: reported values in, findings out. Nothing is repaired, nothing stored, nothing read from disk
but the rules themselves (``etl.form.rules.load_rules``). Rules that need several years or offices
are declared in the same file and evaluated over the warehouse.
"""

from etl.check.duplicates import Duplicate, duplicate_findings
from etl.check.engine import check_report
from etl.check.office import OfficeFacts
from etl.check.repair import RepairHint, suggest

__all__ = [
    "Duplicate",
    "OfficeFacts",
    "RepairHint",
    "check_report",
    "duplicate_findings",
    "suggest",
]
