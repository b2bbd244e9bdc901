"""Evaluate intrinsics with concrete values: what CloudFormation would see, with tokens in place of resources."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from templates.rules.values import Token, get, items, mapping, split, text, token, tokens

REGION = "eu-west-2"
ZONES = [f"{REGION}{letter}" for letter in "abc"]
VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
LITERAL = re.compile(r"\$\{!([^{}]*)\}")


class _NoValue:
    """What AWS::NoValue becomes: the key or list entry that holds it is dropped."""


NO_VALUE = _NoValue()


class Names(Protocol):
    """What a stack knows by name."""

    name: str

    def ref(self, name: str, reader: Renderer) -> Any: ...

    def attribute(self, name: str, attribute: str, reader: Renderer) -> Any: ...

    def condition(self, name: str) -> bool: ...

    def mapped(self, name: str, key: str, second: str) -> Any: ...

    def trouble(self, where: str, advice: str) -> None: ...


class Renderer:
    """Evaluates the nodes of one resource, output or condition (`where`) and notes which resources they use."""

    def __init__(self, names: Names, where: str) -> None:
        self.names = names
        self.where = where
        self.uses: set[str] = set()

    def value(self, node: Any) -> Any:
        """The node with every intrinsic replaced by its value."""
        if isinstance(node, list):
            return [v for v in (self.value(item) for item in node) if v is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            key, argument = next(iter(node.items()))
            if key in FUNCTIONS:
                return FUNCTIONS[key](self, argument)
        return {k: v for k, v in ((k, self.value(item)) for k, item in node.items()) if v is not NO_VALUE}

    def truth(self, node: Any) -> bool:
        """A condition's truth; false with a note where it is none."""
        key, argument = next(iter(node.items())) if isinstance(node, dict) and len(node) == 1 else ("", None)
        if key == "Condition" and isinstance(argument, str):
            return self.names.condition(argument)
        if key in CONDITIONS:
            return CONDITIONS[key](self, items(argument))
        return self.value(node) is True

    def note(self, advice: str) -> None:
        self.names.trouble(self.where, advice)

    def parts(self, argument: Any, function: str, *counts: int) -> list[Any]:
        """The arguments of a function that wants a list of so many; nothing, with a note, when it has others."""
        if isinstance(argument, list) and len(argument) in counts:
            return argument
        self.note(f"give {function} {' or '.join(map(str, counts))} arguments in a list")
        return []


def _ref(reader: Renderer, argument: Any) -> Any:
    if isinstance(argument, str):
        return reader.names.ref(argument, reader)
    reader.note("give Ref one name")
    return ""


def _get_att(reader: Renderer, argument: Any) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    parts = reader.parts(parts, "Fn::GetAtt", 2)
    return reader.names.attribute(text(parts[0]), text(reader.value(parts[1])), reader) if parts else ""


def _sub(reader: Renderer, argument: Any) -> Any:
    template, own = argument, {}
    if isinstance(argument, list):
        parts = reader.parts(argument, "Fn::Sub", 1, 2)
        template, own = get(parts, 0), mapping(get(parts, 1))
    if not isinstance(template, str):
        reader.note("give Fn::Sub a text")
        return ""

    def known(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in own:
            return text(reader.value(own[name]))
        head, dot, attribute = name.partition(".")
        value = reader.names.attribute(head, attribute, reader) if dot else reader.names.ref(name, reader)
        return text(value)

    return LITERAL.sub(r"${\1}", VARIABLE.sub(known, template))


def _if(reader: Renderer, argument: Any) -> Any:
    parts = reader.parts(argument, "Fn::If", 3)
    if not parts:
        return NO_VALUE
    return reader.value(parts[1] if reader.names.condition(text(parts[0])) else parts[2])


def _join(reader: Renderer, argument: Any) -> Any:
    parts = reader.parts(argument, "Fn::Join", 2)
    return text(get(parts, 0)).join(text(item) for item in items(reader.value(get(parts, 1))))


def _split(reader: Renderer, argument: Any) -> Any:
    parts = reader.parts(argument, "Fn::Split", 2)
    return split(text(reader.value(get(parts, 1))), text(get(parts, 0)))


def _select(reader: Renderer, argument: Any) -> Any:
    parts = reader.parts(argument, "Fn::Select", 2)
    index, choices = text(reader.value(get(parts, 0))), items(reader.value(get(parts, 1)))
    listed = isinstance(get(parts, 1), list) or len(choices) > 1
    if index.isdigit() and int(index) < len(choices) and (listed or not token(choices[0])):
        return choices[int(index)]
    if tokens(choices):
        return str(tokens(choices)[0]._replace(part=True))
    if parts:
        reader.note(
            f"Fn::Select asks for entry {index or '?'} of a list of {len(choices)}; correct the index or the list"
        )
    return ""


def _find_in_map(reader: Renderer, argument: Any) -> Any:
    parts = reader.parts(argument, "Fn::FindInMap", 3, 4)
    keys = [text(reader.value(part)) for part in parts[:3]]
    value = reader.names.mapped(*keys) if parts else None
    if value is None and isinstance(get(parts, 3), dict) and "DefaultValue" in parts[3]:
        return reader.value(parts[3]["DefaultValue"])
    if value is None and parts:
        reader.note(f"mapping {keys[0]} has no entry {keys[1]} / {keys[2]} for these parameters; add it")
    return "" if value is None else value


def _cidr(reader: Renderer, argument: Any) -> Any:
    parts = [text(reader.value(part)) for part in reader.parts(argument, "Fn::Cidr", 2, 3)]
    try:
        network = ipaddress.ip_network(parts[0])
        prefix = network.max_prefixlen - int(get(parts, 2) or 8)
        return [str(block) for block in islice(network.subnets(new_prefix=prefix), min(int(parts[1]), 256))]
    except (ValueError, IndexError):
        return [f"10.0.{n}.0/24" for n in range(6)]


def _plain(reader: Renderer, argument: Any) -> Any:
    return reader.value(argument)


def _import(reader: Renderer, argument: Any) -> Any:
    return str(Token("import", re.sub(r"\W", "", text(reader.value(argument)))))


FUNCTIONS: dict[str, Callable[[Renderer, Any], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
    "Fn::Cidr": _cidr,
    "Fn::Base64": _plain,
    "Fn::GetAZs": lambda _reader, _argument: list(ZONES),
    "Fn::ImportValue": _import,
    "Fn::Length": lambda reader, argument: len(items(reader.value(argument))),
    "Fn::ToJsonString": lambda reader, argument: json.dumps(reader.value(argument), default=str),
    "Fn::ValueOf": lambda reader, argument: reader.value({"Ref": get(items(argument), 0)}),
}


def _same(reader: Renderer, parts: list[Any]) -> bool:
    values = [text(reader.value(part)) for part in parts]
    return len(values) == 2 and values[0] == values[1]


def _contains(reader: Renderer, parts: list[Any]) -> bool:
    choices, wanted = (items(reader.value(get(parts, n))) for n in (0, 1))
    return {text(item) for item in wanted} <= {text(choice) for choice in choices}


CONDITIONS: dict[str, Callable[[Renderer, list[Any]], bool]] = {
    "Fn::Equals": _same,
    "Fn::And": lambda reader, parts: all(reader.truth(part) for part in parts),
    "Fn::Or": lambda reader, parts: any(reader.truth(part) for part in parts),
    "Fn::Not": lambda reader, parts: len(parts) == 1 and not reader.truth(parts[0]),
    "Fn::Contains": _contains,
    "Fn::EachMemberIn": lambda reader, parts: _contains(reader, parts[::-1]),
    "Fn::EachMemberEquals": lambda reader, parts: all(
        text(item) == text(reader.value(get(parts, 1))) for item in items(reader.value(get(parts, 0)))
    ),
}
