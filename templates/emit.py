"""YAML of a template: short-form intrinsics, order as built, the same bytes on every machine and Python version.

Written here and not by a library: what PyYAML writes depends on whether libyaml is there and on its version, and takes
four times as long. A property test reads everything back.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

SECTIONS = ("Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs")

_SPACED = frozenset({"Parameters", "Rules", "Resources"})
_RESOURCE_ORDER = ("Type", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata", "Properties")
_SHORT_FORMS = frozenset(
    "Fn::" + name for name in "And Base64 Cidr Equals FindInMap GetAZs If Join Not Or Select Split Sub".split()
)
"""Functions that have a tag; those that only ``Rules`` know are written in full."""

_SHORT_LINE = 90

# Plain scalars start with a letter, a slash or an underscore: no number, date or indicator does.
_PLAIN = re.compile(r"[A-Za-z/_](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff:#]|:(?=\S)|(?<=\S)#)*(?<!\s)")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.()+*@=-]*")
_WORDS = frozenset("y n yes no on off true false null".split())
_QUOTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]*")
_BLOCK = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]*")


def to_yaml(name: str, tree: dict[str, Any]) -> str:
    """A whole template file.

    :param name: the stack's name; the header comment names its source with it
    :param tree: the template as plain dictionaries
    """
    description = tree["Description"]
    parts = [
        f"# {description}\n"
        f"# Written by `make template` from templates/{name}.py: change that file, not this one.\n"
        + _mapping({"AWSTemplateFormatVersion": "2010-09-09", "Description": description}, "")
    ]
    resources = {title: _ordered(resource) for title, resource in tree["Resources"].items()}
    for section in SECTIONS:
        entries = resources if section == "Resources" else tree.get(section)
        if entries:
            blank_line = "\n" if section in _SPACED else ""
            parts.append(f"{section}:\n" + blank_line.join(_mapping({key: entries[key]}, "  ") for key in entries))
    return "\n".join(parts)


def _ordered(resource: dict[str, Any]) -> dict[str, Any]:
    """What it is first, its properties last."""
    return {key: resource[key] for key in _RESOURCE_ORDER if key in resource}


def _mapping(data: dict[str, Any], pad: str) -> str:
    return "".join([f"{pad}{_scalar(key)}:{_after(value, pad)}" for key, value in data.items()])


def _sequence(data: list[Any], pad: str) -> str:
    return "".join([f"{pad}-{_item(value, pad)}" for value in data])


def _after(value: Any, pad: str) -> str:
    """What follows a key and its colon."""
    if isinstance(value, str):
        return _text(value, pad)
    tag, inner = _function(value)
    if isinstance(inner, str):
        return f" !{tag}{_text(inner, pad)}"
    short = _one_line(value)
    if short is not None:
        return f" {short}\n"
    if tag:
        return f" !{tag}{_after(inner, pad)}"
    return "\n" + (_sequence(value, pad + "  ") if isinstance(value, list) else _mapping(value, pad + "  "))


def _item(value: Any, pad: str) -> str:
    """What follows a dash; a mapping or list starts on the dash's own line."""
    text = _after(value, pad)
    if text[0] == "\n":
        return " " + text[len(pad) + 3 :]
    return text


def _text(value: str, pad: str) -> str:
    if "\n" in value and _BLOCK.fullmatch(value) and not value.startswith((" ", "\n")) and not value.endswith("\n"):
        lines = [f"{pad}  {line}\n" if line else "\n" for line in value.split("\n")]
        return " |-\n" + "".join(lines)
    return f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    """A plain value outside brackets."""
    return _string(value) if isinstance(value, str) else json.dumps(value)


@cache
def _string(value: str) -> str:
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)


def _quoted(value: str) -> str:
    if _QUOTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    text = json.dumps(value, ensure_ascii=False)  # JSON leaves some characters as they are that YAML wants escaped
    return "".join(char if _QUOTABLE.fullmatch(char) else f"\\u{ord(char):04x}" for char in text)


def _one_line(value: Any, room: int = _SHORT_LINE) -> str | None:
    """``[a, !Ref B]`` and the like, or None when that would be deep or longer than ``room``."""
    if isinstance(value, str):
        return None if "\n" in value else _scalar_in_flow(value)
    if isinstance(value, list):
        parts: list[str] = []
        for part in value:
            text = _one_line(part, room)
            room -= len(text) + 2 if text is not None else room
            if text is None or room < 0:
                return None
            parts.append(text)
        return f"[{', '.join(parts)}]"
    if isinstance(value, dict):
        tag, inner = _function(value)
        text = None if tag is None or isinstance(inner, dict) else _one_line(inner, room)
        return (None if value else "{}") if text is None else f"!{tag} {text}"
    return json.dumps(value)


@cache
def _scalar_in_flow(value: str) -> str:
    return value if _PLAIN_IN_FLOW.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)


def _function(value: Any) -> tuple[str | None, Any]:
    """Tag and argument of a mapping that has a short form, else nothing."""
    if not isinstance(value, dict) or len(value) != 1:
        return None, None
    ((key, inner),) = value.items()
    if key in _SHORT_FORMS:
        return key[4:], inner
    if key in ("Ref", "Condition") and isinstance(inner, str):
        return key, inner
    if key == "Fn::GetAtt" and isinstance(inner, list) and all(isinstance(part, str) for part in inner):
        return "GetAtt", ".".join(inner)
    return None, None
