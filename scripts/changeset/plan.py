"""What stands and what shall stand, both as values: reviewed before AWS is asked for anything, and again after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from scripts.changeset import create
from scripts.changeset.names import written_out
from scripts.changeset.parameters import Chosen
from scripts.cost.estimate import compare, estimate
from scripts.operations.errors import RefusedError
from scripts.operations.target import Target
from scripts.review.compare import review
from scripts.review.deployed import deployed
from scripts.review.model import CostChange, Danger, Listed, Review
from templates.rules.reader import Template
from templates.rules.system import System, render

COST_LINES = 6


class Plan:
    """A deployment that is intended, with the dangers a person accepts, named by path."""

    def __init__(self, target: Target, read: Mapping[str, Template], chosen: Chosen, allowed: frozenset[str]) -> None:
        values = {name: value for name, value in chosen.values.items() if value != create.KEPT} | account(target)
        whole = {name: each for name, each in read.items() if name != "bootstrap"}
        self.target = target
        self.allowed = allowed
        self.templates = written_out(whole, render(whole, values))
        self.after = render(self.templates, values)
        self.before = standing(target)

    def review(self, listed: Sequence[Listed] | None = None) -> Review:
        """The review, with what a change set lists beside our own comparison once there is one."""
        return review(self.before, self.after, listed=listed, cost=self._cost, physical=self._physical)

    def accepted(self, found: Review) -> tuple[str, ...]:
        return tuple(sorted({danger.path for danger in found.dangers} & self.allowed))

    def unaccepted(self, found: Review) -> list[Danger]:
        return [danger for danger in found.dangers if danger.path not in self.allowed]

    @cached_property
    def _physical(self) -> dict[str, str]:
        if self.before is None:
            return {}
        return {path: each.physical_id for path, each in self.target.resources.items()}

    @cached_property
    def _cost(self) -> CostChange:
        return cost_change(self.before, self.after)


def cost_change(before: System | None, after: System) -> CostChange:
    """What a month costs before and after, with the lines that differ most; what does not stand costs nothing."""
    now, then = None if before is None else estimate(before), estimate(after)
    return CostChange(0.0 if now is None else now.monthly, then.monthly, compare(now, then)[:COST_LINES])


def refusal(dangers: Sequence[Danger], allowed: frozenset[str], state: str = "") -> RefusedError:
    """Why it is refused, and what to say if it is meant."""
    what = " ".join(f"{danger.path}: {danger.sentence.rstrip('.')}." for danger in dangers)
    paths = ",".join(sorted(allowed | {danger.path for danger in dangers}))
    return RefusedError(f"Refused. {what} {state}Nothing was changed. If it is what you want: ALLOW={paths}")


def standing(target: Target) -> System | None:
    """The system as it is deployed; ``None`` where there is none."""
    found = deployed(target.cloudformation, target.root)
    return None if found is None else render(found.templates, {**found.values, **account(target)})


def account(target: Target) -> dict[str, str]:
    """What names are made of besides parameters: some templates have them written out, others do not."""
    return {"AWS::AccountId": target.account}
