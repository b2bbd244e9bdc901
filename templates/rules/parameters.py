"""Values for parameters: given, else the default, else something plausible for the type."""

from __future__ import annotations

from typing import Any

from templates.rules.values import Token, items, text

PLAUSIBLE = {
    "AWS::EC2::VPC::Id": "vpc-0a1b2c3d4e5f60718",
    "AWS::EC2::Image::Id": "ami-0a1b2c3d4e5f60718",
    "AWS::EC2::AvailabilityZone::Name": "eu-west-2a",
    "AWS::EC2::KeyPair::KeyName": "key",
}


def is_list(declared: dict[str, Any]) -> bool:
    """Whether a parameter's Ref is a list."""
    kind = text(declared.get("Type"))
    return kind == "CommaDelimitedList" or "List<" in kind


def shaped(declared: dict[str, Any], value: Any) -> Any:
    """A value as its Ref sees it: text, or a list of text for list types."""
    if not is_list(declared):
        return text(value)
    return [part.strip() for part in text(value).split(",")] if text(value) else []


def plausible(stack: str, name: str, declared: dict[str, Any]) -> Any:
    """What a person might give; where only they can know, a token that names the parameter and points nowhere."""
    allowed = items(declared.get("AllowedValues"))
    kind = text(declared.get("Type"))
    if allowed:
        value = allowed[0]
    elif kind in ("Number", "List<Number>"):
        value = declared.get("MinValue", "1")
    else:
        value = PLAUSIBLE.get(kind.removeprefix("List<").rstrip(">"), str(Token(stack, name)))
    return shaped(declared, value)
