"""What a VPC offers to what runs in it: names, private ways to AWS services, and a record of its traffic."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.network import ENDPOINT, SERVICE, SUBNET, VPC, entries, placed, routes
from templates.rules.render import REGION
from templates.rules.system import Resource, System
from templates.rules.values import text, tokens, truth

FREE = ("s3", "dynamodb")
# What a task needs before its program runs: its image, its log, its secrets.
STARTING = {"ecr.api", "ecr.dkr", "logs", "secretsmanager"}
SERVICES = {"kms", "sts", "ecs", "sqs", "sns", "monitoring", "events", "ssm", "ssmmessages", "lambda", "xray"}
PRIVATE_NAMES = "AWS::ServiceDiscovery::PrivateDnsNamespace"


@rule("names inside the VPC, of tasks and of private endpoints, resolve only with both DNS settings on")
def vpc_resolves_names(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        if truth(vpc.get("EnableDnsSupport")) is False:
            yield vpc.finding("has DNS support switched off; set EnableDnsSupport to true")
        if not truth(vpc.get("EnableDnsHostnames")):
            yield vpc.finding("has no DNS host names; set EnableDnsHostnames to true")


@rule("Fargate does not run in a VPC of dedicated tenancy, which also costs two dollars an hour")
def shared_tenancy(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        if text(vpc.get("InstanceTenancy")) not in ("", "default"):
            yield vpc.finding("has dedicated tenancy; remove InstanceTenancy")


def _service(endpoint: Resource) -> str:
    """ "s3" of com.amazonaws.eu-west-2.s3; the whole name where it is built otherwise."""
    return text(endpoint.get("ServiceName")).removeprefix(f"com.amazonaws.{REGION}.")


def _is_gateway(endpoint: Resource) -> bool:
    return text(endpoint.get("VpcEndpointType")) in ("", "Gateway")


@rule("an endpoint of another region or of no service is refused")
def endpoint_names_service(system: System) -> Iterator[Finding]:
    for endpoint in system.of_type(ENDPOINT):
        service = _service(endpoint)
        if service not in {*FREE, *STARTING, *SERVICES} and not tokens(service):
            advice = f"ServiceName {endpoint.get('ServiceName')} is not known; write com.amazonaws.${{AWS::Region}}.s3"
            yield endpoint.finding(advice)


@rule("S3 and DynamoDB are free by a gateway endpoint; through NAT or an interface each gigabyte costs")
def free_services_by_gateway(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        own = [each for each in system.of_type(ENDPOINT) if text(each.get("VpcId")) == vpc.token]
        paid = [table for table in _tables_through_nat(system) if text(table.get("VpcId")) == vpc.token]
        for service in FREE if paid else ():
            there = [each for each in own if _service(each) == service and _is_gateway(each)]
            if not there:
                yield vpc.finding(f"has no gateway endpoint for {service}; add one with the private route tables")
            joined = {table for each in there for table in entries(each, "RouteTableIds")}
            for table in paid:
                if there and table.token not in joined:
                    yield there[0].finding(f"leaves out {table.id}, which goes through NAT; add it to RouteTableIds")


def _tables_through_nat(system: System) -> list[Resource]:
    tables = [system.target(route.table) for route in routes(system) if route.way == "nat"]
    return list(dict.fromkeys(table for table in tables if table))


@rule("a gateway endpoint of another service than S3 and DynamoDB is refused")
def gateway_endpoint_possible(system: System) -> Iterator[Finding]:
    for endpoint in system.of_type(ENDPOINT):
        if _is_gateway(endpoint) and _service(endpoint) in STARTING | SERVICES:
            yield endpoint.finding("is a Gateway endpoint; set VpcEndpointType to Interface")


@rule("without private DNS programs keep calling the public name, past the endpoint that is paid for")
def endpoint_takes_over_name(system: System) -> Iterator[Finding]:
    for endpoint in system.of_type(ENDPOINT):
        if not _is_gateway(endpoint) and not truth(endpoint.get("PrivateDnsEnabled")):
            yield endpoint.finding("does not take over the service's name; set PrivateDnsEnabled to true")


@rule("a second endpoint of a service is refused: both want its name")
def endpoint_given_once(system: System) -> Iterator[Finding]:
    seen: dict[tuple[str, str, bool], Resource] = {}
    for endpoint in system.of_type(ENDPOINT):
        key = (text(endpoint.get("VpcId")), _service(endpoint), _is_gateway(endpoint))
        first = seen.setdefault(key, endpoint)
        if first is not endpoint:
            yield endpoint.finding(f"is for {_service(endpoint)}, as {first.id} is; name another service or remove it")


@rule("an endpoint serves the zones it has a subnet in; the others reach it across zones, or not at all")
def endpoint_where_tasks_are(system: System) -> Iterator[Finding]:
    used = {subnet for each in placed(system) if each.resource.type == SERVICE for subnet in each.subnets}
    for each in placed(system):
        vpc = text(each.resource.get("VpcId"))
        lacking = {subnet for subnet in used if subnet not in each.subnets and text(subnet.get("VpcId")) == vpc}
        if each.resource.type == ENDPOINT and lacking:
            names = ", ".join(sorted(subnet.id for subnet in lacking))
            yield each.resource.finding(f"has no address in {names}, where tasks run; add it to SubnetIds")


@rule("half a set of private endpoints is paid for while tasks still cannot start without the internet")
def endpoints_complete(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        own = {
            _service(each): each
            for each in system.of_type(ENDPOINT)
            if text(each.get("VpcId")) == vpc.token and not _is_gateway(each)
        }
        if STARTING & set(own) and (lacking := sorted(STARTING - set(own))):
            yield vpc.finding(f"has interface endpoints, but none for {', '.join(lacking)}; add them")


@rule("private endpoints cost by the hour: they are there when they are chosen, and only then")
def endpoints_as_chosen(system: System) -> Iterator[Finding]:
    paid = [each for each in system.of_type(ENDPOINT) if not _is_gateway(each)]
    for stack in system.stacks.values():
        chosen = truth(stack.parameters.get("InterfaceEndpoints"))
        own = [each for each in paid if each.stack == stack.name]
        makes_vpc = any(each.type == VPC for each in stack.resources.values())
        if chosen is not None and bool(own) != chosen and makes_vpc:
            advice = f"{text(chosen)} makes {len(own)} interface endpoints; correct the conditions"
            yield stack.finding("Parameters.InterfaceEndpoints", advice)


def _flow_logs(system: System, vpc: Resource) -> list[Resource]:
    return [each for each in system.of_type("AWS::EC2::FlowLog") if text(each.get("ResourceId")) == vpc.token]


@rule("without flow logs nobody can say afterwards who connected to what")
def vpc_traffic_recorded(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        if not _flow_logs(system, vpc):
            yield vpc.finding("has no flow log; add an AWS::EC2::FlowLog with it as ResourceId")


FLOW_LOGGED = {"VPC": VPC, "Subnet": SUBNET, "NetworkInterface": "AWS::EC2::NetworkInterface"}


@rule("a flow log that keeps accepted or rejected traffic only, or names another kind of thing, hides the rest")
def flow_log_complete(system: System) -> Iterator[Finding]:
    for log in system.of_type("AWS::EC2::FlowLog"):
        target = system.target(log.get("ResourceId"))
        if text(log.get("TrafficType")) != "ALL":
            yield log.finding(f"records {text(log.get('TrafficType')) or 'no'} traffic; set TrafficType to ALL")
        if target and FLOW_LOGGED.get(text(log.get("ResourceType"))) != target.type:
            yield log.finding(f"ResourceType is {log.get('ResourceType')}, {target.id} a {target.type}; correct it")


@rule("a flow log is written to a log group by a role, or to a bucket without one: other mixtures are refused")
def flow_log_has_destination(system: System) -> Iterator[Finding]:
    for log in system.of_type("AWS::EC2::FlowLog"):
        kind = text(log.get("LogDestinationType")) or "cloud-watch-logs"
        to_group = log.get("LogGroupName") or (kind == "cloud-watch-logs" and log.get("LogDestination"))
        role = log.get("DeliverLogsPermissionArn")
        if kind == "cloud-watch-logs" and not (to_group and role):
            yield log.finding("needs LogGroupName and DeliverLogsPermissionArn to write to CloudWatch Logs; give both")
        if kind != "cloud-watch-logs" and (log.get("LogGroupName") or not log.get("LogDestination")):
            yield log.finding(f"LogDestinationType is {kind}, which takes LogDestination only; make them agree")


@rule("names of a private namespace resolve only in its VPC: clients elsewhere do not find the service")
def namespace_in_vpc_of_tasks(system: System) -> Iterator[Finding]:
    for namespace in system.of_type(PRIVATE_NAMES):
        vpcs = {text(s.get("VpcId")) for each in placed(system) for s in each.subnets if each.resource.type == SERVICE}
        if vpcs and text(namespace.get("Vpc")) not in vpcs:
            yield namespace.finding(f"is in {namespace.get('Vpc')}, where no task runs; take {', '.join(sorted(vpcs))}")


MACHINES = (
    "AWS::EC2::Instance",
    "AWS::EC2::KeyPair",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::CapacityProvider",
)


@rule("a machine of our own must be patched by somebody, and is a way in past the load balancer")
def no_machines(system: System) -> Iterator[Finding]:
    for machine in system.of_type(*MACHINES):
        yield machine.finding(f"is an {machine.type}; everything here runs on Fargate and Lambda, remove it")
