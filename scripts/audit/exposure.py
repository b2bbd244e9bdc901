"""What the internet can reach: ports of security groups, and buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from scripts.audit.part import Part
from scripts.audit.roles import of_type
from scripts.operations.errors import code
from scripts.operations.target import Target

ANYWHERE = {"0.0.0.0/0", "::/0"}
PUBLIC_PORTS = {80, 443}
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
EVERYBODY = "http://acs.amazonaws.com/groups/global/"


def ports(target: Target) -> Part:
    """Every security group of the VPC; only the load balancer's may be open to the internet, on 80 and 443."""
    part = Part("Open ports")
    load_balancer = target.physical("Security/LoadBalancerSecurityGroup")
    vpc = {"Name": "vpc-id", "Values": [target.physical("Network/Vpc")]}
    pages = target.client("ec2").get_paginator("describe_security_groups").paginate(Filters=[vpc])
    for group in (each for page in pages for each in page["SecurityGroups"]):
        rules = group["IpPermissions"]
        for rule in rules:
            part.findings += _open(group, rule, public=group["GroupId"] == load_balancer)
        lines = [f"{group['GroupName']}: {_ports(rule)} from {_peers(rule)}" for rule in rules]
        part.lines += lines or [f"{group['GroupName']}: nothing comes in"]
    return part


def _open(group: dict[str, Any], rule: dict[str, Any], *, public: bool) -> Iterator[str]:
    for source in ANYWHERE & set(_ranges(rule)):
        if not (public and rule.get("FromPort") == rule.get("ToPort") and rule.get("FromPort") in PUBLIC_PORTS):
            yield (
                f"Security group {group['GroupName']} ({group['GroupId']}) lets {source} reach {_ports(rule)}; "
                "remove that rule, or limit it to who needs it."
            )


def _ranges(rule: dict[str, Any]) -> list[str]:
    four = [each["CidrIp"] for each in rule.get("IpRanges", [])]
    return four + [each["CidrIpv6"] for each in rule.get("Ipv6Ranges", [])]


def _ports(rule: dict[str, Any]) -> str:
    if rule["IpProtocol"] == "-1":
        return "every port"
    first, last = rule.get("FromPort"), rule.get("ToPort")
    return f"{rule['IpProtocol']} {first}" if first == last else f"{rule['IpProtocol']} {first}-{last}"


def _peers(rule: dict[str, Any]) -> str:
    groups = [each["GroupId"] for each in rule.get("UserIdGroupPairs", [])]
    lists = [each["PrefixListId"] for each in rule.get("PrefixListIds", [])]
    return ", ".join([*_ranges(rule), *groups, *lists])


def buckets(target: Target) -> Part:
    """Every bucket of the system: each keeps all four blocks of public access, and grants nothing to everybody."""
    part = Part("Buckets")
    s3 = target.client("s3")
    for bucket in sorted(each.physical_id for each in of_type(target, "AWS::S3::Bucket")):
        missing = [block for block in BLOCKS if not _blocks(s3, bucket).get(block)]
        if missing:
            part.findings.append(f"Bucket {bucket} does not block public access ({', '.join(missing)}); switch it on.")
        part.findings += [f"Bucket {bucket} {how}; take that away." for how in _given_to_all(s3, bucket)]
        part.lines.append(f"{bucket}: {'public access not fully blocked' if missing else 'public access blocked'}")
    return part


def _blocks(s3: Any, bucket: str) -> dict[str, bool]:
    try:
        blocks: dict[str, bool] = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if code(error) == "NoSuchPublicAccessBlockConfiguration":
            return {}
        raise
    return blocks


def _given_to_all(s3: Any, bucket: str) -> Iterator[str]:
    for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]:
        if grant["Grantee"].get("URI", "").startswith(EVERYBODY):
            yield f"grants {grant['Permission']} to everybody by its access list"
    try:
        public = s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"].get("IsPublic", False)
    except ClientError as error:
        if code(error) != "NoSuchBucketPolicy":
            raise
        public = False
    if public:
        yield "is public by its policy"
