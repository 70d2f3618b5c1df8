"""What the checks need to know of the office that reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.form.rules_spec import OfficeKind, OfficeLevel, OfficesSpec


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """An office's level and kind; the admitted words stand in ``etl.form.rules_spec``."""

    level: OfficeLevel
    kind: OfficeKind

    def matches(self, wanted: Sequence[OfficesSpec]) -> bool:
        """Whether any of the descriptions fits; an empty list of levels or kinds fits all."""
        return any(
            (not w.levels or self.level in w.levels) and (not w.kinds or self.kind in w.kinds)
            for w in wanted
        )
