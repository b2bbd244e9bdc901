"""Compare two systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scripts.review.model import CostChange, Listed, Review
from templates.rules.system import System


def review(
    before: System | None,
    after: System,
    *,
    listed: Sequence[Listed] | None = None,
    cost: CostChange | None = None,
    physical: Mapping[str, str] = {},
) -> Review:
    """What would change from ``before`` (``None``: nothing stands yet) to ``after``."""
    del before, after, listed, physical
    return Review(cost=cost)
