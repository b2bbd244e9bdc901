"""Event rules that put an event into a sentence: every placeholder is filled, and people see how bad it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from templates.rules.events import ROOTS
from templates.rules.finding import Finding, rule
from templates.rules.notices import event_of, patterns
from templates.rules.system import Resource, System
from templates.rules.values import dicts, mapping, text

PLACEHOLDER = re.compile(r"<([\w.-]+)>")
OWN_PLACEHOLDERS = "aws.events."
PATH = re.compile(r"\$(\.[\w-]+(\[\d+\])?)+")
SEVERITY = re.compile(r'"?\s*(critical|warning|info): ')


def _transformers(system: System) -> Iterator[tuple[Resource, dict[str, Any], dict[str, str], str]]:
    """(rule, pattern, paths by name, template) of each target that puts events into words."""
    for found, pattern in patterns(system):
        for target in dicts(found.get("Targets")):
            transformer = mapping(target.get("InputTransformer"))
            if transformer:
                paths = {str(k): text(v) for k, v in mapping(transformer.get("InputPathsMap")).items()}
                yield found, pattern, paths, text(transformer.get("InputTemplate"))


@rule("a placeholder without a path stays as it is, and people read <reason> instead of the reason")
def placeholder_declared(system: System) -> Iterator[Finding]:
    for found, _, paths, template in _transformers(system):
        used = {name for name in PLACEHOLDER.findall(template) if not name.startswith(OWN_PLACEHOLDERS)}
        for name in sorted(used - set(paths)):
            yield found.finding(f"uses <{name}>, which InputPathsMap does not have; add it or correct the name")
        for name in sorted(set(paths) - used):
            yield found.finding(f"takes {name} from the event and does not say it; use <{name}> or remove it")


@rule("a path that the event does not have is an empty place in the sentence")
def placeholder_has_path(system: System) -> Iterator[Finding]:
    for found, pattern, paths, _ in _transformers(system):
        event = event_of(pattern)
        for name, path in paths.items():
            steps = re.sub(r"\[\d+\]", "", path).split(".")[1:]
            if not PATH.fullmatch(path):
                yield found.finding(f"takes {name} from {path}, which is no path; write $.detail....")
            elif steps[0] not in ROOTS or (event and steps[0] == "detail" and not event.has(steps[1:])):
                yield found.finding(f"takes {name} from {path}, which these events do not have; correct it")


@rule("a template that is no JSON is refused, or arrives as nothing")
def template_readable(system: System) -> Iterator[Finding]:
    for found, _, _, template in _transformers(system):
        lines = template.splitlines() or [""]
        if not _json(template) and not all(_json(line) for line in lines):
            yield found.finding("has an InputTemplate that is no JSON; put the sentence into double quotes")


def _json(template: str) -> bool:
    try:
        json.loads(PLACEHOLDER.sub("0", template))
    except ValueError:
        return False
    return True


@rule("whoever receives a message must see at once how bad it is, in a sentence and not in raw JSON")
def notice_names_severity(system: System) -> Iterator[Finding]:
    for found, _, _, template in _transformers(system):
        if not SEVERITY.match(template) and not re.search(r'"severity"\s*:', template):
            yield found.finding("names no severity; begin InputTemplate with critical: , warning: or info: ")
    for found, _ in patterns(system):
        for target in dicts(found.get("Targets")):
            receiver = system.target(target.get("Arn"))
            raw = not mapping(target.get("InputTransformer")) and not text(target.get("Input"))
            if receiver and receiver.type == "AWS::SNS::Topic" and raw:
                yield found.finding("sends people the raw event; put it into a sentence with InputTransformer")
