"""Change the environment variables of a container, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.templates.rules.planting import Bodies, Mistake, put

Entry = dict[str, Any]
KEYS = ("Environment", "Secrets")


def _entries(node: Any) -> Iterator[Entry]:
    """Entries of Environment or Secrets, those inside Fn::If too."""
    for each in node if isinstance(node, list) else [node]:
        if isinstance(each, dict) and "Fn::If" in each:
            yield from _entries(each["Fn::If"][1:])
        elif isinstance(each, dict) and "Name" in each:
            yield each


def _container(bodies: Bodies, path: str) -> Entry:
    """A task's first container: "services/Resources/ApiTask/Properties/ContainerDefinitions/0"."""
    stack, _, resource, *_ = path.split("/")
    found: Entry = bodies[stack]["Resources"][resource]["Properties"]["ContainerDefinitions"][0]
    return found


def _on(container: str, name: str, change: Callable[[Entry], object]) -> Mistake:
    """Change the entry of one variable of a container."""

    def mistake(bodies: Bodies) -> None:
        whole = _container(bodies, container)
        found = [e for key in KEYS for e in _entries(whole.get(key, [])) if e["Name"] == name]
        assert found, f"{container} has no {name}"
        for entry in found:
            change(entry)

    return mistake


def value(container: str, name: str, value: object) -> Mistake:
    """Give one variable another value."""
    return _on(container, name, lambda e: e.update({("ValueFrom" if "ValueFrom" in e else "Value"): value}))


def renamed(container: str, name: str, other: str) -> Mistake:
    """Give one variable another name."""
    return _on(container, name, lambda entry: entry.update({"Name": other}))


def without(container: str, name: str) -> Mistake:
    """Leave one variable out, also where it stands under a condition."""

    def mistake(bodies: Bodies) -> None:
        whole = _container(bodies, container)
        for key in KEYS:
            whole[key] = [each for each in whole[key] if name not in [entry["Name"] for entry in _entries(each)]]

    return mistake


def more(container: str, name: str, value: object, key: str = "Environment") -> Mistake:
    """Give one variable more."""
    return put(f"{container}/{key}/+", {"Name": name, "Value" if key == "Environment" else "ValueFrom": value})
