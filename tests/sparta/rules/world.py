"""An operator and his validators in a few words, and a world that goes on from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sparta.models import Cause, Preferences, Watch
from sparta.rules.alerts import Alert, Decision, decide
from sparta.rules.facts import HOUR, MINUTE, Circumstances, Duties, Listener, Loss, Policy, Presence, Seen

START = 1_763_856_000_000
POLICY = Policy()
FIRST = "0x" + "a" * 40
SECOND = "0x" + "b" * 40
NO_DUTY = Duties(rate=None, missed=0, total=0, row=0, last_missed=None, steady_since=None, last_done=None)


def duties(history: str, first_slot: int = 1000) -> Duties:
    """From the oldest to the newest: ``.`` done, ``x`` missed; each a slot. As the node and the run count them."""
    missed = [slot for slot, what in enumerate(history, first_slot) if what == "x"]
    done = [slot for slot, what in enumerate(history, first_slot) if what == "."]
    steady = POLICY.attestations.steady
    return Duties(
        rate=len(missed) / len(history) if history else None,
        missed=len(missed),
        total=len(history),
        row=len(history) - len(history.rstrip("x")),
        last_missed=missed[-1] if missed else None,
        steady_since=first_slot + len(history) - steady if history.endswith("." * steady) else None,
        last_done=START // 1000 if done else None,
    )


def seen(address: str = FIRST, *, attests: str | Duties = "....", proposes: str | Duties = "", **rest: Any) -> Seen:
    """A validator in the set that does its duties, unless told otherwise."""
    attestations = duties(attests) if isinstance(attests, str) else attests
    proposals = duties(proposes) if isinstance(proposes, str) else proposes
    usual: dict[str, Any] = {"label": None, "presence": "in", "attestations": attestations, "proposals": proposals}
    return Seen(address, **(usual | rest))


def away(cause: Cause = "unknown", presence: Presence = "left", address: str = FIRST, *slashings: Loss) -> Seen:
    """A validator that is not in the set."""
    return Seen(address, None, presence, cause, slashings=slashings)


class World:
    """One operator over time: each ``run`` decides from what the run before left."""

    def __init__(self, preferences: Preferences | None = None, policy: Policy = POLICY) -> None:
        self.time = START
        self.policy = policy
        self.preferences = preferences or Preferences()
        self.watch = Watch()
        self.decisions: list[Decision] = []

    def run(self, *validators: Seen, newest_slot: int = 2000, **circumstances: bool) -> Sequence[Alert]:
        """What is told now."""
        listener = Listener("7", "leonidas", self.preferences, self.watch)
        moment = Circumstances(self.time, self.policy, newest_slot, **circumstances)
        decision = decide(listener, validators, moment)
        # What is stored is JSON: nothing may be lost on the way.
        self.watch = Watch.model_validate_json(decision.watch.model_dump_json(by_alias=True))
        assert self.watch == decision.watch
        self.decisions.append(decision)
        return decision.alerts

    def told(self, *validators: Seen, **rest: Any) -> list[str]:
        """The same in short: ``missing-attestations begins``."""
        return [f"{alert.trouble} {alert.news}" for alert in self.run(*validators, **rest)]

    def later(self, *, hours: float = 0, minutes: float = 0) -> None:
        self.time += int(hours * HOUR + minutes * MINUTE)

    def prefer(self, **fields: Any) -> None:
        """The operator changes his mind."""
        self.preferences = self.preferences.model_copy(update=fields)


def moved(alert_world: World, **fields: Any) -> World:
    """The same world under another policy."""
    alert_world.policy = replace(alert_world.policy, **fields)
    return alert_world


def only(alerts: Sequence[Alert]) -> Alert:
    (alert,) = alerts
    return alert


def slashed(world: World) -> bool:
    """Whether the last run took the operator's approval."""
    return world.decisions[-1].slashed


BAD = "xxxxxxxxxxxx"
GOOD = "............"
