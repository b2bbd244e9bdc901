"""What a rule says and how a rule is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from templates.rules.system import System

    Check = Callable[[System], Iterable["Finding"]]


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake: where it is, which rule saw it and what to do about it."""

    stack: str
    resource: str
    advice: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.stack} {self.resource} {self.rule}: {self.advice}"


@dataclass(frozen=True)
class Rule:
    """A registered rule: its name, the reason why it matters, and the function that checks it.

    `once`: it looks at the templates as written only, so that one set of parameter values is enough.
    """

    name: str
    reason: str
    check: Check
    once: bool = False


RULES: dict[str, Rule] = {}


def rule(reason: str, once: bool = False) -> Callable[[Check], Check]:
    """Register the decorated function; the rule is called like the function, with dashes."""

    def register(check: Check) -> Check:
        name = check.__name__.replace("_", "-")
        if name in RULES and RULES[name].check.__module__ != check.__module__:
            raise ValueError(f"two rules are called {name}: rename one")
        RULES[name] = Rule(name, reason, check, once)
        return check

    return register
