"""Placeholders in texts: substituted, complete, and of this environment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.naming import declared_names
from templates.rules.render import LITERAL, VARIABLE
from templates.rules.system import System
from templates.rules.values import place
from templates.rules.variants import IDENTITY

TEXTS = {"Description", "AlarmDescription", "DashboardBody", "ConstraintDescription", "Metadata", "Tags"}
TORN = re.compile(r"\$\{[^}]*(\$\{|$)|\$\{\s*\}")
BARE = re.compile(r"(?<![$\w])\{(\w+)\}|\$(\w+)|(?<![${!:.\w])(\w+)\}")
OTHER = re.compile(r"(?<![a-z])(production|staging|development)(?![a-z])")


@rule("${Name} outside Fn::Sub stays as it is: the resource gets a dollar sign and braces", once=True)
def placeholder_substituted(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        known = declared_names(template, "ref")
        for path, node in template.nodes:
            if isinstance(node, str) and "${" in node and path[0] in ("Resources", "Outputs"):
                variables = VARIABLE.findall(LITERAL.sub("", node))
                found = [variable for variable in variables if variable.partition(".")[0] in known]
                if found and not {"Fn::Sub", "Metadata"}.intersection(path):
                    advice = f"writes ${{{found[0]}}} outside Fn::Sub; add Fn::Sub"
                    yield Finding(template.name, place(path), advice)


@rule("a placeholder that lacks its dollar sign or a brace is plain text, and part of the name", once=True)
def placeholder_complete(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        known = declared_names(template, "ref")
        for path, node in template.nodes:
            if isinstance(node, str) and path[0] in ("Resources", "Outputs") and not TEXTS.intersection(path):
                bare = next((name for match in BARE.findall(node) for name in match if name in known), "")
                if bare and "${" + bare not in node:
                    yield Finding(
                        template.name, place(path), f"writes {bare} without ${{...}}; write ${{{bare}}} with Fn::Sub"
                    )
                elif TORN.search(node):
                    yield Finding(template.name, place(path), f"tears a placeholder ({node[:60]}); close its brace")


@rule("what names another environment uses or changes that environment's resources")
def of_this_environment(system: System) -> Iterator[Finding]:
    own = system.values.get(IDENTITY, "")
    for resource in system.resources if own else ():
        for path, node in resource.nodes:
            other = OTHER.search(node) if isinstance(node, str) else None
            if other and other[0] != own and not TEXTS.intersection(path):
                yield resource.finding(f"says {other[0]} in {own} ({node[:60]}); take Environment or NameSuffix")
