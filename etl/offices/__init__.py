"""Who publishes reports: divisions, offices, names → office, years, scope, lineage.

>>> from etl.offices import Candidate, Registry, Source, resolve
>>> title = Candidate("沭阳县发改局2023年政府信息公开工作年度报告", Source.TITLE)
>>> found = resolve(Registry.load(), [title])
>>> found.name, found.office.office_id
('沭阳县发展和改革局', '321322-development_reform')
"""

from etl.offices.evidence import Candidate, Source
from etl.offices.lineage import Lineage, Link
from etl.offices.model import Division, Kind, Level, Office
from etl.offices.overrides import Override, load_overrides
from etl.offices.parse import ParsedName, Reading, parse_name
from etl.offices.registry import Registry, read_extra_divisions
from etl.offices.resolve import Confidence, Context, Resolution, resolve
from etl.offices.scope import infer_scope
from etl.offices.titles import extract_office_name, is_report_title
from etl.offices.year import YearResolution, find_year, year_of_period

__all__ = [
    "Candidate",
    "Confidence",
    "Context",
    "Division",
    "Kind",
    "Level",
    "Lineage",
    "Link",
    "Office",
    "Override",
    "ParsedName",
    "Reading",
    "Registry",
    "Resolution",
    "Source",
    "YearResolution",
    "extract_office_name",
    "find_year",
    "infer_scope",
    "is_report_title",
    "load_overrides",
    "parse_name",
    "read_extra_divisions",
    "resolve",
    "year_of_period",
]
