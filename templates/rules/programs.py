"""Which program each container and function runs, with its variables; and where a value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.contract import PROGRAMS, Program
from templates.rules.finding import Finding
from templates.rules.render import LITERAL, VARIABLE
from templates.rules.scope import NESTED
from templates.rules.system import Resource, Stack, System
from templates.rules.values import dicts, get, items, mapping, text, tokens

TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
FUNCTION = "AWS::Lambda::Function"


class Running(NamedTuple):
    """A container of a task definition, or a function; `program` is None when nobody knows what it runs.

    `plain`: variables as rendered; `injected`: variables that ECS fetches from a secret, with the secret's ARN;
    `written`: both as written, with the branches of conditions chosen; `raw`: the container or function as written.
    """

    resource: Resource
    program: Program | None
    entry: tuple[str, ...]
    container: Mapping[str, Any]
    plain: Mapping[str, Any]
    injected: Mapping[str, Any]
    written: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def what(self) -> str:
        return self.program.name if self.program else "this program"

    def finding(self, advice: str) -> Finding:
        return self.resource.finding(advice)


def _program(entry: tuple[str, ...]) -> Program | None:
    """The program whose entry the words are; gunicorn may get options before its application."""
    first = entry[0].rsplit("/", 1)[-1].replace("python3", "python") if entry else ""
    for program in PROGRAMS:
        if first == program.entry[0] and set(program.entry[1:]) <= set(entry):
            return program
    return None


def chosen(stack: Stack, node: Any) -> Any:
    """What is written, with every Fn::If replaced by the branch that holds; None for AWS::NoValue."""
    if isinstance(node, dict) and set(node) == {"Fn::If"}:
        parts = items(node["Fn::If"])
        holds = stack.conditions.get(text(get(parts, 0)), True)
        return chosen(stack, get(parts, 1 if holds else 2))
    if node == {"Ref": "AWS::NoValue"}:
        return None
    if isinstance(node, list):
        return [each for each in (chosen(stack, item) for item in node) if each is not None]
    return node


def _pairs(entries: Any, key: str) -> dict[str, Any]:
    return {text(entry.get("Name")): entry.get(key) for entry in dicts(entries)}


def _container(task: Resource, stack: Stack, number: int, container: Mapping[str, Any]) -> Running:
    entry = tuple(text(word) for key in ("EntryPoint", "Command") for word in items(container.get(key)))
    whole = chosen(stack, get(task.raw, "Properties", "ContainerDefinitions"))
    raw = mapping(get(items(whole), number))
    written = {
        **_pairs(chosen(stack, raw.get("Environment")), "Value"),
        **_pairs(chosen(stack, raw.get("Secrets")), "ValueFrom"),
    }
    return Running(
        task,
        _program(entry),
        entry,
        container,
        _pairs(container.get("Environment"), "Value"),
        _pairs(container.get("Secrets"), "ValueFrom"),
        written,
        raw,
    )


def _function(function: Resource, stack: Stack) -> Running:
    entry = (text(function.get("Handler")),)
    variables = chosen(stack, get(function.raw, "Properties", "Environment", "Variables"))
    written = {name: chosen(stack, node) for name, node in mapping(variables).items()}
    plain = mapping(function.get("Environment", "Variables"))
    return Running(function, _program(entry), entry, {}, plain, {}, written, mapping(function.raw.get("Properties")))


@lru_cache(maxsize=2)
def running(system: System) -> tuple[Running, ...]:
    """Every container and every function."""
    containers = [
        _container(task, system.stacks[task.stack], number, container)
        for task in system.of_type(TASK)
        for number, container in enumerate(dicts(task.get("ContainerDefinitions")))
    ]
    return (*containers, *(_function(each, system.stacks[each.stack]) for each in system.of_type(FUNCTION)))


def runs(system: System, program: Program) -> list[Resource]:
    """The task definitions or functions that run a program."""
    return [each.resource for each in running(system) if each.program is program]


def services_of(system: System, program: Program) -> list[Resource]:
    """The ECS services whose tasks run a program."""
    tasks = runs(system, program)
    return [service for service in system.of_type(SERVICE) if system.target(service.get("TaskDefinition")) in tasks]


def deployed_as_a_whole(system: System) -> bool:
    """Whether a root is there with all the stacks it nests, so that what is missing is nowhere."""
    nested = system.of_type(NESTED)
    return bool(nested) and all(map(system.nested, nested)) and any(each.program for each in running(system))


def foreseen(system: System, *values: Any) -> bool:
    """Whether values hold no parameter that nobody gave and no output of a stack that is not there.

    In a part of a system such a value can be anything.
    """
    found = [system.resource(token.stack, token.id) for token in tokens(list(values))]
    return all(resource is not None and resource.type != NESTED for resource in found)


def whole_stack(system: System) -> Stack:
    """The stack at the top of the one that runs a program: where to say that something is missing."""
    stack = next(system.stacks[each.resource.stack] for each in running(system) if each.program)
    while stack.parent:
        stack = system.stacks[stack.parent]
    return stack


def origins(system: System, stack: Stack, node: Any) -> set[str]:
    """The deploy-time parameters a written value is made of, followed through the stacks that pass it on."""
    return {name for each in _mentioned(node) for name in _origin(system, stack, each)}


def _mentioned(node: Any) -> Iterator[str]:
    """Names in Ref and Fn::Sub, "Nested.Outputs.X" in Fn::GetAtt."""
    if isinstance(node, list):
        for item in node:
            yield from _mentioned(item)
    elif isinstance(node, dict):
        for key, argument in node.items():
            if key == "Ref":
                yield text(argument)
            elif key == "Fn::GetAtt":
                yield ".".join(text(part) for part in items(argument))
            elif key == "Fn::Sub":
                yield from VARIABLE.findall(LITERAL.sub("", text(get(items(argument), 0))))
                yield from _mentioned(get(items(argument), 1))
            else:
                yield from _mentioned(argument)


def _origin(system: System, stack: Stack, name: str, depth: int = 0) -> set[str]:
    head, _, attribute = name.strip().partition(".")
    if depth > 5:
        return set()
    if name in stack.section("Parameters"):
        return _passed(system, stack, name, depth)
    nested = system.resource(stack.name, head)
    child = system.nested(nested) if nested and nested.type == NESTED else None
    if child:
        output = child.section("Outputs").get(attribute.removeprefix("Outputs."), {})
        taken = chosen(child, output.get("Value"))
        return {origin for each in _mentioned(taken) for origin in _origin(system, child, each, depth + 1)}
    return set()


def _passed(system: System, stack: Stack, name: str, depth: int) -> set[str]:
    parent = system.stacks.get(stack.parent)
    if parent is None:
        return {name}
    passed = mapping(get(parent.section("Resources"), stack.parent_id, "Properties", "Parameters"))
    if name not in passed:
        return {f"the default of {stack.name}"}
    value = chosen(parent, passed[name])
    return {origin for each in _mentioned(value) for origin in _origin(system, parent, each, depth + 1)}
