"""Compare two systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from scripts.review.agreement import agree, revealed
from scripts.review.changes import changes
from scripts.review.dangers import dangers
from scripts.review.entries import entries
from scripts.review.model import CostChange, Listed, ResourceChange, Review
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
        changes=_with_imports(found, listed or ()),
        security_rules=security_rules(old, new),
        permissions=permissions(old, new),
        dangers=dangers(old, new, [*found, *revealed(found, listed, new)]),
        disagreements=disagreements,
        notes=notes,
        cost=cost,
    )


def _with_imports(found: Sequence[ResourceChange], listed: Sequence[Listed]) -> tuple[ResourceChange, ...]:
    """Only the change set knows what exists already outside of the stacks."""
    imported = {item.path for item in listed if item.action == "Import"}
    return tuple(replace(each, action="import") if each.path in imported else each for each in found)
