"""Addresses, NAT gateways, flow logs and security group rules, by way of MiniStack's EC2."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.emulator.server.calls import CallError, element, query, tag_parameters

Json = dict[str, Any]
Created = tuple[str, Json]


def create_address(_name: str, properties: Json) -> Created:
    tags = tag_parameters("elastic-ip", properties.get("Tags", []))
    answer = query("ec2", "AllocateAddress", {"Domain": "vpc"} | tags)
    address = element(answer, "publicIp")
    return address, {"PublicIp": address, "AllocationId": element(answer, "allocationId")}


def release_address(physical_id: str, _properties: Json) -> None:
    answer = query("ec2", "DescribeAddresses", {"PublicIp.1": physical_id})
    for item in answer.split("<item>"):
        if f"<publicIp>{physical_id}</publicIp>" in item:
            query("ec2", "ReleaseAddress", {"AllocationId": element(item, "allocationId")})


def create_nat(_name: str, properties: Json) -> Created:
    tags = tag_parameters("natgateway", properties.get("Tags", []))
    places = {name: properties.get(name) for name in ("SubnetId", "AllocationId", "ConnectivityType")}
    nat = element(query("ec2", "CreateNatGateway", places | tags), "natGatewayId")
    return nat, {"NatGatewayId": nat}


def delete_nat(physical_id: str, _properties: Json) -> None:
    with suppress(CallError):
        query("ec2", "DeleteNatGateway", {"NatGatewayId": physical_id})


def create_flow_log(_name: str, properties: Json) -> Created:
    said = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName")
    parameters = {name: properties.get(name) for name in said} | {"ResourceId.1": properties["ResourceId"]}
    tags = tag_parameters("flow-log", properties.get("Tags", []))
    flow_log = element(query("ec2", "CreateFlowLogs", parameters | tags), "item")
    return flow_log, {"Id": flow_log}


def delete_flow_log(physical_id: str, _properties: Json) -> None:
    query("ec2", "DeleteFlowLogs", {"FlowLogId.1": physical_id})


def create_rule(direction: str) -> Callable[[str, Json], Created]:
    """``direction`` is Ingress or Egress."""

    def create(_name: str, properties: Json) -> Created:
        parameters = {"GroupId": properties["GroupId"]} | _permission(properties)
        answer = query("ec2", f"AuthorizeSecurityGroup{direction}", parameters)
        rule = element(answer, "securityGroupRuleId")
        return rule, {"Id": rule}

    return create


def delete_rule(direction: str) -> Callable[[str, Json], None]:
    def delete(physical_id: str, properties: Json) -> None:
        # The group may be gone first, and its rules with it.
        with suppress(CallError):
            parameters = {"GroupId": properties["GroupId"], "SecurityGroupRuleId.1": physical_id}
            query("ec2", f"RevokeSecurityGroup{direction}", parameters)

    return delete


def _permission(properties: Json) -> Json:
    """A rule's properties in the form EC2 takes; the peer is a group, a prefix list or a range of addresses."""
    peers = {
        "SourceSecurityGroupId": "Groups.1.GroupId",
        "DestinationSecurityGroupId": "Groups.1.GroupId",
        "SourcePrefixListId": "PrefixListIds.1.PrefixListId",
        "DestinationPrefixListId": "PrefixListIds.1.PrefixListId",
        "CidrIp": "IpRanges.1.CidrIp",
        "CidrIpv6": "Ipv6Ranges.1.CidrIpv6",
    }
    said = {name: properties.get(name) for name in ("IpProtocol", "FromPort", "ToPort")}
    for name, parameter in peers.items():
        if name in properties:
            said[parameter] = properties[name]
            said[f"{parameter.rpartition('.')[0]}.Description"] = properties.get("Description")
    return {f"IpPermissions.1.{name}": value for name, value in said.items()}
