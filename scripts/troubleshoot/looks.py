"""Looks that several cases need: secrets, rights, variables, security groups, the end of a log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from scripts.operations import log_events
from scripts.operations.components import LOGS
from scripts.operations.errors import DENIED, code
from scripts.operations.target import Target
from scripts.secrets.known import SECRETS
from scripts.troubleshoot.report import CERTAIN, LIKELY, POSSIBLE, Report
from templates.environment import Variable

ABSENT, LEAVING = "does not exist", "is to be deleted"
TAIL = 10
LONGEST = 220
HTTPS = 443


def secrets(target: Target, report: Report, names: Iterable[str]) -> None:
    """Whether each secret is there and has a current value, by its metadata alone."""
    client, lines = target.client("secretsmanager"), []
    for name in dict.fromkeys(names):
        trouble, short = _trouble_of_secret(client, name), _short(name)
        lines.append(f"{short}: {trouble or 'present'}")
        if trouble:
            how = _mended(target, short, trouble)
            report.blame(CERTAIN, f"Secret {short} {trouble}: what needs it cannot start. {how}")
    report.add("Secrets", lines)


def _trouble_of_secret(client: Any, name: str) -> str:
    try:
        secret = client.describe_secret(SecretId=name)
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return ABSENT
        raise
    if secret.get("DeletedDate"):
        return LEAVING
    stages = {stage for each in secret.get("VersionIdsToStages", {}).values() for stage in each}
    return "" if "AWSCURRENT" in stages else "has no value"


def _mended(target: Target, short: str, trouble: str) -> str:
    """What a person does about it, as a command."""
    name = next((each.name for each in SECRETS if short.rpartition("/")[2].startswith(each.name)), short)
    setting = f"make secret ENV={target.environment} NAME={name}"
    if trouble == LEAVING:
        return f"Restore it: aws secretsmanager restore-secret --secret-id {short} --region {target.region}"
    return (
        f"Make it, then set it: make bootstrap ENV={target.environment}; {setting}"
        if trouble == ABSENT
        else (f"Set it: {setting}")
    )


def _short(arn: str) -> str:
    return arn.partition(":secret:")[2] or arn


def rights(target: Target, report: Report, role: str, wanted: Iterable[tuple[str, str]], title: str) -> None:
    """Whether IAM lets a role do each (action, ARN), by IAM's own simulation."""
    iam, lines = target.client("iam"), []
    for action, arn in wanted:
        try:
            said = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=[arn])
        except ClientError as error:
            if code(error) not in DENIED:
                raise
            lines.append("not examined: these credentials may not simulate policies (iam:SimulatePrincipalPolicy)")
            break
        decision = said["EvaluationResults"][0]["EvalDecision"]
        short = arn.split(":", 5)[5]
        lines.append(f"{action} on {short}: {decision}")
        if decision != "allowed":
            name = role.rpartition("/")[2]
            report.blame(
                LIKELY, f"Role {name} lacks {action} on {short} ({decision}). Deploy again, or see make drift."
            )
    report.add(title, lines)


def variables(report: Report, title: str, given: dict[str, str], expected: Iterable[Variable]) -> None:
    """Names of the variables that are given; those that every deployment passes must be there and not empty."""
    needed = {each.name for each in expected if not each.when and not each.unless}
    missing = sorted(name for name in needed if not given.get(name))
    lines = [", ".join(sorted(given)) or "none"]
    if missing:
        lines.append(f"missing or empty: {', '.join(missing)}")
        report.blame(LIKELY, f"{title}: {', '.join(missing)} missing or empty: the program ends at once. Deploy again.")
    report.add(title, lines)


def way_out(target: Target, report: Report, path: str) -> None:
    """A security group's rules; what is in it must reach AWS over 443."""
    group_id = target.physical(path)
    group = target.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    name, out = group["GroupName"], group["IpPermissionsEgress"]
    lines = [f"in: {_rule(rule)}" for rule in group["IpPermissions"]] + [f"out: {_rule(rule)}" for rule in out]
    if not any(_allows_https(rule) for rule in out):
        report.blame(
            LIKELY, f"Security group {name} lets nothing out on port 443: AWS cannot be reached. Deploy again."
        )
    report.add(f"Security group {name}", lines)


def _rule(rule: dict[str, Any]) -> str:
    peers = [each["CidrIp"] for each in rule.get("IpRanges", [])]
    peers += [each["GroupId"] for each in rule.get("UserIdGroupPairs", [])]
    peers += [each["PrefixListId"] for each in rule.get("PrefixListIds", [])]
    first, last = rule.get("FromPort"), rule.get("ToPort")
    ports = "every port" if rule["IpProtocol"] == "-1" else f"{first}" if first == last else f"{first}-{last}"
    return f"{ports} {', '.join(peers)}"


def _allows_https(rule: dict[str, Any]) -> bool:
    return bool(rule["IpProtocol"] == "-1" or rule.get("FromPort", 0) <= HTTPS <= rule.get("ToPort", 0))


def tail(target: Target, component: str, stream: str = "", *, most: int = TAIL) -> list[log_events.Event]:
    """The last lines of a component's log, or of one stream of it; none where there is no such stream."""
    group = target.physical(LOGS[component])
    client = target.client("logs")
    try:
        stream = stream or _latest_stream(client, group)
        if not stream:
            return []
        given = {"logGroupName": group, "logStreamName": stream, "limit": most, "startFromHead": False}
        events = client.get_log_events(**given)["events"]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return []
        raise
    return [log_events.Event(component, each["timestamp"], each["message"].rstrip(), "") for each in events[-most:]]


def _latest_stream(client: Any, group: str) -> str:
    found = client.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True, limit=1)
    return str(found["logStreams"][0]["logStreamName"]) if found["logStreams"] else ""


def as_lines(events: Iterable[log_events.Event]) -> list[str]:
    """As a person reads them, long ones cut."""
    return [_shortened(log_events.line(each)) for each in events]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def way_to_tables(target: Target, report: Report) -> None:
    """The VPC's own way to DynamoDB."""
    endpoint = target.physical("Network/DynamoDbEndpoint")
    found = target.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    state = found[0]["State"].lower() if found else "missing"
    routes = len(found[0].get("RouteTableIds", [])) if found else 0
    if state != "available":
        report.blame(
            POSSIBLE, f"The VPC's endpoint for DynamoDB is {state}; requests take the NAT gateway, if anything."
        )
    report.add("Way to DynamoDB", [f"{endpoint}: {state}, in {routes} route tables"])
