"""What policies grant, compared with what somebody asked for."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Set
from typing import Any

Right = tuple[str, str]
"""An action as IAM names it, and the ARN of what it is done with."""
Document = dict[str, Any]

UNKNOWN_PARTS = {"secret:": "-??????", "log-group:": ":*"}
"""What a policy has to leave open, by the kind of thing: the end of a secret's ARN, the streams of a log group. Any
other pattern counts as a name that nobody bears, so that a right to more than one thing is a right that is not used."""


def granted(documents: Iterable[Document]) -> set[Right]:
    """All that policies allow.

    :raises ValueError: a statement that says it otherwise than by lists of actions and resources
    """
    statements = [statement for document in documents for statement in document["Statement"]]
    for statement in statements:
        if set(statement) != {"Sid", "Effect", "Action", "Resource"} or statement["Effect"] != "Allow":
            raise ValueError(f"{statement.get('Sid')} is no plain list of actions and resources: {statement}")
    return {(action, resource) for each in statements for action in each["Action"] for resource in each["Resource"]}


def fits(resource: str, arn: str) -> bool:
    """Whether a policy's resource is this very thing."""
    ending = next((ending for kind, ending in UNKNOWN_PARTS.items() if f":{kind}" in resource), "")
    if not ending or not resource.endswith(ending):
        return resource == arn
    known = resource.removesuffix(ending)
    if ending == ":*":
        return arn.startswith(f"{known}:log-stream:")
    return arn.startswith(f"{known}-") and len(arn) == len(resource)


def covers(right: Right, call: Right) -> bool:
    """Whether a right is the one that a call needs."""
    return right[0] == call[0] and fits(right[1], call[1])


def unused(rights: Set[Right], calls: Set[Right]) -> set[Right]:
    """Rights that no call needs."""
    return {right for right in rights if not any(covers(right, call) for call in calls)}


def lacking(rights: Set[Right], calls: Set[Right]) -> set[Right]:
    """Calls that no right is for."""
    return {call for call in calls if not any(covers(right, call) for right in rights)}


def without(documents: Iterable[Document], taken: Right) -> list[Document]:
    """The same policies but for one action on one resource; what else stood in its statement stays."""
    return [{**document, "Statement": list(_parted(document["Statement"], taken))} for document in documents]


def _parted(statements: Iterable[Document], taken: Right) -> Iterable[Document]:
    action, resource = taken
    for each in copy.deepcopy(list(statements)):
        if action not in each["Action"] or resource not in each["Resource"]:
            yield each
            continue
        parts = {
            "Rest": ([a for a in each["Action"] if a != action], each["Resource"]),
            "Others": ([action], [r for r in each["Resource"] if r != resource]),
        }
        for name, (actions, resources) in parts.items():
            if actions and resources:
                yield {**each, "Sid": f"{each['Sid']}{name}", "Action": actions, "Resource": resources}
