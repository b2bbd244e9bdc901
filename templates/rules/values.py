"""Small total functions over template values: they answer for any shape, since people edit templates by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

TOKEN = re.compile(r"\$\{([\w-]+)/(\w+)(?:\.([\w.:-]+))?(~?)\}")


class Token(NamedTuple):
    """A reference to a resource, written `${stack/LogicalId.Attribute}` in a rendered value.

    `attribute` is empty for a Ref; `part` is true when only a piece of the value is used (Fn::Select of Fn::Split).
    """

    stack: str
    id: str
    attribute: str = ""
    part: bool = False

    def __str__(self) -> str:
        attribute = f".{self.attribute}" if self.attribute else ""
        return f"${{{self.stack}/{self.id}{attribute}{'~' if self.part else ''}}}"


def tokens(value: Any) -> list[Token]:
    """Every reference inside a rendered value, in order of appearance."""
    return [
        Token(match[1], match[2], match[3] or "", bool(match[4]))
        for _, leaf in walk(value)
        if isinstance(leaf, str)
        for match in TOKEN.finditer(leaf)
    ]


def token(value: Any) -> Token | None:
    """The reference when the value is exactly one reference and nothing else."""
    match = TOKEN.fullmatch(value) if isinstance(value, str) else None
    return Token(match[1], match[2], match[3] or "", bool(match[4])) if match else None


def split(value: str, separator: str) -> list[str]:
    """Split outside references only: what a resource's name or ARN holds is not known."""
    hidden = iter([match[0] for match in TOKEN.finditer(value)])
    pieces = TOKEN.sub("\0", value).split(separator) if separator else [value]
    return [re.sub("\0", lambda _: next(hidden, ""), piece) for piece in pieces]


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every node of a value with its path, parents first."""
    todo = [(path, value)]
    while todo:
        path, node = todo.pop()
        yield path, node
        if isinstance(node, dict):
            todo += [((*path, key), item) for key, item in reversed(node.items())]
        elif isinstance(node, list):
            todo += [((*path, index), node[index]) for index in range(len(node) - 1, -1, -1)]


def place(path: tuple[str | int, ...]) -> str:
    """How a finding calls the entry that a template's path leads into: the resource, "Outputs.X", "-" for the top."""
    if path[:1] == ("Resources",) and len(path) > 1:
        return str(path[1])
    return ".".join(map(str, path[:2])) or "-"


def get(value: Any, *path: str | int) -> Any:
    """The node at a path, or None where the path leads nowhere."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def items(value: Any) -> list[Any]:
    """A list as it is, nothing as no item, anything else as its only item (as IAM and DependsOn read values)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def dicts(value: Any) -> list[dict[str, Any]]:
    """The mappings among the items of a value."""
    return [item for item in items(value) if isinstance(item, dict)]


def mapping(value: Any) -> dict[str, Any]:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A scalar as CloudFormation writes it ("true", "3000"); "" for nothing; lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(text, value))
    return str(value)


def number(value: Any) -> float | None:
    """A number, also one written as text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def truth(value: Any) -> bool | None:
    """A boolean, also one written as text; None when it is none."""
    return {"true": True, "false": False}.get(text(value).lower())
