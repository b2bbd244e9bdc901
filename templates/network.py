"""VPC over two zones: public subnets for the load balancer and NAT, private ones for the tasks."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, Ref, Select, Split, Sub, Tags, Template, ec2

from templates import policies, storage
from templates.stack import named, output

ZONES = ("A", "B")
FLOW_LOG_ARN = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*"

INTERFACE_ENDPOINTS = {"EcrApi": "ecr.api", "EcrDocker": "ecr.dkr", "Logs": "logs", "SecretsManager": "secretsmanager"}


def build() -> Template:
    """Stack ``network``."""
    template = Template(Description="Sparta network: VPC over two zones, gateways, endpoints and flow logs.")
    template.add_resource(
        ec2.VPC(
            "Vpc",
            CidrBlock=Ref("VpcCidr"),
            EnableDnsSupport=True,
            EnableDnsHostnames=True,
            Tags=_name("vpc"),
        )
    )
    _public_side(template)
    _private_side(template)
    _endpoints(template)
    _flow_logs(template)
    output(template, "VpcId", Ref("Vpc"), "Id of the VPC.")
    output(template, "PublicSubnetIds", [Ref(f"PublicSubnet{zone}") for zone in ZONES], "Subnets of the load balancer.")
    output(template, "PrivateSubnetIds", [Ref(f"PrivateSubnet{zone}") for zone in ZONES], "Subnets of the tasks.")
    return template


def _name(what: str) -> Tags:
    return Tags(Name=Sub(f"sparta-${{Environment}}-{what}"))


def _item(parameter: str, index: int) -> Any:
    """One of the two values of a deploy-time list."""
    return Select(index, Split(",", Ref(parameter)))


def _subnet(template: Template, kind: str, index: int) -> None:
    zone = ZONES[index]
    template.add_resource(
        ec2.Subnet(
            f"{kind}Subnet{zone}",
            VpcId=Ref("Vpc"),
            AvailabilityZone=_item("AvailabilityZones", index),
            CidrBlock=_item(f"{kind}SubnetCidrs", index),
            MapPublicIpOnLaunch=False,
            Tags=_name(f"{kind.lower()}-{zone.lower()}"),
        )
    )


def _associate(template: Template, kind: str, zone: str, table: str) -> None:
    template.add_resource(
        ec2.SubnetRouteTableAssociation(
            f"{kind}Subnet{zone}Routes", SubnetId=Ref(f"{kind}Subnet{zone}"), RouteTableId=Ref(table)
        )
    )


def _public_side(template: Template) -> None:
    template.add_resource(ec2.InternetGateway("InternetGateway", Tags=_name("internet")))
    template.add_resource(
        ec2.VPCGatewayAttachment("InternetAttachment", VpcId=Ref("Vpc"), InternetGatewayId=Ref("InternetGateway"))
    )
    template.add_resource(ec2.RouteTable("PublicRouteTable", VpcId=Ref("Vpc"), Tags=_name("public")))
    template.add_resource(
        ec2.Route(
            "PublicInternetRoute",
            DependsOn="InternetAttachment",
            RouteTableId=Ref("PublicRouteTable"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=Ref("InternetGateway"),
        )
    )
    for index, zone in enumerate(ZONES):
        _subnet(template, "Public", index)
        _associate(template, "Public", zone, "PublicRouteTable")
        _nat_gateway(template, zone)


def _nat_gateway(template: Template, zone: str) -> None:
    """Zone A has one in any case; zone B's is there when each zone is to survive the loss of the other."""
    condition: dict[str, Any] = {} if zone == "A" else {"Condition": "HasNatPerZone"}
    template.add_resource(
        ec2.EIP(
            f"NatAddress{zone}",
            DependsOn="InternetAttachment",
            Domain="vpc",
            Tags=_name(f"nat-{zone.lower()}"),
            **condition,
        )
    )
    template.add_resource(
        ec2.NatGateway(
            f"NatGateway{zone}",
            DependsOn="PublicInternetRoute",
            AllocationId=GetAtt(f"NatAddress{zone}", "AllocationId"),
            SubnetId=Ref(f"PublicSubnet{zone}"),
            Tags=_name(f"nat-{zone.lower()}"),
            **condition,
        )
    )


def _private_side(template: Template) -> None:
    for index, zone in enumerate(ZONES):
        _subnet(template, "Private", index)
        table = f"PrivateRouteTable{zone}"
        template.add_resource(ec2.RouteTable(table, VpcId=Ref("Vpc"), Tags=_name(f"private-{zone.lower()}")))
        _associate(template, "Private", zone, table)
        own = Ref(f"NatGateway{zone}")
        template.add_resource(
            ec2.Route(
                f"PrivateNatRoute{zone}",
                RouteTableId=Ref(table),
                DestinationCidrBlock="0.0.0.0/0",
                NatGatewayId=own if zone == "A" else If("HasNatPerZone", own, Ref("NatGatewayA")),
            )
        )


def _endpoints(template: Template) -> None:
    """Gateway endpoints are free; interface endpoints cost by the hour and are a choice."""
    for title, service in (("S3Endpoint", "s3"), ("DynamoDbEndpoint", "dynamodb")):
        template.add_resource(
            ec2.VPCEndpoint(
                title,
                VpcId=Ref("Vpc"),
                VpcEndpointType="Gateway",
                ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
                RouteTableIds=[Ref(f"PrivateRouteTable{zone}") for zone in ZONES],
            )
        )
    template.add_resource(
        ec2.SecurityGroup(
            "EndpointSecurityGroup",
            Condition="HasInterfaceEndpoints",
            GroupName=named("sparta-endpoint-sg"),
            GroupDescription="Interface endpoints",
            VpcId=Ref("Vpc"),
            SecurityGroupIngress=[_https("Tasks to AWS services")],
            SecurityGroupEgress=[_https("Answers stay inside the VPC")],
        )
    )
    for title, service in INTERFACE_ENDPOINTS.items():
        template.add_resource(
            ec2.VPCEndpoint(
                f"{title}Endpoint",
                Condition="HasInterfaceEndpoints",
                VpcId=Ref("Vpc"),
                VpcEndpointType="Interface",
                ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
                PrivateDnsEnabled=True,
                SecurityGroupIds=[GetAtt("EndpointSecurityGroup", "GroupId")],
                SubnetIds=[Ref(f"PrivateSubnet{zone}") for zone in ZONES],
            )
        )


def _https(why: str) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp=Ref("VpcCidr"), Description=why)


def _flow_logs(template: Template) -> None:
    group = "/vpc/sparta${NameSuffix}"
    template.add_resource(storage.log_group("FlowLogGroup", Sub(group)))
    actions = "CreateLogStream DescribeLogStreams PutLogEvents"
    template.add_resource(
        policies.role(
            "FlowLogRole",
            named("sparta-flow-log-role"),
            policies.trust("vpc-flow-logs", FLOW_LOG_ARN),
            "sparta-flow-log-policy",
            [policies.allow("WriteFlowLogs", "logs", actions, policies.log_group_arn(group))],
            "Lets the VPC write its flow logs, and nothing else.",
        )
    )
    template.add_resource(
        ec2.FlowLog(
            "FlowLog",
            ResourceId=Ref("Vpc"),
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="cloud-watch-logs",
            LogGroupName=Ref("FlowLogGroup"),
            DeliverLogsPermissionArn=GetAtt("FlowLogRole", "Arn"),
            Tags=_name("flow-log"),
        )
    )
