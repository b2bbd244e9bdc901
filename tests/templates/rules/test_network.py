"""The network: ranges, zones, ways out, endpoints and flow logs; each mistake is said where it was made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Bodies, Mistake, both, put, remove

N = "network/Resources"
PRIVATE = {"InterfaceEndpoints": "true"}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def cut(number: int, name: str) -> dict[str, Any]:
    return {"Fn::Select": [number, {"Fn::Split": [",", ref(name)]}]}


def another(name: str, kind: str, **properties: Any) -> Mistake:
    """One more resource in the network stack."""
    return put(f"{N}/{name}", {"Type": f"AWS::EC2::{kind}", "Properties": properties})


def passed(name: str, value: str) -> Mistake:
    """What root passes to the network stack."""
    return put(f"root/Resources/Network/Properties/Parameters/{name}", value)


def rerouted(table: str, way: str, target: Any) -> Mistake:
    """The default route of a table through something else."""

    def mistake(bodies: Bodies) -> None:
        properties = bodies["network"]["Resources"][table]["Properties"]
        for key in ("GatewayId", "NatGatewayId"):
            properties.pop(key, None)
        properties[way] = target

    return mistake


RANGES = [
    case("a range with host bits", "network PublicSubnetA range-well-formed",
         put(f"{N}/PublicSubnetA/Properties/CidrBlock", "10.10.1.7/24")),
    case("a VPC larger than EC2 allows", "network Vpc range-well-formed", passed("VpcCidr", "10.0.0.0/8")),
    case("addresses of the internet", "network Vpc vpc-range-private", passed("VpcCidr", "52.10.0.0/16")),
    case("a subnet outside the VPC", "network PrivateSubnetB subnet-inside-vpc",
         put(f"{N}/PrivateSubnetB/Properties/CidrBlock", "10.11.102.0/24")),
    case("the VPC moved without its subnets", "network PublicSubnetA subnet-inside-vpc",
         passed("VpcCidr", "10.20.0.0/16")),
    case("two subnets with one range", "network PrivateSubnetA subnets-apart",
         put(f"{N}/PrivateSubnetA/Properties/CidrBlock", cut(0, "PublicSubnetCidrs"))),
    case("a private range around a public one", "network PrivateSubnetB subnets-apart",
         passed("PrivateSubnetCidrs", "10.10.101.0/24,10.10.0.0/20")),
    case("too small for a load balancer", "network PublicSubnetA balancer-subnet-large-enough",
         passed("PublicSubnetCidrs", "10.10.1.0/28,10.10.2.0/24")),
    case("tasks in another VPC than their group", "services ApiService one-vpc",
         another("OtherVpc", "VPC", CidrBlock="10.20.0.0/16"),
         put(f"{N}/PrivateSubnetA/Properties/VpcId", ref("OtherVpc"))),
    case("a group in a VPC from somewhere", "security BotSecurityGroup vpc-of-this-system",
         put("security/Resources/BotSecurityGroup/Properties/VpcId", "vpc-0a1b2c3d4e5f60718")),
    case("a group in the default VPC", "security ApiSecurityGroup vpc-of-this-system",
         remove("security/Resources/ApiSecurityGroup/Properties/VpcId")),
]  # fmt: skip

ROUTES = [
    case("a subnet without a route table", "network PrivateSubnetB subnet-routed-once",
         remove(f"{N}/PrivateSubnetBRoutes")),
    case("a subnet with two tables", "network PrivateSubnetA subnet-routed-once",
         put(f"{N}/PrivateSubnetBRoutes/Properties/SubnetId", ref("PrivateSubnetA"))),
    case("a table nobody uses", "network PrivateRouteTableB route-table-used",
         put(f"{N}/PrivateSubnetBRoutes/Properties/RouteTableId", ref("PrivateRouteTableA"))),
    case("two default routes in one table", "network PrivateNatRouteB route-given-once",
         put(f"{N}/PrivateNatRouteB/Properties/RouteTableId", ref("PrivateRouteTableA"))),
    case("a route to a part of the internet", "network PrivateNatRouteA route-to-everywhere",
         put(f"{N}/PrivateNatRouteA/Properties/DestinationCidrBlock", "10.0.0.0/8")),
    case("tasks in a subnet that the internet reaches", "services ApiService stands-in-private-subnets",
         rerouted("PrivateNatRouteA", "GatewayId", ref("InternetGateway")),
         put(f"{N}/PrivateNatRouteA/DependsOn", "InternetAttachment")),
    case("tasks among the load balancers", "services BotService stands-in-private-subnets",
         put("root/Resources/Services/Properties/Parameters/PrivateSubnetIds",
             {"Fn::GetAtt": ["Network", "Outputs.PublicSubnetIds"]})),
    case("endpoints in public subnets", "network LogsEndpoint stands-in-private-subnets",
         put(f"{N}/LogsEndpoint/Properties/SubnetIds", [ref("PublicSubnetA"), ref("PublicSubnetB")]), **PRIVATE),
    case("the load balancer in private subnets", "services LoadBalancer public-balancer-in-public-subnets",
         put("services/Resources/LoadBalancer/Properties/Subnets", ref("PrivateSubnetIds"))),
    case("public subnets through NAT", "services LoadBalancer public-balancer-in-public-subnets",
         rerouted("PublicInternetRoute", "NatGatewayId", ref("NatGatewayA"))),
    case("a private subnet without a way out", "network PrivateSubnetA has-way-out", remove(f"{N}/PrivateNatRouteA")),
    case("a way out by IPv6 only", "network PrivateSubnetB has-way-out",
         remove(f"{N}/PrivateNatRouteB/Properties/DestinationCidrBlock"),
         put(f"{N}/PrivateNatRouteB/Properties/DestinationIpv6CidrBlock", "::/0")),
    case("a subnet somewhere", "network PublicSubnetA zone-given",
         remove(f"{N}/PublicSubnetA/Properties/AvailabilityZone")),
    case("both private subnets in one zone", "services ApiService two-zones",
         put(f"{N}/PrivateSubnetB/Properties/AvailabilityZone", cut(0, "AvailabilityZones"))),
    case("the load balancer twice in a zone", "services LoadBalancer two-zones",
         put("network/Outputs/PublicSubnetIds/Value", {"Fn::Join": [",", [ref("PublicSubnetA")] * 2]})),
    case("both public subnets in one zone", "network PublicSubnetB kinds-span-zones",
         put(f"{N}/PublicSubnetB/Properties/AvailabilityZone", cut(0, "AvailabilityZones"))),
]  # fmt: skip

GATEWAYS = [
    case("NAT in a private subnet", "network NatGatewayA nat-in-public-subnet",
         put(f"{N}/NatGatewayA/Properties/SubnetId", ref("PrivateSubnetA"))),
    case("NAT in no subnet", "network NatGatewayB nat-in-public-subnet",
         remove(f"{N}/NatGatewayB/Properties/SubnetId")),
    case("NAT without an address", "network NatGatewayB nat-has-address",
         remove(f"{N}/NatGatewayB/Properties/AllocationId")),
    case("NAT between private networks", "network NatGatewayA nat-has-address",
         put(f"{N}/NatGatewayA/Properties/ConnectivityType", "private")),
    case("NAT with the other's address", "network NatAddressA address-used-once",
         put(f"{N}/NatGatewayB/Properties/AllocationId", {"Fn::GetAtt": ["NatAddressA", "AllocationId"]})),
    case("an address left over", "network NatAddressB address-used-once", remove(f"{N}/NatGatewayB"),
         put(f"{N}/PrivateNatRouteB/Properties/NatGatewayId", ref("NatGatewayA"))),
    case("a NAT gateway without routes", "network NatGatewayB nat-used",
         put(f"{N}/PrivateNatRouteB/Properties/NatGatewayId", ref("NatGatewayA"))),
    case("out through the other zone", "network PrivateSubnetB nat-of-own-zone",
         put(f"{N}/PrivateNatRouteB/Properties/NatGatewayId", ref("NatGatewayA"))),
    case("the tables of the zones exchanged", "network PrivateSubnetA nat-of-own-zone",
         put(f"{N}/PrivateSubnetARoutes/Properties/RouteTableId", ref("PrivateRouteTableB")),
         put(f"{N}/PrivateSubnetBRoutes/Properties/RouteTableId", ref("PrivateRouteTableA"))),
    case("one gateway where each zone was to have one", "network Parameters.NatGatewayMode nat-as-chosen",
         put("network/Conditions/HasNatPerZone", {"Fn::Equals": [ref("NatGatewayMode"), "single"]})),
    case("two gateways where one was chosen", "network Parameters.NatGatewayMode nat-as-chosen",
         remove(f"{N}/NatGatewayB/Condition"), remove(f"{N}/NatAddressB/Condition"), NatGatewayMode="single"),
    case("an internet gateway of no VPC", "network InternetGateway gateway-attached", remove(f"{N}/InternetAttachment"),
         remove(f"{N}/PublicInternetRoute/DependsOn"), remove(f"{N}/NatAddressA/DependsOn"),
         remove(f"{N}/NatAddressB/DependsOn")),
    case("a route before its gateway", "network PublicInternetRoute attached-first",
         remove(f"{N}/PublicInternetRoute/DependsOn")),
    case("an address before the gateway", "network NatAddressA attached-first", remove(f"{N}/NatAddressA/DependsOn")),
    case("tasks before their route", "network Worker routes-first",
         another("Early", "Subnet", VpcId=ref("Vpc"), CidrBlock="10.10.200.0/24", AvailabilityZone="eu-west-2c"),
         another("EarlyRoutes", "SubnetRouteTableAssociation", SubnetId=ref("Early"),
                 RouteTableId=ref("PrivateRouteTableA")),
         put(f"{N}/Worker", {"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {
             "AwsvpcConfiguration": {"Subnets": [ref("Early")]}}}})),
    case("addresses of the internet for whatever starts", "network PublicSubnetA no-public-address",
         put(f"{N}/PublicSubnetA/Properties/MapPublicIpOnLaunch", True)),
    case("the same in a private subnet", "network PrivateSubnetB no-public-address",
         put(f"{N}/PrivateSubnetB/Properties/MapPublicIpOnLaunch", "true")),
]  # fmt: skip

OFFERS = [
    case("no DNS", "network Vpc vpc-resolves-names", put(f"{N}/Vpc/Properties/EnableDnsSupport", False)),
    case("no host names", "network Vpc vpc-resolves-names", remove(f"{N}/Vpc/Properties/EnableDnsHostnames")),
    case("dedicated machines", "network Vpc shared-tenancy", put(f"{N}/Vpc/Properties/InstanceTenancy", "dedicated")),
    case("an endpoint of another region", "network S3Endpoint endpoint-names-service",
         put(f"{N}/S3Endpoint/Properties/ServiceName", "com.amazonaws.us-east-1.s3")),
    case("an endpoint of no service", "network LogsEndpoint endpoint-names-service",
         put(f"{N}/LogsEndpoint/Properties/ServiceName", {"Fn::Sub": "com.amazonaws.${AWS::Region}.log"}), **PRIVATE),
    case("DynamoDB through NAT", "network Vpc free-services-by-gateway", remove(f"{N}/DynamoDbEndpoint")),
    case("two endpoints for S3, none for DynamoDB", "network Vpc free-services-by-gateway",
         put(f"{N}/DynamoDbEndpoint/Properties/ServiceName", {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"})),
    case("a zone left out of a gateway endpoint", "network S3Endpoint free-services-by-gateway",
         put(f"{N}/S3Endpoint/Properties/RouteTableIds", [ref("PrivateRouteTableA")])),
    case("the public table instead of a private one", "network DynamoDbEndpoint free-services-by-gateway",
         put(f"{N}/DynamoDbEndpoint/Properties/RouteTableIds/1", ref("PublicRouteTable"))),
    case("S3 paid by the gigabyte", "network Vpc free-services-by-gateway",
         put(f"{N}/S3Endpoint/Properties/VpcEndpointType", "Interface")),
    case("a gateway to the registry", "network EcrApiEndpoint gateway-endpoint-possible",
         put(f"{N}/EcrApiEndpoint/Properties/VpcEndpointType", "Gateway"), **PRIVATE),
    case("an endpoint nobody finds", "network SecretsManagerEndpoint endpoint-takes-over-name",
         remove(f"{N}/SecretsManagerEndpoint/Properties/PrivateDnsEnabled"), **PRIVATE),
    case("one service twice", "network EcrDockerEndpoint endpoint-given-once",
         put(f"{N}/EcrDockerEndpoint/Properties/ServiceName", {"Fn::Sub": "com.amazonaws.${AWS::Region}.ecr.api"}),
         **PRIVATE),
    case("an endpoint in one zone", "network LogsEndpoint endpoint-where-tasks-are",
         put(f"{N}/LogsEndpoint/Properties/SubnetIds", [ref("PrivateSubnetA")]), **PRIVATE),
    case("an endpoint nowhere", "network LogsEndpoint endpoint-where-tasks-are",
         remove(f"{N}/LogsEndpoint/Properties/SubnetIds"), **PRIVATE),
    case("half of the registry", "network Vpc endpoints-complete", remove(f"{N}/EcrDockerEndpoint"), **PRIVATE),
    case("endpoints nobody asked for", "network Parameters.InterfaceEndpoints endpoints-as-chosen",
         put("network/Conditions/HasInterfaceEndpoints", {"Fn::Equals": [ref("InterfaceEndpoints"), "false"]})),
    case("a machine", "network Bastion no-machines", another("Bastion", "Instance", SubnetId=ref("PublicSubnetA"))),
    case("no flow log", "network Vpc vpc-traffic-recorded", remove(f"{N}/FlowLog")),
    case("a flow log of one subnet", "network Vpc vpc-traffic-recorded",
         put(f"{N}/FlowLog/Properties/ResourceId", ref("PublicSubnetA"))),
    case("accepted traffic only", "network FlowLog flow-log-complete",
         put(f"{N}/FlowLog/Properties/TrafficType", "ACCEPT")),
    case("a VPC called a subnet", "network FlowLog flow-log-complete",
         put(f"{N}/FlowLog/Properties/ResourceType", "Subnet")),
    case("a flow log without its role", "network FlowLog flow-log-has-destination",
         remove(f"{N}/FlowLog/Properties/DeliverLogsPermissionArn")),
    case("a flow log to a bucket that is a group", "network FlowLog flow-log-has-destination",
         put(f"{N}/FlowLog/Properties/LogDestinationType", "s3")),
    case("names in another VPC", "services InternalNamespace namespace-in-vpc-of-tasks",
         put("services/Resources/InternalNamespace/Properties/Vpc", "vpc-0a1b2c3d4e5f60718")),
]  # fmt: skip

CASES = [*RANGES, *ROUTES, *GATEWAYS, *OFFERS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about the network stands without a mistake that it sees."""
    assert not unproven(CASES, "network", "network_routes", "network_services")


def test_one_gateway_for_both_zones_is_no_mistake() -> None:
    """With NatGatewayMode single both zones leave through the one there is, and nothing is said."""
    assert not places("nat-of-own-zone", both(), NatGatewayMode="single")


def test_the_single_gateway_must_be_the_one_there_is() -> None:
    """A fallback to the gateway of the second zone refers to what does not exist."""
    mistake = put(f"{N}/PrivateNatRouteB/Properties/NatGatewayId", ref("NatGatewayB"))
    assert ("network", "PrivateNatRouteB") in places("computable", mistake, NatGatewayMode="single")


HARMLESS = [
    pytest.param(remove(f"{N}/S3Endpoint/Properties/VpcEndpointType"), {}, id="the default said by silence"),
    pytest.param(put(f"{N}/FlowLog/Properties/MaxAggregationInterval", 60), {}, id="finer flow logs"),
    pytest.param(put(f"{N}/S3Endpoint/Properties/RouteTableIds/+", ref("PublicRouteTable")), {}, id="also public"),
    pytest.param(both(), {"VpcCidr": "172.20.0.0/20", "PublicSubnetCidrs": "172.20.0.0/26,172.20.0.64/26",
                          "PrivateSubnetCidrs": "172.20.4.0/22,172.20.8.0/22"}, id="other ranges"),
    pytest.param(remove(f"{N}/NatGatewayA/DependsOn"), {}, id="a gateway that waits by its address"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "given"), HARMLESS)
def test_harmless_change_is_not_named(change: Mistake, given: dict[str, str]) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change, **given)}
