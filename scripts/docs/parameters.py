"""``docs/parameters.md``: every deploy-time parameter, as the CloudFormation console groups them."""

from __future__ import annotations

import re
from itertools import groupby

from scripts.docs import world
from scripts.docs.markdown import code, page, plain, table, value
from templates.parameters import CATALOGUE
from templates.parameters.model import DeployParameter

PLACEHOLDER = re.compile(
    r"your-|yourcompany|example|EXAMPLE|123456789012|0x1234567890123456789012345678901234567890|@sha256:0{64}"
)
"""What stands in a shipped value that only the owner of the account can know."""

ABOUT = """
Values of an environment stand in `templates/environments/<environment>.json`, those of the bootstrap stack in
`<environment>.bootstrap.json`. A parameter without a default must be given. Values of production marked ✎ are examples:
put your own there before you deploy. No secret is a parameter.
"""


def text() -> str:
    """The page."""
    groups = groupby(CATALOGUE.values(), key=lambda parameter: parameter.group)
    return page("Parameters", ABOUT, *(_section(name, list(members)) for name, members in groups))


def placeholders() -> list[str]:
    """Parameters whose shipped production value is an example, in the catalogue's order."""
    given = world.values("production")
    return [name for name in CATALOGUE if PLACEHOLDER.search(given.get(name, ""))]


def _section(name: str, members: list[DeployParameter]) -> str:
    head = ["Parameter", "Meaning and accepted values", "Default", "Production", "Goes to"]
    return f"## {name}\n\n{table(head, [_row(member) for member in members])}"


def _row(parameter: DeployParameter) -> list[str]:
    return [
        code(parameter.name) + (f"<br>{parameter.label}" if parameter.label != parameter.name else ""),
        plain(f"{parameter.description} {parameter.constraint}"),
        _default(parameter),
        _production(parameter),
        _stacks(receivers(parameter.name)),
    ]


def _default(parameter: DeployParameter) -> str:
    if parameter.default is None:
        return "must be given"
    return value(parameter.default) or "empty"


def _production(parameter: DeployParameter) -> str:
    given = world.values("production").get(parameter.name)
    if given is None:
        return "the default"
    return value(given) + (" ✎" if parameter.name in placeholders() else "")


def _stacks(names: list[str]) -> str:
    return "all" if len(names) == len(world.templates()) - 1 else ", ".join(names)


def receivers(name: str) -> list[str]:
    """Stacks that declare the parameter; root, which hands it on, only where nobody else has it.

    :raises UnknownResourceError: when there is none
    """
    stacks = [stack for stack, template in world.templates().items() if name in template.section("Parameters")]
    if not stacks:
        raise world.UnknownResourceError(f"No template uses parameter {name}; remove it from templates/parameters.")
    return [stack for stack in stacks if stack != "root"] or stacks
