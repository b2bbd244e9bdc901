"""How values and resources are called in front of people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from scripts.operations.provider_keys import without_keys
from scripts.review.entries import REFERENCE
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT

PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
ACRONYMS = frozenset("api alb cpu dns ecs http https id ip kms nat s3 sns sqs ssh tls url vpc waf".split())
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
HERE = re.compile(rf"arn:aws:([\w-]+):(?:{REGION})?:(?:{ACCOUNT})?:")


def readable(value: Any) -> Any:
    """A rendered value with each reference that stands alone written as a path, ``Network/Vpc``, and no URL's key."""
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    if not isinstance(value, str):
        return value
    match = REFERENCE.fullmatch(value)
    return match[1] + match[2] if match else without_keys(value)


def spoken(logical_id: str) -> str:
    """``ApiTaskRole`` as people say it: API task role."""
    words = [word.lower() for word in PARTS.findall(logical_id)] or [logical_id]
    return " ".join(word.upper() if word in ACRONYMS else word for word in words)


def short(value: str) -> str:
    """An ARN of this account without what every one repeats, a reference as a path."""
    value = REFERENCE.sub(lambda match: match[1] if match[2] in ("", ".Arn") else match[1] + match[2], value)
    return "everything" if value == "*" else HERE.sub(r"\1:", value)


def listing(items: Iterable[str]) -> str:
    """``a, b and c``."""
    words = list(items)
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def tame(value: Any) -> Any:
    """A value, a review say, whose texts hold no letters that would command a terminal."""
    if isinstance(value, str):
        return CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {tame(key): tame(item) for key, item in value.items()}
    if isinstance(value, list):
        return [tame(item) for item in value]
    if isinstance(value, tuple):
        items = [tame(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: tame(getattr(value, each.name)) for each in fields(value)})
    return value


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def service_and_kind(type_: str) -> str:
    """``AWS::DynamoDB::Table``: DynamoDB Table."""
    return " ".join(type_.split("::")[1:]) or type_
