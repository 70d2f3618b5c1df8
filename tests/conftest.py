"""How the suite is divided among workers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run: a change fails for what it changed, on a busy machine, too. Random
# campaigns have commands of their own (tests.fuzz, tests.variants, tests.hostile).
settings.register_profile(
    "suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Neighbouring tests go to one worker, which makes a module's warehouse or server only once.

    Whoever is done takes half of what the other still has. xdist deals in turn by default: then
    each worker makes every fixture. An asked ``--dist`` holds.
    """
    from xdist.scheduler import WorkStealingScheduling

    if config.getvalue("dist") == "load":
        return WorkStealingScheduling(config, log)
    return None
