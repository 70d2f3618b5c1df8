"""A warehouse of any size without documents: invented offices and figures for measuring.

``python -m etl.scale --reports 1000000 --seed 1 FOLDER`` publishes a build that the dashboard
serves like any other. Its places lie outside the assigned codes and every office is marked as
demonstration data. Rows go straight into the core's shape; schema, marts and publishing are those
of a load (:mod:`etl.warehouse.bulk`). It holds no source files, claims or provenance.
"""

from etl.scale.generate import generate
from etl.scale.places import Country, build_country

__all__ = ["Country", "build_country", "generate"]
