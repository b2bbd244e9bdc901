"""``docs/configuration.md``: what each program is told by its environment, and where that comes from."""

from __future__ import annotations

import re
from typing import Any

from scripts.docs import world
from scripts.docs.markdown import code, codes, page, table
from templates import conditions, environment
from templates.environment import Variable
from templates.parameters import CATALOGUE
from templates.rules.contract import BY_NAME, meant_by
from templates.rules.values import walk

ABOUT = """
The variables that the templates give to the API and bot tasks and to the two functions. All settings there are, also
those for a run on your own machine, stand in [.env.example](../.env.example), with defaults and what they mean;
parameters are explained in [parameters](parameters.md).

No secret stands in a template. *value*: ECS reads the secret as a task starts and hands its value over, so a new value
needs a new task. *ARN*: the variable names the secret and the program reads it itself; the functions get all their
secrets that way.
"""

PROGRAMS = {
    "API": (environment.API, environment.API_SECRETS),
    "bot": (environment.BOT, environment.BOT_SECRETS),
    "monitor": (environment.MONITOR, ()),
    "rotation": (environment.ROTATION, ()),
}
"""Plain variables and injected secrets of each program."""

_SECRET = re.compile(r":secret:(\S+)$")
_NAME = re.compile(r"\$\{(\w+)\}")


def text() -> str:
    """The page."""
    given: dict[tuple[str, ...], list[str]] = {}
    for program, (plain, injected) in PROGRAMS.items():
        for variable in (*plain, *injected):
            given.setdefault(_described(variable, injected=variable in injected), []).append(program)
    rows = [
        [code(name), about, ", ".join(programs), origin, secret]
        for (name, about, origin, secret), programs in sorted(given.items())
    ]
    left_out = codes(sorted(BY_NAME.keys() - {name for name, *_ in given}))
    table_of_all = table(["Variable", "Meaning", "Given to", "Comes from", "Secret"], rows)
    return page("Configuration", ABOUT, table_of_all, f"Given to no program in a deployment: {left_out}.")


def source(value: Any) -> str:
    """Where a value comes from, in words."""
    plain = value if isinstance(value, str) else value.to_dict()
    if isinstance(plain, str):
        return f"fixed: {code(plain)}"
    if "Ref" in plain:
        return _of_name(plain["Ref"])
    text = str(plain["Fn::Sub"])
    if secret := _SECRET.search(text):
        return f"secret {code(_readable(secret[1]))}"
    return code(_readable(text))


def _readable(text: str) -> str:
    return _NAME.sub(r"<\1>", text)


def _of_name(name: str) -> str:
    """A parameter, an output of a stack (through the resource it names), or AWS's own.

    :raises UnknownResourceError: when it is none of these
    """
    if name in CATALOGUE:
        return f"parameter {code(name)}"
    if name == "AWS::Region":
        return "region of the stack"
    for stack in world.system("production").stacks.values():
        target = world.system("production").target(stack.outputs.get(name))
        if target and stack.parent:
            return f"{code(target.id)} of {target.stack}"
    raise world.UnknownResourceError(f"The docs find no parameter and no output {name}; correct scripts/docs.")


def _described(variable: Variable, *, injected: bool) -> tuple[str, str, str, str]:
    """Name, meaning, source and what is secret about it.

    :raises UnknownResourceError: when no program reads it
    """
    meant = meant_by(variable.name)
    if meant is None:
        raise world.UnknownResourceError(f"No program reads {variable.name}; correct templates/environment.py.")
    secret = "value" if injected else "ARN" if variable.name.endswith("_SECRET") else "no"
    return variable.name, meant.about.removesuffix("."), source(variable.value) + _condition(variable), secret


def _condition(variable: Variable) -> str:
    """When a variable is left out, said by the parameter that decides."""
    if not (variable.when or variable.unless):
        return ""
    decided_by = _parameter_of(conditions.CONDITIONS[variable.when or variable.unless or ""].to_dict())
    if decided_by == variable.value.to_dict().get("Ref"):
        return ", if given"
    return f", {'if' if variable.when else 'unless'} {code(decided_by)} is given"


def _parameter_of(condition: Any) -> str:
    """The one parameter that a condition looks at."""
    return next(str(node["Ref"]) for _, node in walk(condition) if isinstance(node, dict) and "Ref" in node)
