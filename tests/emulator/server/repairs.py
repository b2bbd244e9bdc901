"""Where MiniStack answers otherwise than AWS, in CloudFormation and IAM, put right. Each repair has its test beside.

They wrap MiniStack's functions, so they must be made before the server starts.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.emulator.server import calls

NUMBERS = ("ContainerPort", "DesiredCount", "HealthCheckGracePeriodSeconds", "HostPort")
VALUES_OF_SECRETS = {"GenerateSecretString", "SecretString"}
RULE_FUNCTIONS = ("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll")

Json = dict[str, Any]
Created = tuple[str, Json]


def repair() -> None:
    provisioners = calls.module("services.cloudformation.provisioners")
    stacks = calls.module("services.cloudformation.stacks")
    _short_form_of_rules(calls.module("services.cloudformation.engine"))
    _unknown_parameters_are_refused()
    _numbers_are_numbers(provisioners, "AWS::ECS::Service", "AWS::ECS::TaskDefinition")
    _container_secrets_have_names(provisioners._RESOURCE_HANDLERS["AWS::ECS::TaskDefinition"])
    _alarms_may_calculate(provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"])
    _secret_is_its_arn(provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"])
    _update_keeps_attributes(provisioners, stacks)
    _nested_stacks_are_deleted_as_stacks(provisioners, stacks)
    _logs_are_written_into_streams(calls.module("core.iam_actions"))
    _a_restored_table_names_its_backup(calls.module("services.dynamodb"))


def _short_form_of_rules(engine: Any) -> None:
    """``!Contains`` and the other functions of the Rules section can be written in short form."""
    for function in RULE_FUNCTIONS:
        engine.CfnLoader.add_constructor(f"!{function}", engine._construct_cfn_tag(f"Fn::{function}"))


def _unknown_parameters_are_refused() -> None:
    """A parameter that the template does not declare fails the operation; MiniStack ignores it."""
    resolve = calls.module("services.cloudformation.engine")._resolve_parameters

    def resolve_known(template: Json, given: list[Json], *previous: Json) -> Json:
        unknown = [item["Key"] for item in given if item["Key"] not in template.get("Parameters", {})]
        if unknown:
            raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        resolved: Json = resolve(template, given, *previous)
        return resolved

    for name in ("engine", "handlers", "changesets"):
        calls.module(f"services.cloudformation.{name}")._resolve_parameters = resolve_known


def _numbers_are_numbers(provisioners: Any, *resource_types: str) -> None:
    """A number that a parameter brings is text; CloudFormation makes it the number the resource type wants."""
    for resource_type in resource_types:
        handler = provisioners._RESOURCE_HANDLERS[resource_type]
        for name in ("create", "update"):
            handler[name] = _with_arguments(handler[name], _numbered)


def _with_arguments(function: Callable[..., Created], change: Callable[[Any], Any]) -> Callable[..., Created]:
    """The handler with its arguments changed on the way."""
    return lambda *arguments: function(*(change(argument) for argument in arguments))


def _numbered(node: Any) -> Any:
    if isinstance(node, list):
        return [_numbered(item) for item in node]
    if isinstance(node, dict):
        return {
            name: int(value) if name in NUMBERS and isinstance(value, str) else _numbered(value)
            for name, value in node.items()
        }
    return node


def _container_secrets_have_names(handler: Json) -> None:
    """A container's secrets are described as ECS does, ``name`` and ``valueFrom``; MiniStack keeps CloudFormation's."""

    def lowered(argument: Any) -> Any:
        if not isinstance(argument, dict) or "ContainerDefinitions" not in argument:
            return argument
        containers = [
            container | {"Secrets": [_lowered_keys(secret) for secret in container.get("Secrets", [])]}
            for container in argument["ContainerDefinitions"]
        ]
        return argument | {"ContainerDefinitions": containers}

    for name in ("create", "update"):
        handler[name] = _with_arguments(handler[name], lowered)


def _lowered_keys(item: Json) -> Json:
    return {name[0].lower() + name[1:]: value for name, value in item.items()}


def _alarms_may_calculate(handler: Json) -> None:
    """An alarm on an expression stands, as an alarm on the expression's first metric; MiniStack refuses it."""

    def simplified(argument: Any) -> Any:
        if not isinstance(argument, dict) or "Metrics" not in argument:
            return argument
        first = next(item["MetricStat"] for item in argument["Metrics"] if "MetricStat" in item)
        rest = {name: value for name, value in argument.items() if name != "Metrics"}
        return rest | first["Metric"] | {"Statistic": first["Stat"], "Period": first["Period"]}

    for name in ("create", "update"):
        handler[name] = _with_arguments(handler[name], simplified)


def _secret_is_its_arn(handler: Json) -> None:
    """``Ref`` of a secret is its ARN; MiniStack gives the name, so policies and tasks would point nowhere."""
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def named(physical_id: str) -> str:
        secrets = calls.module("services.secretsmanager")._secrets
        return next((str(name) for name, secret in secrets.items() if secret["ARN"] == physical_id), physical_id)

    def create_by_arn(logical_id: str, properties: Json, stack_name: str) -> Created:
        _, attributes = create(logical_id, properties, stack_name)
        if not VALUES_OF_SECRETS & properties.keys():
            # Without a value there is no version either; MiniStack makes one with nothing in it.
            calls.module("services.secretsmanager")._secrets[named(attributes["Arn"])]["Versions"] = {}
        return attributes["Arn"], attributes

    def update_by_arn(physical_id: str, old: Json, new: Json, stack_name: str, logical_id: str) -> Created:
        _, attributes = update(named(physical_id), old, new, stack_name, logical_id)
        return attributes["Arn"], attributes

    def delete_by_arn(physical_id: str, properties: Json) -> None:
        delete(named(physical_id), properties)

    handler.update(create=create_by_arn, update=update_by_arn, delete=delete_by_arn)


def _update_keeps_attributes(provisioners: Any, stacks: Any) -> None:
    """An update in place keeps the attributes its handler does not return.

    MiniStack forgets them in nested stacks, so that a later ``GetAtt`` fails and the update rolls back.
    """
    update = provisioners._update_resource

    def update_and_keep(resource_type: str, physical_id: str, *rest: Any) -> Created:
        _old, _new, stack_name, logical_id = rest[:4]
        before = _attributes(stack_name, logical_id)
        new_id, attributes = update(resource_type, physical_id, *rest)
        return new_id, {**before, **attributes} if new_id == physical_id else attributes

    provisioners._update_resource = stacks._update_resource = update_and_keep


def _attributes(stack_name: str, logical_id: str) -> Json:
    stack = calls.module("services.cloudformation")._stacks.get(stack_name) or {}
    return dict(stack.get("_resources", {}).get(logical_id, {}).get("Attributes", {}))


def _nested_stacks_are_deleted_as_stacks(provisioners: Any, stacks: Any) -> None:
    """A nested stack that is deleted tells its events, leaves what it retains, and fails with its resources.

    MiniStack deletes all that is in it, says nothing, and takes a resource that cannot be deleted for deleted.
    """
    found = calls.module("services.cloudformation")._stacks

    def delete(physical_id: str, _properties: Json) -> None:
        name = provisioners._nested_stack_lookup_name(physical_id)
        stack = found.get(name, {"StackStatus": "DELETE_COMPLETE"})
        if stack["StackStatus"] != "DELETE_COMPLETE":
            asyncio.run(stacks._delete_stack_async(name, stack["StackId"]))
        if stack["StackStatus"] == "DELETE_FAILED":
            reason = stack["StackStatusReason"]
            raise ValueError(f"Embedded stack {stack['StackId']} was not successfully deleted: {reason}")

    provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]["delete"] = delete


def _logs_are_written_into_streams(actions: Any) -> None:
    """What is done with a log group is authorised on a stream in it (aws-crr-monitor#8), with an empty name if need be.

    MiniStack asks for the group's bare ARN, which policies give for tags alone.
    """
    extract = actions.extract_resource_arn

    def with_stream(*request: Any) -> str:
        service, _method, _path, headers, body = request[:5]
        arn = str(extract(*request))
        if service != "logs" or headers.get("x-amz-target", "").endswith("Resource"):
            return arn
        stream = json.loads(body or "{}").get("logStreamName", "")
        return arn if arn == "*" else f"{arn}:log-stream:{stream}"

    actions.extract_resource_arn = with_stream


def _a_restored_table_names_its_backup(dynamodb: Any) -> None:
    """A restored table is described with the backup or the moment it is of, ready at once; MiniStack keeps silent."""
    describe, restore = dynamodb._table_description, dynamodb._restore_table_to_point_in_time

    def described(name: str) -> Json:
        summary = dynamodb._tables[name].get("RestoreSummary")
        rest = {"RestoreSummary": summary | {"RestoreInProgress": False}} if summary else {}
        description: Json = describe(name)
        return description | rest

    def restored(asked: Json) -> Any:
        answer = restore(asked)
        if answer[0] == 200:
            arn = dynamodb._tables[asked["SourceTableName"]]["TableArn"]
            summary = {"SourceTableArn": arn, "RestoreDateTime": asked["RestoreDateTime"]}
            dynamodb._tables[asked["TargetTableName"]]["RestoreSummary"] = summary
        return answer

    dynamodb._table_description, dynamodb._restore_table_to_point_in_time = described, restored
