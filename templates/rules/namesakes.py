"""Things that are called alike belong together: a wire to the neighbour of one's namesake is most likely crossed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from templates.rules.arn_or_name import variables
from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.reader import Template
from templates.rules.scope import NESTED
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, place, text, token

WORD = re.compile(r"[A-Z][a-z0-9]+|[A-Z]+(?![a-z])|[A-Z]")
STEM = 6
SEPARATOR = re.compile(r"[_/-]")
KEEPERS = ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret")
ENDINGS = re.compile(r"(Arns?|Names?|Ids?|Urls?|DnsName|FullName|Uri)$")


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """ "PrivateSubnetA" is Privat, Subnet, A: the stems only, so that a Schedule goes with its SchedulerRole."""
    return tuple(word[:STEM] for word in WORD.findall(name))


@lru_cache(maxsize=4096)
def _closer(name: str, others: tuple[str, ...], around: frozenset[str]) -> str | None:
    """Another name that differs in one word, which is a word of the place and the name's own word is not."""
    mine = words(name)
    for other in others:
        theirs = words(other)
        differ = [n for n in range(len(mine)) if len(theirs) == len(mine) and mine[n] != theirs[n]]
        if len(differ) == 1 and theirs[differ[0]] in around and mine[differ[0]] not in around:
            return other
    return None


@rule("a resource wired to its neighbour's partner deploys without complaint and serves the wrong one")
def wired_to_own_partner(system: System) -> Iterator[Finding]:
    for user in system.resources:
        targets = system.targets(user.props) if user.type != NESTED else []
        for used in dict.fromkeys(targets):
            others = {other.id: other for other in system.of_type(used.type) if other is not user}
            own = _closer(used.id, tuple(others), frozenset(words(user.id)))
            if own and others[own] not in targets:
                yield user.finding(f"refers to {used.id}, not to {own}, which is called like it; refer to {own}")


@rule("an output called like one resource and made of another crosses two wires at once")
def output_of_its_namesake(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        for name, value in stack.outputs.items():
            named = stack.resources.get(ENDINGS.sub("", name))
            target = system.target(value)
            if named and token(value) and target and target is not named and target.type == named.type:
                yield stack.finding(f"Outputs.{name}", f"is made of {target.id}; make it of {named.id}")


def _share(name: str, called: set[str]) -> tuple[int, int]:
    """How many words a name shares with others, and how few it has besides."""
    own = set(words(name)) if name[:1].isupper() else {word.capitalize()[:STEM] for word in SEPARATOR.split(name)}
    return len(own & called), -len(own - called)


def _filled(resource: Resource) -> Iterator[tuple[str, str]]:
    """Plain and secret variables with what fills them."""
    yield from ((name, text(value)) for name, value in variables(resource).items())
    for container in dicts(resource.get("ContainerDefinitions")):
        yield from ((text(get(e, "Name")), text(get(e, "ValueFrom"))) for e in dicts(container.get("Secrets")))


@rule("a variable called like one table or secret and filled with another mixes up data")
def variable_of_its_namesake(system: System) -> Iterator[Finding]:
    named = [(resource, physical_name(resource)) for resource in system.of_type(*KEEPERS)]
    for resource in system.resources:
        for name, value in _filled(resource):
            used = next((r for r, physical in named if r is system.target(value) or _names(value, physical)), None)
            if used is None:
                continue
            called = {word.capitalize()[:STEM] for word in name.split("_")}
            shares = {other: _best(other, called) for other, _ in named if other.type == used.type}
            own = max(shares, key=lambda other: shares[other])
            if shares[own][0] > shares[used][0] or (shares[own] > shares[used] and not token(value)):
                yield resource.finding(f"variable {name} is filled with {used.id}; fill it with {own.id}")


def _best(resource: Resource, called: set[str]) -> tuple[int, int]:
    return max(_share(resource.id, called), _share(physical_name(resource).rsplit("/", 1)[-1], called))


def _names(value: str, physical: str) -> bool:
    """Whether a text is a physical name, or an ARN that ends in it."""
    return bool(physical) and re.sub(r"(-\?{6}|[*:])+$", "", value).rsplit(":", 1)[-1] == physical


Use = tuple[str, str, tuple[str, ...]]  # place, parameter, words around it


def _uses(template: Template) -> Iterator[Use]:
    """Each use of a parameter, with the words of what it is used for: the resource, the property, the variable."""
    for path, node in template.nodes:
        if path[-1:] == ("Ref",) and isinstance(node, str) and path[0] in ("Resources", "Outputs", "Conditions"):
            around = (str(path[1]), *_keys(path[2:-1]), *_beside(template.body, path[:-1]))
            yield place(path), node, tuple(word for each in around for word in words(each))


def _keys(path: tuple[str | int, ...]) -> list[str]:
    """The nearest property above a use, intrinsics left out."""
    keys = [step for step in path if isinstance(step, str) and not step.startswith("Fn::")]
    return [key if key[:1].isupper() and not key.isupper() else _camel(key) for key in keys[-1:]]


def _beside(body: Any, path: tuple[str | int, ...]) -> list[str]:
    """What stands beside a value and says what it is for: the variable's name, the Sid, the condition of its branch."""
    above = [get(body, *path[:end]) for end in range(len(path), 2, -1)]
    said = [get(node, key) for node in above for key in ("Name", "Key", "Sid", "PolicyName") if isinstance(node, dict)]
    chosen = [get(node, "Fn::If", 0) for node in above if isinstance(node, dict)]
    return [_camel(name) for name in [*said, *chosen] if isinstance(name, str)]


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in SEPARATOR.split(name)) if name.upper() == name else name


@rule("a value taken from the neighbour of the parameter called like its place is most likely crossed", once=True)
def value_of_its_namesake(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        yield from _crossed(template)


@lru_cache(maxsize=32)
def _crossed(template: Template) -> tuple[Finding, ...]:
    parameters = tuple(template.section("Parameters"))
    uses = [use for use in _uses(template) if use[1] in parameters]
    compared = {(where, parameter) for where, parameter, _ in uses if where.startswith("Conditions.")}
    closer = ((where, name, _closer(name, parameters, frozenset(around))) for where, name, around in uses)
    crossed = [each for each in closer if each[2] and (each[0], each[2]) not in compared]
    return tuple(
        Finding(template.name, where, f"takes {parameter} where {own} is called alike; take {own}")
        for where, parameter, own in [*crossed, *_said(template, parameters)]
    )


def _said(template: Template, parameters: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """(place, parameter, own) where a tag or variable says the very name of a parameter and holds another one."""
    for path, node in template.nodes:
        if isinstance(node, dict) and path[:1] == ("Resources",):
            taken = text(get(node, "Value", "Ref"))
            own = _camel(text(node.get("Name") or node.get("Key")))
            if own in parameters and taken in parameters and taken != own:
                yield place(path), taken, own
