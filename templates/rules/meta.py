"""What makes a template readable and acceptable as a file: descriptions, console groups, limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.finding import Finding, rule
from templates.rules.reader import Template
from templates.rules.system import System, top_level
from templates.rules.values import dicts, get, items, mapping, place, text

RANGES = ("AllowedPattern", "MinValue", "MaxValue", "MinLength", "MaxLength")
INTERFACE = ("Metadata", "AWS::CloudFormation::Interface")
ENTRIES = {"Parameters": 200, "Outputs": 200, "Mappings": 200, "Resources": 500}
INLINE = 51_200
BY_URL = 1_000_000
SAFE_INTEGER = 10**10
POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


@rule("people read descriptions in the console, not our source", once=True)
def described(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        if not text(template.body.get("Description")).strip():
            yield Finding(template.name, "-", "has no Description; say what the stack holds")
        for section in ("Parameters", "Outputs"):
            for name, entry in template.section(section).items():
                description = text(entry.get("Description")).strip()
                if len(description.split()) < 2:
                    yield Finding(
                        template.name, f"{section}.{name}", "has no Description; say in a sentence what it is"
                    )


@rule("a refused value without a constraint text shows people a regular expression", once=True)
def constraint_explained(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, declared in template.section("Parameters").items():
            present = [key for key in RANGES if key in declared]
            if present and not text(declared.get("ConstraintDescription")).strip():
                advice = f"has {present[0]} but no ConstraintDescription; say what to type instead"
                yield Finding(template.name, f"Parameters.{name}", advice)


def _labels(interface: Any) -> dict[str, str]:
    labels = mapping(get(interface, "ParameterLabels"))
    return {name: text(get(label, "default")).strip() for name, label in labels.items()}


def _grouped(interface: Any) -> list[str]:
    return [text(name) for group in dicts(get(interface, "ParameterGroups")) for name in items(group.get("Parameters"))]


@rule("ungrouped parameters appear in alphabetical order under a technical name", once=True)
def console_complete(system: System) -> Iterator[Finding]:
    for template in top_level(system.templates):
        interface = get(template.body, *INTERFACE)
        grouped, labels = _grouped(interface), _labels(interface)
        for name in template.section("Parameters"):
            where = f"Parameters.{name}"
            if grouped.count(name) != 1:
                advice = f"stands in {grouped.count(name)} console groups; put it into one of ParameterGroups"
                yield Finding(template.name, where, advice)
            if not labels.get(name):
                yield Finding(template.name, where, "has no console label; add it to ParameterLabels")
        for group in dicts(get(interface, "ParameterGroups")):
            if not text(get(group, "Label", "default")).strip():
                members = text(group.get("Parameters"))
                yield Finding(template.name, "Metadata", f"the group of {members} has no Label; name it")


@rule("a console group that names a parameter nobody declares shows nothing, and hides a misspelling", once=True)
def console_exists(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        interface = get(template.body, *INTERFACE)
        for name in dict.fromkeys([*_grouped(interface), *_labels(interface)]):
            if name not in template.section("Parameters"):
                yield Finding(template.name, "Metadata", f"the console names {name}, which is no parameter; correct it")


@rule("who opens the file must see what it is, and CloudFormation how to read it", once=True)
def headed(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        if text(template.body.get("AWSTemplateFormatVersion")) != "2010-09-09":
            yield Finding(template.name, "-", 'set AWSTemplateFormatVersion to "2010-09-09"')
        if template.path.suffix != ".json" and not template.text.lstrip().startswith("#"):
            yield Finding(template.name, "-", "starts without a comment; say in one what the file is")
        if len(text(template.body.get("Description")).encode()) > 1024:
            yield Finding(template.name, "-", "Description is longer than 1,024 bytes; shorten it")


@rule("CloudFormation refuses what is larger, and says so only at deployment", once=True)
def within_limits(system: System) -> Iterator[Finding]:
    alone = {template.name for template in top_level(system.templates)}
    for template in system.templates.values():
        size = len(template.text.encode())
        if size > BY_URL:
            yield Finding(template.name, "-", f"is {size:,} bytes; CloudFormation takes 1,000,000, split the stack")
        elif size > INLINE and template.name in alone and not _nests(template):
            advice = f"is {size:,} bytes; deployed by itself it may have 51,200, move something to another stack"
            yield Finding(template.name, "-", advice)
        for section, most in ENTRIES.items():
            if (count := len(mapping(template.body.get(section)))) > most:
                yield Finding(template.name, section, f"has {count} entries, {most} are allowed; split the stack")


def _nests(template: Template) -> bool:
    return any(raw.get("Type") == "AWS::CloudFormation::Stack" for raw in template.section("Resources").values())


@rule("what survives deletion of the stack must also survive replacement, and the other way round", once=True)
def kept_alike(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, raw in template.section("Resources").items():
            deleted, replaced = (text(raw.get(policy)).removesuffix("ExceptOnCreate") for policy in POLICIES)
            if deleted != replaced:
                both = f"DeletionPolicy is {deleted or 'missing'}, UpdateReplacePolicy {replaced or 'missing'}"
                advice = f"{both}; set both alike"
                yield Finding(template.name, name, advice)


@rule(
    "long bare numbers are rewritten (1.3E18, leading zeros lost): ids and addresses must be quoted",
    once=True,
)
def long_numbers_quoted(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for path, node in template.nodes:
            if isinstance(node, int) and not isinstance(node, bool) and abs(node) >= SAFE_INTEGER:
                what = ".".join(map(str, path[2:]))
                yield Finding(template.name, place(path), f"{what} is a bare number {node}; put it in quotes")
