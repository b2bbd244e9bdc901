"""How root and the nested stacks hang together: what is passed, what is taken, in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.parameters import is_list
from templates.rules.reader import Template
from templates.rules.references import mentions
from templates.rules.scope import NESTED
from templates.rules.system import Resource, System, nested_templates
from templates.rules.values import get, items, mapping, place, text, walk

CONSTRAINTS = ("AllowedPattern", "AllowedValues", "MinValue", "MaxValue", "MinLength", "MaxLength")


class Nesting(NamedTuple):
    """A nested stack as written: the parent, its resource, the child, what is passed (unrendered, by parameter)."""

    parent: Template
    id: str
    child: Template
    passed: Mapping[str, Any]


def nestings(system: System) -> Iterator[Nesting]:
    files = {template.path.name: template for template in system.templates.values()}
    for parent in system.templates.values():
        for logical_id, file in nested_templates(parent).items():
            if file in files:
                passed = mapping(get(parent.section("Resources"), logical_id, "Properties", "Parameters"))
                yield Nesting(parent, logical_id, files[file], passed)


def taken_outputs(value: Any) -> Iterator[tuple[str, str]]:
    """(nested stack's resource, output) of every output in an unrendered value."""
    for _, node in walk(value):
        parts = items(get(node, "Fn::GetAtt")) if isinstance(node, dict) else []
        name, _, attribute = ".".join(text(part) for part in parts).partition(".")
        if attribute.startswith("Outputs."):
            yield name, attribute.removeprefix("Outputs.")


@rule("a parameter nobody uses asks people for a value that changes nothing", once=True)
def parameter_used(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        used = {m.name for m in mentions(template) if m.kind == "ref" and m.section != "Rules"}
        for name in template.section("Parameters"):
            if name not in used:
                yield Finding(template.name, f"Parameters.{name}", "is used nowhere; use it or remove it")


@rule("an output nobody takes is a promise nobody needs, and often the sign of a wire that was never laid", once=True)
def output_used(system: System) -> Iterator[Finding]:
    for parent, logical_id, child, _ in nestings(system):
        used = {m.attribute for m in mentions(parent) if (m.kind, m.name) == ("attribute", logical_id)}
        for name in child.section("Outputs"):
            if f"Outputs.{name}" not in used:
                advice = f"is not used by {parent.name}; pass it on, show it there or remove it"
                yield Finding(child.name, f"Outputs.{name}", advice)


@rule("a nested stack that misses a value fails when its parent is already half created", once=True)
def nested_values_given(system: System) -> Iterator[Finding]:
    for parent, logical_id, child, passed in nestings(system):
        declared = child.section("Parameters")
        for name in declared:
            if name not in passed and "Default" not in declared[name]:
                yield Finding(parent.name, logical_id, f"does not pass {name}, which {child.name} needs; pass it")
        for name in passed:
            if name not in declared:
                yield Finding(parent.name, logical_id, f"passes {name}, which {child.name} does not declare; remove it")


@rule("a nested stack takes text only: a list is joined on the way and split by its parameter's type", once=True)
def nested_values_are_text(system: System) -> Iterator[Finding]:
    for parent, logical_id, _child, passed in nestings(system):
        lists = {name for name, declared in parent.section("Parameters").items() if is_list(declared)}
        for name, value in passed.items():
            if (
                isinstance(value, list)
                or text(get(value, "Ref")) in lists
                or {"Fn::Split", "Fn::GetAZs"} & set(mapping(value))
            ):
                yield Finding(parent.name, logical_id, f"passes a list as {name}; wrap it in Fn::Join with a comma")


@rule("in a nested change set a sibling's output is not known yet: checks and cuts on it fail the whole set", once=True)
def nested_value_unchecked(system: System) -> Iterator[Finding]:
    for _parent, _id, child, passed in nestings(system):
        cut = _taken_apart(child)
        for name, value in passed.items():
            declared = child.section("Parameters").get(name)
            if declared is None or not list(taken_outputs(value)):
                continue
            where = f"Parameters.{name}"
            if text(declared.get("Type")) not in ("String", "CommaDelimitedList"):
                yield Finding(child.name, where, "takes a sibling's output; make its Type String or CommaDelimitedList")
            if present := [key for key in CONSTRAINTS if key in declared]:
                yield Finding(child.name, where, f"takes a sibling's output; remove {', '.join(present)}")
            if name in cut:
                yield Finding(child.name, where, "takes a sibling's output; output the part instead of cutting it here")


def _taken_apart(template: Template) -> set[str]:
    """Parameters inside Fn::Select or Fn::Split."""
    cuts = [node for path, node in template.nodes if path[-1:] in (("Fn::Select",), ("Fn::Split",))]
    inner = [node for cut in cuts for _, node in walk(cut) if isinstance(node, dict)]
    names = {text(node.get("Ref")) for node in inner}
    subs = [text(items(node["Fn::Sub"])[0]) for node in inner if items(node.get("Fn::Sub"))]
    return names | {name for name in template.section("Parameters") if any(f"${{{name}}}" in sub for sub in subs)}


@rule("a parameter that gets its neighbour's value deploys without complaint and works wrongly", once=True)
def wired_to_namesake(system: System) -> Iterator[Finding]:
    for parent, logical_id, _child, passed in nestings(system):
        for name, value in passed.items():
            if home := _other_home(name, value, parent, system):
                advice = f"passes {home[1]} as {name}; pass {home[0]}'s output {name}"
                yield Finding(parent.name, logical_id, advice)
            ref = get(value, "Ref")
            if isinstance(ref, str) and ref != name and name in parent.section("Parameters"):
                yield Finding(parent.name, logical_id, f"passes {ref} as {name}; pass the parameter {name}")


@rule("an output called like a nested stack's and made of another one sends people to the wrong place", once=True)
def output_shows_namesake(system: System) -> Iterator[Finding]:
    for parent in {nesting.parent.name: nesting.parent for nesting in nestings(system)}.values():
        for name, output in parent.section("Outputs").items():
            if home := _other_home(name, output.get("Value"), parent, system):
                advice = f"shows {home[1]}; show {home[0]}'s output {name}"
                yield Finding(parent.name, f"Outputs.{name}", advice)


def _other_home(name: str, value: Any, parent: Template, system: System) -> tuple[str, str] | None:
    """Which nested stack has the output of that name, and which other output the value takes instead."""
    homes = [n.id for n in nestings(system) if n.parent is parent and name in n.child.section("Outputs")]
    taken = [output for _, output in taken_outputs(value)]
    return (homes[0], taken[0]) if homes and taken and name not in taken else None


@rule("an export cannot change while it is in use, and locks two stacks together: the parent passes outputs", once=True)
def no_exports(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, output in template.section("Outputs").items():
            if "Export" in output:
                yield Finding(template.name, f"Outputs.{name}", "is exported; remove Export and let the parent pass it")
        for path, _ in template.nodes:
            if path[-1:] == ("Fn::ImportValue",):
                yield Finding(template.name, place(path), "imports a value; let the parent pass it as a parameter")


@rule("an output name in two stacks leaves open which of them a parameter of that name is meant to get", once=True)
def output_named_once(system: System) -> Iterator[Finding]:
    owners: dict[tuple[str, str], str] = {}
    for parent, _id, child, _passed in nestings(system):
        for name in child.section("Outputs"):
            first = owners.setdefault((parent.name, name), child.name)
            if first != child.name:
                yield Finding(child.name, f"Outputs.{name}", f"is also an output of {first}; rename one of them")


@rule("a nested template that is not beside its parent is not checked and not uploaded with it")
def nested_template_present(system: System) -> Iterator[Finding]:
    files = {template.path.name for template in system.templates.values()}
    for resource in system.of_type(NESTED):
        url = resource.get("TemplateURL")
        if not isinstance(url, str) or PurePosixPath(url).name not in files:
            yield resource.finding("TemplateURL names no template of this folder; give the file's name")
        elif PurePosixPath(url).stem.lower() != resource.id.lower() and _own_file(resource.id, files):
            yield resource.finding(f"TemplateURL names {url}; the template called like {resource.id} is another file")


def _own_file(logical_id: str, files: set[str]) -> bool:
    return logical_id.lower() in {PurePosixPath(file).stem.lower() for file in files}


@rule("CloudFormation refuses stacks and resources that wait for each other")
def acyclic(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        for resource in stack.resources.values():
            circle = _circle(resource, stack.resources)
            if circle and min(circle) == resource.id:
                yield resource.finding(
                    f"waits for itself through {' -> '.join(circle)}; remove one reference or DependsOn"
                )


def _circle(start: Resource, resources: Mapping[str, Resource]) -> list[str]:
    """A shortest way from a resource back to itself, as ids; empty when there is none."""
    ways, seen = [[name] for name in sorted(start.uses)], set(start.uses)
    while ways:
        way = ways.pop(0)
        if way[-1] == start.id:
            return [start.id, *way[:-1]]
        following = resources[way[-1]].uses if way[-1] in resources else frozenset[str]()
        ways += [[*way, name] for name in sorted(following - seen)]
        seen |= following
    return []


@rule("a resource that refers to itself can never be created", once=True)
def no_reference_to_itself(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for mention in mentions(template):
            if mention.where == mention.name and mention.kind in ("ref", "attribute", "depends"):
                yield Finding(template.name, mention.where, "refers to itself; break the circle with a rule of its own")


@rule("a template nested twice creates every name in it twice", once=True)
def nested_once(system: System) -> Iterator[Finding]:
    seen: dict[str, Nesting] = {}
    for nesting in nestings(system):
        first = seen.setdefault(nesting.child.name, nesting)
        if first is not nesting:
            advice = (
                f"nests {nesting.child.path.name} a second time beside {first.id}; its names would clash; remove one"
            )
            yield Finding(nesting.parent.name, nesting.id, advice)
