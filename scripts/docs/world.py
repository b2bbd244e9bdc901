"""The system that the pages describe: our own templates, with the values of an environment put in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from templates import environments
from templates.emit import to_yaml
from templates.registry import build
from templates.rules.reader import Template, parse
from templates.rules.system import Resource, System, render
from templates.rules.values import tokens

REPOSITORY = Path(__file__).resolve().parents[2]
OPTIONS = {
    "EnableCloudFront": "true",
    "CloudFrontCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    "InterfaceEndpoints": "true",
}
"""What production leaves out; with it, every resource is there."""

_SETTING = re.compile(r"\{(=?)(\w+)((?:\.\w+)+)\}")


class UnknownResourceError(Exception):
    """A page names what the templates do not have; the text says what to do."""


@cache
def templates() -> dict[str, Template]:
    """Our templates by stack name, as `make template` writes them."""
    texts = {name: to_yaml(name, tree) for name, tree in build().items()}
    return {name: Template(name, Path(f"{name}.yaml"), parse(text), text) for name, text in texts.items()}


@cache
def values(environment: str) -> dict[str, str]:
    """Parameter values of an environment, for bootstrap and root together."""
    files = [environments.FOLDER / f"{environment}{kind}.json" for kind in (".bootstrap", "")]
    return {name: value for file in files for name, value in environments.read(file).items()}


@cache
def system(environment: str, *, everything: bool = False) -> System:
    """The system of an environment; ``everything`` switches on the options too."""
    return render(templates(), values(environment) | (OPTIONS if everything else {}))


def resource(logical_id: str, environment: str = "production") -> Resource:
    """A resource, wherever it stands; one that the environment leaves out comes from the system with everything on.

    :raises UnknownResourceError: when there is none of that name
    """
    for everything in (False, True):
        for found in system(environment, everything=everything).resources:
            if found.id == logical_id:
                return found
    raise UnknownResourceError(f"The docs name {logical_id}, which no template has; correct scripts/docs.")


def setting(logical_id: str, path: str, environment: str = "production") -> str:
    """The value of a property, or of an attribute such as DeletionPolicy; numbers in the path are places in a list.

    :raises UnknownResourceError: when the resource has no such property
    """
    found = resource(logical_id, environment)
    steps = [int(step) if step.isdigit() else step for step in path.split(".")]
    value: Any = found.get(*steps) if steps[0] in found.props else found.raw.get(path)
    if value is None:
        raise UnknownResourceError(f"The docs name {logical_id}.{path}, which is not set; correct scripts/docs.")
    if isinstance(value, bool):
        return str(value).lower()
    if tokens(value):
        raise UnknownResourceError(f"The docs show {logical_id}.{path}, which is known to AWS only; choose another.")
    return str(value)


def filled(text: str) -> str:
    """``{Vpc.CidrBlock}`` becomes the property's name and value in production, ``{=Vpc.CidrBlock}`` the value alone."""

    def shown(match: re.Match[str]) -> str:
        path = match[3].removeprefix(".")
        name = next(step for step in reversed(path.split(".")) if not step.isdigit())
        value = setting(match[2], path)
        return f"`{value}`" if match[1] else f"`{name}: {value}`"

    return _SETTING.sub(shown, text)
