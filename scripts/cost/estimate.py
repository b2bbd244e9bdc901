"""What a system costs a month, resource by resource, by the price list in this package."""

from __future__ import annotations

from scripts.cost.model import Estimate, Line, compare
from scripts.cost.traffic import TRAFFIC, Traffic
from templates.rules.system import System

__all__ = ["TRAFFIC", "Estimate", "Line", "Traffic", "compare", "estimate"]


def estimate(system: System, traffic: Traffic = TRAFFIC) -> Estimate:  # noqa: ARG001 - prices come next
    """Price every resource of the system; what has no price is named, never guessed."""
    return Estimate((), (), tuple(f"{resource.id} ({resource.type})" for resource in system.resources))
