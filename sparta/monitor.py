"""One run of the validator monitor by hand: ``python -m sparta.monitor [--dry-run]``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from sparta import starting, wiring
from sparta.errors import SpartaError
from sparta.notify import text
from sparta.services import monitor
from sparta.services.monitor import Task
from sparta.settings import MonitorSettings, Part, load


def run() -> dict[str, Any]:
    """Everything, once, by the settings of the environment; the record of the run.

    :raises SettingsError: with every mistake in the settings
    :raises DependencyFailed: the database or a secret is out of reach; the next run makes up for this one
    """
    with wiring.monitor(_settings()) as task:
        return asdict(monitor.run(task))


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 when the run came to its end, whatever it found."""
    parser = argparse.ArgumentParser(prog="python -m sparta.monitor", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent; send and store nothing")
    try:
        if parser.parse_args(arguments).dry_run:
            with wiring.monitor(_settings()) as task:
                print(_would_say(task))
        else:
            run()
    except SpartaError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def _settings() -> MonitorSettings:
    settings = load(Part.MONITOR)
    starting.begin(settings)
    return settings


def _would_say(task: Task) -> str:
    """Each message as it would be sent, below its reader; and what is not believed, since then nothing is concluded."""
    reading, verdict = monitor.look(task)
    doubts = [f"Nothing is concluded from {source}: {doubt}." for source, doubt in verdict.doubts.items() if doubt]
    said = [
        f"--- to {decision.listener.name} ({decision.listener.operator_id})\n{message}"
        for decision in monitor.decisions(reading, verdict)
        for message in text.digest(decision.listener.operator_id, decision.alerts, task.audience.chain_id)
    ]
    counted = f"{len(reading.known)} validators known, {len(reading.operators)} operators; nothing was sent or stored."
    return "\n".join([*doubts, *(said or ["No operator would be told anything."]), counted])


if __name__ == "__main__":
    sys.exit(main())
