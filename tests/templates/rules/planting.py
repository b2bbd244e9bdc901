"""Plant one mistake in the emitted templates and see which rules say something new."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from templates import environments
from templates.emit import to_yaml
from templates.registry import build
from templates.rules import check_system, load_rules
from templates.rules.reader import Template, parse
from templates.rules.system import System, render

Bodies = dict[str, dict[str, Any]]
Mistake = Callable[[Bodies], object]
Found = tuple[str, str, str]  # stack, resource, rule
Seen = set[Found]


def small(**stacks: str) -> dict[str, Template]:
    """Templates from YAML text, for a rule's own little world: small(root="...", network="...")."""
    return {name: Template(name, Path(f"{name}.yaml"), parse(text), text) for name, text in stacks.items()}


def values(environment: str) -> dict[str, str]:
    """An environment's parameter values, for bootstrap and root together."""
    found: dict[str, str] = {}
    for path in environments.FOLDER.glob(f"{environment}*.json"):
        found |= environments.read(path)
    return found


@cache
def emitted() -> dict[str, Template]:
    """Our own templates, as `make template` writes them."""
    return small(**{name: to_yaml(name, tree) for name, tree in build().items()})


def planted(mistake: Mistake, templates: Mapping[str, Template]) -> dict[str, Template]:
    """Copies of the templates with the mistake: a function that changes the long-form bodies, by stack name."""
    bodies = {name: json.loads(json.dumps(template.body)) for name, template in templates.items()}
    mistake(bodies)
    return {
        name: template if bodies[name] == template.body else replace(template, body=bodies[name])
        for name, template in templates.items()
    }


def put(path: str, value: object) -> Mistake:
    """Set one value: "services/Resources/ApiTask/Properties/Cpu"; numbers are places in a list, "+" appends."""

    def mistake(bodies: Bodies) -> None:
        place, last = _walk_to(bodies, path)
        if isinstance(place, list) and last == "+":
            place.append(value)
        else:
            place[int(last) if isinstance(place, list) else last] = value

    return mistake


def remove(path: str) -> Mistake:
    """Delete one value."""

    def mistake(bodies: Bodies) -> None:
        place, last = _walk_to(bodies, path)
        del place[int(last) if isinstance(place, list) else last]

    return mistake


def both(*mistakes: Mistake) -> Mistake:
    """Several changes that make one mistake."""

    def mistake(bodies: Bodies) -> None:
        for each in mistakes:
            each(bodies)

    return mistake


def _walk_to(bodies: Bodies, path: str) -> tuple[Any, str]:
    *way, last = path.split("/")
    place: Any = bodies
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
    return place, last


def seen(templates: Mapping[str, Template], given: Mapping[str, str]) -> Seen:
    """(stack, resource, rule) of every finding for one set of values."""
    return {(f.stack, f.resource, f.rule) for f in check_system(render(templates, given))}


class News(Set[Found]):
    """What rules say about one system and do not say about another; asked for one rule, only that rule runs."""

    def __init__(self, system: System, clean: System) -> None:
        self._system = system
        self._clean = clean

    def __contains__(self, found: object) -> bool:
        rule = found[2] if isinstance(found, tuple) and len(found) == 3 else ""
        return found in _told(self._system, rule) and found not in _told_clean(self._clean, rule)

    def __iter__(self) -> Iterator[Found]:
        return iter(_told(self._system, "") - _told_clean(self._clean, ""))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return f"News({sorted(self)})"

    @classmethod
    def _from_iterable(cls, found: Iterable[Found]) -> Seen:  # type: ignore[override]
        return set(found)


def _told(system: System, rule: str) -> Seen:
    """What one rule says, or all of them when it is none of ours."""
    return {(f.stack, f.resource, f.rule) for f in check_system(system, only=rule if rule in load_rules() else "")}


_told_clean = lru_cache(maxsize=2048)(_told)


@cache
def _clean(given: frozenset[tuple[str, str]]) -> System:
    return render(emitted(), dict(given))


def news(mistake: Mistake, templates: Mapping[str, Template] | None = None, **given: str) -> News:
    """What the rules say with the mistake and do not say without it, in production (`given` changes values)."""
    if templates is not None:
        return News(render(planted(mistake, templates), given), render(templates, given))
    chosen = {**values("production"), **given}
    return News(render(planted(mistake, emitted()), chosen), _clean(frozenset(chosen.items())))
