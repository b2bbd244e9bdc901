"""A system as a flat list of resources whose paths and references do not depend on what files are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from templates.rules.scope import NESTED
from templates.rules.system import Resource, Stack, System, render
from templates.rules.values import TOKEN, text, truth

MASK = "****"
SHORTEST = 6
"""Shorter secrets would mask ordinary words."""
REFERENCE = re.compile(r"\$\{([\w-]+(?:/[\w-]+)*)((?:\.[\w.:-]+)?)~?\}")
SECRET_PROPERTIES = frozenset({"SecretString", "MasterUserPassword", "Password", "AuthToken"})
ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy", "Metadata")
"""What CloudFormation itself reads of a resource; it takes a change of these only along with another change."""
RETAINING = frozenset({"Retain", "RetainExceptOnCreate"})


@dataclass(frozen=True, eq=False)
class Entry:
    """One resource. References in ``props`` read ``${Network/Vpc.Arn}``; secrets are masked."""

    path: str
    type: str
    props: dict[str, Any]
    raw: dict[str, Any]

    @property
    def on_delete(self) -> str:
        """What becomes of it when it leaves the template: Delete, Retain, Snapshot ..."""
        return text(self.raw.get("DeletionPolicy")) or "Delete"

    @property
    def on_replace(self) -> str:
        return text(self.raw.get("UpdateReplacePolicy")) or "Delete"


def entries(system: System | None) -> dict[str, Entry]:
    """Every resource by path, nested stacks included as resources of their parent."""
    if system is None or not system.stacks:
        return {}
    system, secrets = _without_secrets(system)
    places = _places(system)
    found = [entry for name in places for entry in _of_stack(system.stacks[name], places, secrets)]
    return {entry.path: entry for entry in found}


def referenced(value: Any) -> set[str]:
    """Paths of the resources that a value refers to."""
    if isinstance(value, dict):
        return {path for item in value.values() for path in referenced(item)}
    if isinstance(value, list):
        return {path for item in value for path in referenced(item)}
    return {match[1] for match in REFERENCE.finditer(value)} if isinstance(value, str) else set()


def _of_stack(stack: Stack, places: dict[str, str], secrets: list[str]) -> Iterator[Entry]:
    for resource in stack.resources.values():
        props = {key: _clean(key, value, places, secrets) for key, value in resource.props.items()}
        yield Entry(_join(places[stack.name], resource.id), resource.type, props, _raw(resource))


def _raw(resource: Resource) -> dict[str, Any]:
    return {key: resource.raw[key] for key in ATTRIBUTES if key in resource.raw}


def _clean(key: str, value: Any, places: dict[str, str], secrets: list[str]) -> Any:
    if isinstance(value, dict):
        return {name: _clean(name, item, places, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_clean(key, item, places, secrets) for item in value]
    if not isinstance(value, str):
        return value
    if key in SECRET_PROPERTIES and not value.startswith("{{resolve:"):
        return MASK
    for secret in secrets:
        value = value.replace(secret, MASK)
    return TOKEN.sub(lambda match: _reference(match, places), value)


def _reference(match: re.Match[str], places: dict[str, str]) -> str:
    path = _join(places.get(match[1], match[1]), match[2])
    return f"${{{path}{'.' + match[3] if match[3] else ''}{match[4]}}}"


def _join(place: str, logical_id: str) -> str:
    return f"{place}/{logical_id}" if place else logical_id


def _places(system: System) -> dict[str, str]:
    """Stack name -> its path, for the root and what it nests."""
    root = _root(system)
    places = {root: ""}
    todo = [root]
    while todo:
        parent = todo.pop()
        for stack in system.stacks.values():
            if stack.parent == parent and stack.name not in places:
                places[stack.name] = _join(places[parent], stack.parent_id)
                todo.append(stack.name)
    return {name: places[name] for name in system.stacks if name in places}


def _root(system: System) -> str:
    """The top stack; of several, the one that nests others."""
    tops = [stack.name for stack in system.stacks.values() if not stack.parent]
    nesting = {stack.parent for stack in system.stacks.values()}
    return next((name for name in tops if name in nesting), tops[0])


def _without_secrets(system: System) -> tuple[System, list[str]]:
    """The system with ``****`` for each NoEcho parameter, and the values of those that have one all the same."""
    hidden = {
        name: text(stack.parameters.get(name))
        for stack in system.stacks.values()
        for name, declared in stack.section("Parameters").items()
        if truth(declared.get("NoEcho"))
    }
    if not hidden:
        return system, []
    values = dict(system.values) | {name: MASK for name, value in hidden.items() if value}
    return render(system.templates, values), sorted((v for v in hidden.values() if len(v) >= SHORTEST), key=len)[::-1]


def is_nested_stack(entry: Entry) -> bool:
    return entry.type == NESTED
