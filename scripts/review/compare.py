"""Compare two systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from scripts.review.agreement import agree
from scripts.review.changes import changes
from scripts.review.dangers import dangers
from scripts.review.entries import entries
from scripts.review.model import CostChange, Listed, Review
from scripts.review.permissions import permissions
from scripts.review.security_rules import security_rules
from templates.rules.system import System

NOWHERE: Mapping[str, str] = MappingProxyType({})


def review(
    before: System | None,
    after: System,
    *,
    listed: Sequence[Listed] | None = None,
    cost: CostChange | None = None,
    physical: Mapping[str, str] = NOWHERE,
) -> Review:
    """What would change from ``before`` (``None``: nothing stands yet) to ``after`` (of no stacks: all goes).

    :param listed: what the real change set listed, nested ones included, to hold beside our own comparison
    :param physical: physical ids by path
    """
    old, new = entries(before), entries(after)
    found = changes(old, new, physical)
    disagreements, notes = agree(found, listed, new)
    return Review(
        changes=found,
        security_rules=security_rules(old, new),
        permissions=permissions(old, new),
        dangers=dangers(old, new, found),
        disagreements=disagreements,
        notes=notes,
        cost=cost,
    )
