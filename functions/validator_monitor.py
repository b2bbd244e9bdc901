"""Lambda: one run of the validator monitor. Errors are raised, for retries, the failure queue and alarms."""

from __future__ import annotations

from typing import Any


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Whatever the event says; the record of the run.

    :raises SettingsError, DependencyFailed: see ``sparta.monitor.run``
    """
    # Not before it is needed: a function that cannot start says nothing of why.
    from sparta import monitor

    return monitor.run()
