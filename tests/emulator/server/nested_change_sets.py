"""``IncludeNestedStacks``, which MiniStack accepts and ignores: each nested stack's own change set.

What is done as on AWS: each nested stack that changes gets a change set of its own, the root's change names it by
``ChangeSetId``, it names the root's by ``ParentChangeSetId`` and ``RootChangeSetId``; a value that a sibling has yet to
produce stands as ``{{IntrinsicFunction:...}}``, so a pattern, a typed parameter or ``Fn::Select`` on it fails the
nested set and with it the root's (cloudformation-coverage-roadmap#759, cfn-language-discussion#152); a resource whose
condition is false is no change.

What is not: nested stacks are not shown in REVIEW_IN_PROGRESS, nesting goes one level deep, and only AWS knows when it
calls a sibling's existing output unresolved (here: when the sibling changes).
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from tests.emulator.server import calls, imports

Json = dict[str, Any]
Response = tuple[int, Json, bytes | str]

NESTED = "AWS::CloudFormation::Stack"
UNTYPED = ("String", "CommaDelimitedList")


def install() -> None:
    """Put our CreateChangeSet and DescribeChangeSet before MiniStack's."""
    handlers = calls.module("services.cloudformation")._ACTION_HANDLERS
    handlers["CreateChangeSet"] = _creating(handlers["CreateChangeSet"])
    handlers["DescribeChangeSet"] = _describing(handlers["DescribeChangeSet"])


def _creating(create: Callable[[Json], Response]) -> Callable[[Json], Response]:
    def create_with_nested(parameters: Json) -> Response:
        response = create(parameters)
        if response[0] < 400 and parameters.get("IncludeNestedStacks") == ["true"]:
            _nest(_change_sets()[calls.element(_text(response), "Id")])
        return response

    return create_with_nested


def _describing(describe: Callable[[Json], Response]) -> Callable[[Json], Response]:
    def describe_with_nested(parameters: Json) -> Response:
        response = describe(parameters)
        if response[0] >= 400:
            return response
        text = _text(response)
        change_set = _change_sets()[calls.element(text, "ChangeSetId")]
        for logical_id, nested in change_set.get("_nested", {}).items():
            name = f"<LogicalResourceId>{logical_id}</LogicalResourceId>"
            text = text.replace(name, f"{name}<ChangeSetId>{nested}</ChangeSetId>")
        said = ("IncludeNestedStacks", "ParentChangeSetId", "RootChangeSetId")
        more = "".join(f"<{key}>{escape(change_set[key])}</{key}>" for key in said if key in change_set)
        return response[0], response[1], text.replace("</DescribeChangeSetResult>", f"{more}</DescribeChangeSetResult>")

    return describe_with_nested


def _nest(root: Json) -> None:
    """Give each nested stack that changes a set of its own, and mark the root failed if one of them fails."""
    template = root["_template"]
    root["IncludeNestedStacks"] = "true"
    root["Changes"] = _by_condition(root["Changes"], _stack(root["StackName"]), template, root["_resolved_params"])
    actions = {
        change["ResourceChange"]["LogicalResourceId"]: change["ResourceChange"]["Action"] for change in root["Changes"]
    }
    root["_nested"] = {}
    for name, action in actions.items():
        if action != "Remove" and template["Resources"][name]["Type"] == NESTED:
            nested = _nested_change_set(root, name, set(actions))
            root["_nested"][name] = nested["ChangeSetId"]
            if nested["Status"] == "FAILED":
                reason = f"Nested change set {nested['ChangeSetId']} was not successfully created: Currently in FAILED."
                root.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)


def _by_condition(changes: list[Json], stack: Json, template: Json, values: Json) -> list[Json]:
    """The changes with what conditions switch on as added and what they switch off as removed.

    MiniStack compares the templates alone, so it lists both as modified, and what stays switched off as well.
    """
    listed = {change["ResourceChange"]["LogicalResourceId"]: change for change in changes}
    before, after = stack.get("_resources", {}), _active(template, values)
    found = []
    for name in sorted({*before, *after}):
        if name not in before:
            found.append(_change("Add", LogicalResourceId=name, ResourceType=template["Resources"][name]["Type"]))
        elif name not in after:
            old = {key: before[name][key] for key in ("LogicalResourceId", "PhysicalResourceId", "ResourceType")}
            found.append(_change("Remove", **old))
        elif name in listed:
            found.append(listed[name])
    return found


def _change(action: str, **resource: str) -> Json:
    return {"ResourceChange": {"Action": action} | resource}


def _active(template: Json, values: Json) -> set[str]:
    """Logical ids of the resources that no condition switches off."""
    conditions = calls.module("services.cloudformation.engine")._evaluate_conditions(template, values)
    return {name for name, item in template["Resources"].items() if conditions.get(item.get("Condition"), True)}


def _nested_change_set(root: Json, logical_id: str, changing: set[str]) -> Json:
    stack = _nested_stack(root, logical_id)
    change_set = {key: root[key] for key in ("ChangeSetName", "CreationTime", "Capabilities", "Tags", "Description")}
    change_set |= {
        "ChangeSetId": f"{root['ChangeSetId']}-{logical_id}",
        "StackId": stack.get("StackId", f"{root['StackId']}-{logical_id}"),
        "StackName": stack.get("StackName", f"{root['StackName']}-{logical_id}"),
        "ChangeSetType": "UPDATE" if stack else "CREATE",
        "IncludeNestedStacks": "true",
        "ParentChangeSetId": root["ChangeSetId"],
        "RootChangeSetId": root["ChangeSetId"],
        # Only the root's change set can be executed.
        "ExecutionStatus": "UNAVAILABLE",
    }
    try:
        values, changes = _plan(root, logical_id, stack, changing)
    except ValueError as problem:
        change_set |= {"Status": "FAILED", "StatusReason": str(problem), "Parameters": [], "Changes": []}
    else:
        listed = [{"ParameterKey": name, "ParameterValue": value["Value"]} for name, value in values.items()]
        change_set |= {"Status": "CREATE_COMPLETE", "StatusReason": "", "Parameters": listed, "Changes": changes}
    _change_sets()[change_set["ChangeSetId"]] = change_set
    return change_set


def _plan(root: Json, logical_id: str, stack: Json, changing: set[str]) -> tuple[Json, list[Json]]:
    """Parameter values of the nested stack and its changes; ``ValueError`` with AWS's kind of reason."""
    engine = calls.module("services.cloudformation.engine")
    stacks = calls.module("services.cloudformation.stacks")
    change_sets = calls.module("services.cloudformation.changesets")
    properties = root["_template"]["Resources"][logical_id]["Properties"]
    template = _template(_resolved(root, properties["TemplateURL"], changing))
    given = [
        {"Key": name, "Value": str(_resolved(root, value, changing))}
        for name, value in properties.get("Parameters", {}).items()
    ]
    values = engine._resolve_parameters(template, given)
    _refuse_impossible(template, values)
    place = (stack.get("StackName", logical_id), stack.get("StackId", logical_id))
    before = change_sets._resolve_props_for_diff(stack.get("_template"), stack.get("_resolved_params", {}), *place)
    after = change_sets._resolve_props_for_diff(template, values, *place)
    known = stack.get("_resolved_params", {})
    changed = {name for name, value in values.items() if known.get(name, {}).get("Value") != value["Value"]}
    diff = stacks._diff_resources(before, after, stack.get("_resources"), template, changed)
    return values, imports.planned(root, logical_id, template, _by_condition(diff, stack, template, values))


def _refuse_impossible(template: Json, values: Json) -> None:
    """What AWS can not do with a value that does not exist yet: check its type, or take it apart."""
    engine = calls.module("services.cloudformation.engine")
    for name, value in values.items():
        kind = template["Parameters"][name].get("Type", "String")
        if "{{IntrinsicFunction:" in value["Value"] and kind not in UNTYPED:
            raise ValueError(f"Parameter validation failed: parameter value {value['Value']} for {name} does not exist")
    conditions = engine._evaluate_conditions(template, values)
    sections = [template["Resources"][name].get("Properties", {}) for name in _active(template, values)]
    for node in _selections([*sections, template.get("Outputs", {})]):
        engine._resolve_refs(node, {}, values, conditions, template.get("Mappings", {}), "", "")


def _selections(node: Any) -> Iterator[Json]:
    """Every ``Fn::Select`` that reads parameters alone."""
    if isinstance(node, list):
        for item in node:
            yield from _selections(item)
    elif isinstance(node, dict):
        if "Fn::Select" in node and "Fn::GetAtt" not in str(node):
            yield copy.deepcopy(node)
        for item in node.values():
            yield from _selections(item)


def _resolved(root: Json, value: Any, changing: set[str]) -> Any:
    """A property of a nested stack's resource, with a placeholder for each output that does not exist yet."""
    engine = calls.module("services.cloudformation.engine")
    known = _stack(root["StackName"]).get("_resources", {})
    template, values = root["_template"], root["_resolved_params"]
    conditions = engine._evaluate_conditions(template, values)
    waiting = {
        name: {"Attributes": _Placeholders(root["StackId"], name)}
        for name in template["Resources"]
        if name in changing or name not in known
    }
    mappings = template.get("Mappings", {})
    return engine._resolve_refs(
        copy.deepcopy(value), known | waiting, values, conditions, mappings, root["StackName"], root["StackId"]
    )


class _Placeholders(dict[str, str]):
    """Attributes of a resource that does not exist yet: each is there, as the text AWS puts in its place."""

    def __init__(self, stack_id: str, logical_id: str) -> None:
        super().__init__()
        self._owner = f"{stack_id}/{logical_id}"

    def __contains__(self, _attribute: object) -> bool:
        return True

    def __getitem__(self, attribute: str) -> str:
        return f"{{{{IntrinsicFunction:{self._owner}.{attribute}/Fn::GetAtt}}}}"


def _nested_stack(root: Json, logical_id: str) -> Json:
    """The nested stack as it is deployed, empty if it is not."""
    resource = _stack(root["StackName"]).get("_resources", {}).get(logical_id)
    if resource is None:
        return {}
    name = calls.module("services.cloudformation.provisioners")._nested_stack_lookup_name(
        resource["PhysicalResourceId"]
    )
    return _stack(name)


def _template(url: str) -> Json:
    body, problem = calls.module("services.cloudformation.helpers")._resolve_template({"TemplateURL": [url]})
    if problem is not None:
        raise ValueError(f"TemplateURL must name a template that exists: {url}")
    parsed: Json = calls.module("services.cloudformation.engine")._parse_template(body)
    return parsed


def _stack(name: str) -> Json:
    return dict(calls.module("services.cloudformation")._stacks.get(name) or {})


def _change_sets() -> Any:
    return calls.module("services.cloudformation")._change_sets


def _text(response: Response) -> str:
    return response[2].decode() if isinstance(response[2], bytes) else response[2]
