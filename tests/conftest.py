"""How the suite is divided among workers."""

from __future__ import annotations

from typing import Any

import pytest


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
