"""``ImportExistingResources`` in nested stacks, and the refusal to create what exists.

MiniStack imports into the stack of the change set itself and goes by AWS there: by a name that the template writes out,
of what is retained and in no stack, told by IMPORT events. Here the same is done for each nested stack of the set, as
AWS says of its own: "For nested stacks, create the change set from the root stack."
(docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html)

What is created without an import although it exists is refused, as on AWS; MiniStack would empty a table that exists.
"""

from collections.abc import Callable
from typing import Any

from tests.emulator.server import calls

Json = dict[str, Any]
Created = tuple[str, Json]

VAULT = "AWS::Backup::BackupVault"
REFUSED_OVER = ("AWS::DynamoDB::Table", "AWS::Logs::LogGroup", VAULT)
"""Types of which MiniStack makes another one over the first; it refuses a bucket by itself."""
UUID_LENGTH = 12
TOLD_AS = {
    "CREATE_IN_PROGRESS": ("IMPORT_IN_PROGRESS",),
    "CREATE_COMPLETE": ("IMPORT_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    "CREATE_FAILED": ("IMPORT_FAILED",),
}
"""Events of an imported resource: it is taken over, then given the stack's tags."""


def install() -> None:
    provisioners = calls.module("services.cloudformation.provisioners")
    stacks = calls.module("services.cloudformation.stacks")
    _vaults_can_be_imported(provisioners)
    provisioners._provision_resource = _provisioning(provisioners._provision_resource)
    stacks._provision_resource = provisioners._provision_resource
    stacks._add_event = _telling(stacks._add_event)


def planned(root: Json, logical_id: str, template: Json, changes: list[Json]) -> list[Json]:
    """The changes of a nested set, what exists as imported; ``ValueError`` with AWS's reason where it may not be."""
    if not root.get("ImportExistingResources"):
        return changes
    change_sets = calls.module("services.cloudformation.changesets")
    found = change_sets._existing_resources(changes, template)
    problem = change_sets._unretained_import_reason(found, template) or change_sets._import_owner(found)
    if problem:
        raise ValueError(problem)
    imported = {each["LogicalResourceId"]: each for each in found}
    identifiers = {name: each["ResourceIdentifier"] for name, each in imported.items()}
    root.setdefault("_nested_imports", {})[logical_id] = identifiers
    names = [change["ResourceChange"]["LogicalResourceId"] for change in changes]
    return [
        change_sets._import_change(imported[name]) if name in imported else change
        for name, change in zip(names, changes, strict=True)
    ]


def _vaults_can_be_imported(provisioners: Any) -> None:
    def adopt(identifier: Json) -> Created:
        name = identifier["BackupVaultName"]
        arn = calls.rest("backup", "GET", f"/backup-vaults/{name}")["BackupVaultArn"]
        return name, {"BackupVaultName": name, "BackupVaultArn": arn}

    def problem(name: str) -> str | None:
        try:
            calls.rest("backup", "GET", f"/backup-vaults/{name}")
        except calls.CallError:
            return f"Resource of type '{VAULT}' with identifier '{name}' was not found."
        return None

    provisioners._RESOURCE_HANDLERS[VAULT]["import"] = adopt
    calls.module("services.cloudformation.changesets")._IMPORT_LOOKUPS[VAULT] = (("BackupVaultName",), problem)


def _provisioning(provision: Callable[..., Created]) -> Callable[..., Created]:
    def provision_or_import(resource_type: str, logical_id: str, properties: Json, stack_name: str) -> Created:
        identifier = _identifier(stack_name, logical_id)
        if identifier:
            adopted: Created = calls.module("services.cloudformation.provisioners")._import_resource(
                resource_type, identifier
            )
            return adopted
        _refuse_existing(resource_type, properties)
        return provision(resource_type, logical_id, properties, stack_name)

    return provision_or_import


def _telling(tell: Callable[..., None]) -> Callable[..., None]:
    def tell_as_import(
        stack_id: str, stack_name: str, logical_id: str, resource_type: str, status: str, *rest: Any, **more: Any
    ) -> None:
        told = TOLD_AS.get(status, ()) if _identifier(stack_name, logical_id) else ()
        for each in told or (status,):
            tell(stack_id, stack_name, logical_id, resource_type, each, *rest, **more)

    return tell_as_import


def _identifier(stack_name: str, logical_id: str) -> Json:
    """What a resource of a nested stack is imported by in the operation that runs; empty if it is not imported."""
    parent = (calls.module("services.cloudformation")._stacks.get(stack_name) or {}).get("_parent_stack_name")
    if not parent:
        return {}
    # MiniStack names a nested stack <parent>-<logical id>-<beginning of a UUID>.
    nested = stack_name[len(parent) + 1 : -UUID_LENGTH - 1]
    for change_set in calls.module("services.cloudformation")._change_sets.values():
        if change_set["StackName"] == parent and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            return dict(change_set.get("_nested_imports", {}).get(nested, {}).get(logical_id, {}))
    return {}


def _refuse_existing(resource_type: str, properties: Json) -> None:
    change_sets = calls.module("services.cloudformation.changesets")
    if resource_type not in REFUSED_OVER:
        return
    (key,), problem = change_sets._IMPORT_LOOKUPS[resource_type]
    name = properties.get(key)
    if name and problem(name) is None:
        raise ValueError(f"Resource of type '{resource_type}' with identifier '{name}' already exists.")
