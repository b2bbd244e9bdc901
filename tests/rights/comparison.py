"""What policies grant, compared with what somebody asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence, Set
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


def parted_by_name(documents: Iterable[Document], names: Set[str]) -> tuple[list[Document], list[Document]]:
    """The policies without the statements of these names, and with these alone.

    :raises ValueError: a statement of that name does not exist
    """
    found = list(documents)
    missing = names - {statement["Sid"] for document in found for statement in document["Statement"]}
    if missing:
        raise ValueError(f"There is no statement {', '.join(sorted(missing))}.")
    return _chosen(found, lambda name: name not in names), _chosen(found, lambda name: name in names)


def _chosen(documents: Sequence[Document], wanted: Callable[[str], bool]) -> list[Document]:
    parts = [[each for each in document["Statement"] if wanted(each["Sid"])] for document in documents]
    return _saying([{**document, "Statement": part} for document, part in zip(documents, parts, strict=True)])


def _saying(documents: Iterable[Document]) -> list[Document]:
    """IAM takes no policy without a statement."""
    return [document for document in documents if document["Statement"]]


def without(documents: Iterable[Document], taken: Right) -> list[Document]:
    """The same policies but for one action on one resource; what else stood in its statement stays."""
    return _saying([{**document, "Statement": list(_parted(document["Statement"], taken))} for document in documents])


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
