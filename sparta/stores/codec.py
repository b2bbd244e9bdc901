"""Items to and from DynamoDB's typed form. ``None`` is left out: in the tables, too, absence is absence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]
"""Attributes by name: str, int, float, bool, list, dict, frozenset of str."""
Wire = dict[str, Any]
"""The same as DynamoDB wants them, e.g. ``{"pk": {"S": "operator#1"}}``."""


def encode(item: Mapping[str, Any]) -> Wire:
    """All attributes but those without a value."""
    return {name: encode_value(value) for name, value in item.items() if value is not None}


def encode_value(value: Any) -> Wire:
    """One attribute. A ``bool`` is an ``int`` to Python, so it comes first."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float():
            return {"N": repr(value)}
        case list() | tuple():
            return {"L": [encode_value(each) for each in value]}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case Mapping():
            return {"M": encode(value)}
    raise TypeError(f"no attribute of a table can be a {type(value).__name__}")


def decode(wire: Mapping[str, Any]) -> Item:
    """An item as it was given to ``encode``, with lists for tuples."""
    return {name: decode_value(typed) for name, typed in wire.items()}


def decode_value(typed: Mapping[str, Any]) -> Any:
    """One attribute."""
    ((kind, value),) = typed.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value) if value.lstrip("-").isdigit() else float(value)
        case "L":
            return [decode_value(each) for each in value]
        case "M":
            return decode(value)
        case "SS":
            return frozenset(value)
        case "NULL":
            return None
    raise TypeError(f"a table holds an attribute of type {kind}, which Sparta does not write")
