"""The system as it stands in AWS, and as a folder of templates describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code
from templates.rules.reader import UNREADABLE, Template, UnreadableError, parse, read_folder
from templates.rules.scope import NESTED
from templates.rules.system import System, nested_templates, render

ROOT = "root"


def deployed(cloudformation: Any, root: str) -> System | None:
    """The system that stands, from its templates and parameters; ``None`` when there is no such stack.

    :param root: name of the root stack
    :raises OperationError: when a template cannot be read
    """
    try:
        stack = cloudformation.describe_stacks(StackName=root)["Stacks"][0]
    except ClientError as error:
        if code(error) == "ValidationError" and "does not exist" in str(error):
            return None
        raise
    if stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
        return None
    templates = {template.name: template for template in _family(cloudformation, stack["StackId"], ROOT)}
    return render(
        templates, {item["ParameterKey"]: item.get("ParameterValue", "") for item in stack.get("Parameters", [])}
    )


def from_folder(folder: Path, parameters: Mapping[str, str], root: str = ROOT) -> System:
    """The system that the folder's template ``root`` and those it nests make with these parameters.

    :raises OperationError: when there is no such template, or one of them cannot be read
    """
    templates, findings = read_folder(folder)
    for finding in findings if templates else ():
        if finding.rule == UNREADABLE:
            raise OperationError(f"{folder}/{finding.resource}: {finding.advice}.")
    if root not in templates:
        raise OperationError(f"{folder} holds no {root}.yaml. Write the templates first: make template.")
    return render(dict(_reachable(templates, root)), parameters)


def _reachable(templates: Mapping[str, Template], root: str) -> Iterator[tuple[str, Template]]:
    files = {template.path.name: name for name, template in templates.items()}
    todo, seen = [root], set()
    while todo:
        name = todo.pop(0)
        if name not in seen:
            seen.add(name)
            yield name, templates[name]
            todo += [files[file] for file in nested_templates(templates[name]).values() if file in files]


def _family(cloudformation: Any, stack: str, name: str) -> Iterator[Template]:
    """A stack's template and those of its nested stacks, each naming its children by the file names given here."""
    body = _template(cloudformation, stack)
    children = _children(cloudformation, stack)
    for logical_id, entry in body["Resources"].items():
        if isinstance(entry, dict) and entry.get("Type") == NESTED and isinstance(entry.get("Properties"), dict):
            entry["Properties"]["TemplateURL"] = f"{_name(name, logical_id)}.yaml"
    yield Template(name, Path(f"{name}.yaml"), body, json.dumps(body, default=str))
    for logical_id, child in children.items():
        yield from _family(cloudformation, child, _name(name, logical_id))


def _name(parent: str, logical_id: str) -> str:
    return logical_id.lower() if parent == ROOT else f"{parent}-{logical_id.lower()}"


def _template(cloudformation: Any, stack: str) -> dict[str, Any]:
    found = cloudformation.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    try:
        return parse(found if isinstance(found, str) else json.dumps(found))
    except UnreadableError as error:
        raise OperationError(f"The template of {stack} is not readable: {error}.") from error


def _children(cloudformation: Any, stack: str) -> dict[str, str]:
    """The nested stacks that stand, by logical id."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for page in pages
        for item in page["StackResourceSummaries"]
        if item["ResourceType"] == NESTED
        and item.get("PhysicalResourceId")
        and item["ResourceStatus"] != "DELETE_COMPLETE"
    }
