"""The resource types that MiniStack's CloudFormation lacks, and what we let each of them do.

A type's ``create`` returns the physical id (what ``Ref`` gives) and the attributes (what ``GetAtt`` gives). An update
creates again: an action that puts (an alarm, a policy) changes in place, any other makes a successor and the
predecessor is deleted, as CloudFormation replaces. A change of tags alone changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.emulator.server import calls, network, operations

Json = dict[str, Any]
Created = tuple[str, Json]


@dataclass(frozen=True)
class ResourceType:
    """``create`` takes a name to use where the template gives none, and the properties."""

    does: str
    create: Callable[[str, Json], Created]
    delete: Callable[[str, Json], object]


REGISTERED = {
    "AWS::EC2::EIP": ResourceType("allocates an address", network.create_address, network.release_address),
    "AWS::EC2::NatGateway": ResourceType("creates a NAT gateway", network.create_nat, network.delete_nat),
    "AWS::EC2::FlowLog": ResourceType("creates a flow log", network.create_flow_log, network.delete_flow_log),
    "AWS::EC2::SecurityGroupIngress": ResourceType(
        "authorizes a rule", network.create_rule("Ingress"), network.delete_rule("Ingress")
    ),
    "AWS::EC2::SecurityGroupEgress": ResourceType(
        "authorizes a rule", network.create_rule("Egress"), network.delete_rule("Egress")
    ),
    "AWS::Backup::BackupSelection": ResourceType(
        "creates a selection of a plan", operations.create_selection, operations.delete_selection
    ),
    "AWS::IAM::OIDCProvider": ResourceType(
        "creates an OpenID Connect provider", operations.create_oidc_provider, operations.delete_oidc_provider
    ),
    "AWS::IAM::RolePolicy": ResourceType(
        "puts an inline policy", operations.put_role_policy, operations.delete_role_policy
    ),
    "AWS::SecretsManager::RotationSchedule": ResourceType(
        "sets a secret's rotation without rotating it", operations.set_rotation, operations.keep
    ),
    "AWS::SecretsManager::ResourcePolicy": ResourceType(
        "puts a secret's policy", operations.put_secret_policy, operations.delete_secret_policy
    ),
    "AWS::ECS::ClusterCapacityProviderAssociations": ResourceType(
        "puts a cluster's capacity providers", operations.put_capacity_providers, operations.keep
    ),
    "AWS::ApplicationAutoScaling::ScalableTarget": ResourceType(
        "answers with the id alone: MiniStack has no such service", operations.scalable_target, operations.keep
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ResourceType(
        "answers with the id alone: MiniStack has no such service", operations.scaling_policy, operations.keep
    ),
    "AWS::CloudWatch::CompositeAlarm": ResourceType(
        "puts a composite alarm", operations.put_composite_alarm, operations.delete_alarm
    ),
    "AWS::CloudTrail::Trail": ResourceType("puts a trail", operations.put_trail, operations.delete_trail),
    "AWS::WAFv2::WebACLAssociation": ResourceType(
        "associates a web ACL", operations.associate_web_acl, operations.disassociate_web_acl
    ),
}


def register() -> None:
    """Teach MiniStack the types of the table; one it has come to know by itself must leave the table."""
    handlers = calls.module("services.cloudformation.provisioners")._RESOURCE_HANDLERS
    for name, resource_type in REGISTERED.items():
        if name in handlers:
            raise RuntimeError(f"MiniStack supports {name} itself now; take it out of {__name__}.REGISTERED.")
        handlers[name] = _handler(resource_type)


def _handler(resource_type: ResourceType) -> Json:
    """The functions MiniStack's CloudFormation calls, in its own order of arguments."""

    def create(logical_id: str, properties: Json, stack_name: str) -> Created:
        return resource_type.create(f"{stack_name}-{logical_id}", properties)

    def update(physical_id: str, old: Json, new: Json, stack_name: str, logical_id: str) -> Created:
        if _without_tags(old) == _without_tags(new):
            return physical_id, {}
        created = create(logical_id, new, stack_name)
        if created[0] != physical_id:
            calls.module("services.cloudformation.provisioners")._delete_predecessor(delete, physical_id, old)
        return created

    def delete(physical_id: str, properties: Json) -> None:
        resource_type.delete(physical_id, properties)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _without_tags(properties: Json) -> Json:
    return {name: value for name, value in properties.items() if name != "Tags"}
