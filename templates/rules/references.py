"""Who mentions which name in a template as written, in every branch of every condition."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.reader import Template
from templates.rules.render import LITERAL, VARIABLE
from templates.rules.values import items, text

BODY = ("Conditions", "Rules", "Resources", "Outputs")


class Mention(NamedTuple):
    """One use of a name. `kind`: ref, attribute, condition, mapping, depends; `where`: the resource, or "Outputs.X"."""

    kind: str
    name: str
    attribute: str
    section: str
    where: str


Named = tuple[str, str, str]  # kind, name, attribute


@lru_cache(maxsize=64)
def mentions(template: Template) -> tuple[Mention, ...]:
    """Every use of a name in a template, in order."""
    return tuple(
        Mention(*named, section, entry if section == "Resources" else f"{section}.{entry}")
        for section in BODY
        for entry, body in _entries(template, section)
        for named in _entry(section, body)
    )


def _entries(template: Template, section: str) -> list[tuple[str, Any]]:
    body = template.body.get(section)
    return list(body.items()) if isinstance(body, dict) else []


def _entry(section: str, body: Any) -> Iterator[Named]:
    if isinstance(body, dict) and section in ("Resources", "Outputs"):
        if "Condition" in body:
            yield "condition", text(body["Condition"]), ""
        for name in items(body.get("DependsOn")):
            yield "depends", text(name), ""
        keep = {k: v for k, v in body.items() if k not in ("Condition", "DependsOn", "Metadata")}
        yield from _node(keep, False)
    else:
        yield from _node(body, True)


def _node(node: Any, deciding: bool) -> Iterator[Named]:
    """`deciding`: inside Conditions and Rules, where {"Condition": name} refers to a condition."""
    if isinstance(node, list):
        for item in node:
            yield from _node(item, deciding)
    elif isinstance(node, dict):
        if len(node) == 1:
            yield from _function(*next(iter(node.items())), deciding)
        for key, item in node.items():
            if key not in ("Ref", "Fn::GetAtt"):
                yield from _node(item, deciding)


def _function(key: str, argument: Any, deciding: bool) -> Iterator[Named]:
    parts = items(argument)
    if key == "Ref" and isinstance(argument, str):
        yield "ref", argument, ""
    elif key == "Fn::GetAtt":
        yield "attribute", *_attribute(parts)
        yield from _node(parts[1:], deciding)
    elif key == "Fn::Sub" and parts:
        own = parts[1] if len(parts) > 1 and isinstance(parts[1], dict) else {}
        yield from _variables(text(parts[0]), own)
    elif key == "Fn::If" and parts and isinstance(parts[0], str):
        yield "condition", parts[0], ""
    elif key == "Condition" and deciding and isinstance(argument, str):
        yield "condition", argument, ""
    elif key == "Fn::FindInMap" and parts and isinstance(parts[0], str):
        yield "mapping", parts[0], ""


def _attribute(parts: list[Any]) -> tuple[str, str]:
    """Name and attribute of Fn::GetAtt in any of its spellings; the attribute is "" when it is computed."""
    if len(parts) == 1:
        name, _, attribute = text(parts[0]).partition(".")
        return name, attribute
    return text(parts[0]) if parts else "", parts[1] if len(parts) > 1 and isinstance(parts[1], str) else ""


def _variables(source: str, own: dict[str, Any]) -> Iterator[Named]:
    for variable in VARIABLE.findall(LITERAL.sub("", source)):
        name, dot, attribute = variable.strip().partition(".")
        if variable.strip() not in own:
            yield "attribute" if dot else "ref", name, attribute
