"""Expressions of DynamoDB with their names and values, so that no store writes a placeholder twice.

In a condition ``#name`` stands for the attribute ``name`` (many good names are reserved words) and ``:value`` for an
entry of ``values``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sparta.stores.codec import encode_value


@dataclass(frozen=True)
class Change:
    """What an update does to an item: ``assign`` values, ``default`` them where absent, ``add`` to numbers or sets,
    ``take`` from sets, ``remove`` attributes. A value of ``None`` in ``assign`` removes the attribute. A name may be a
    path into a map: ``validators.0xab``.
    """

    assign: Mapping[str, Any] = field(default_factory=dict)
    default: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    take: Mapping[str, Any] = field(default_factory=dict)
    remove: Iterable[str] = ()

    def parameters(self) -> tuple[str, dict[str, Any]]:
        """The update expression and its values, which are named after their attributes."""
        assigned = {name: value for name, value in self.assign.items() if value is not None}
        removed = [*self.remove, *(name for name, value in self.assign.items() if value is None)]
        clauses = {
            "SET": [f"{path(name)} = :{_new(name)}" for name in assigned]
            + [f"{path(name)} = if_not_exists({path(name)}, :{_new(name)})" for name in self.default],
            "ADD": [f"{path(name)} :{_new(name)}" for name in self.add],
            "DELETE": [f"{path(name)} :{_new(name)}" for name in self.take],
            "REMOVE": [path(name) for name in removed],
        }
        values = {_new(name): value for name, value in {**assigned, **self.default, **self.add, **self.take}.items()}
        return " ".join(f"{verb} {', '.join(terms)}" for verb, terms in clauses.items() if terms), values


def path(name: str) -> str:
    """An attribute, or a place in a map, as expressions write it."""
    return ".".join(f"#{part}" for part in name.split("."))


def _new(name: str) -> str:
    return "new_" + name.replace(".", "_")


def parameters(values: Mapping[str, Any] | None = None, **expressions: str | None) -> dict[str, Any]:
    """Parameters of a request: the given expressions that are not ``None``, their names and their values."""
    given = {name: text for name, text in expressions.items() if text}
    names = sorted({name for text in given.values() for name in re.findall(r"#(\w+)", text)})
    found: dict[str, Any] = dict(given)
    if names:
        found["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        found["ExpressionAttributeValues"] = {f":{name}": encode_value(value) for name, value in values.items()}
    return found
