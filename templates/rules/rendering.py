"""What only shows when values are put in: an absent resource referred to, a list too short, a circle."""

from __future__ import annotations

import json
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.system import System


@rule("a value that cannot be computed fails the deployment, often after half of it was created")
def computable(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        yield from stack.troubles


JSON_TEXTS = {"DashboardBody", "EventPattern", "Input", "LifecyclePolicyText", "SecretStringTemplate", "RedrivePolicy"}


@rule("a text that should be JSON and is not is refused when the resource is created")
def json_text_is_json(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for path, node in resource.nodes:
            if isinstance(node, str) and path and path[-1] in JSON_TEXTS:
                try:
                    json.loads(node)
                except ValueError as error:
                    yield resource.finding(f"{path[-1]} is no JSON ({error}); correct it")


@rule("a list inside a list is refused: one of them was joined or referred to once too often")
def list_in_list(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for path, node in resource.nodes:
            if isinstance(node, list) and path and isinstance(path[-1], int):
                key = next((step for step in reversed(path) if isinstance(step, str)), "")
                yield resource.finding(f"{key} holds a list inside a list; give the list itself")
