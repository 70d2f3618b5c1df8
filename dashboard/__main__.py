"""``python -m dashboard COMMAND JSON``: the process of one command, see :mod:`dashboard.cli`."""

from __future__ import annotations

import signal


def main() -> None:
    """Run it; Ctrl-C while a second of imports goes on ends it without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dashboard.cli import script

    script()


if __name__ == "__main__":
    main()
