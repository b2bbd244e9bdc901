"""What every program does first, once it has its settings."""

from __future__ import annotations

from sparta import telemetry
from sparta.settings import Settings, secret_values


def begin(settings: Settings) -> None:
    """Log as the settings say, with their secrets masked from the first line on."""
    telemetry.configure(
        environment=settings.environment,
        level=settings.log_level,
        pretty=settings.log_pretty_print,
        secrets=secret_values(settings),
    )
