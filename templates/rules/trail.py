"""CloudTrail: everything is recorded, everywhere, unchangeably, in a bucket and a log group that let it write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from templates.rules.attached_policies import attached
from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, acts, arn_of, covers, matches, plain
from templates.rules.programs import deployed_as_a_whole, whole_stack
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import dicts, text, truth

TRAIL = "AWS::CloudTrail::Trail"
SERVICE = "cloudtrail.amazonaws.com"
SWITCHES = {
    "IsLogging": "records nothing",
    "IsMultiRegionTrail": "misses what is done in other regions, where nobody looks",
    "IncludeGlobalServiceEvents": "misses IAM and CloudFront",
    "EnableLogFileValidation": "cannot prove that nobody changed its files",
}
GIVEN = {
    "KMSKeyId": "its files are encrypted with a key that everyone in the account may use",
    "CloudWatchLogsLogGroupArn": "nothing can be searched or counted",
    "CloudWatchLogsRoleArn": "it cannot write to its log group",
}
OWNER = "bucket-owner-full-control"


@rule("who did what, when and from where is known afterwards only if it was recorded")
def trail_exists(system: System) -> Iterator[Finding]:
    if deployed_as_a_whole(system) and not system.of_type(TRAIL):
        yield whole_stack(system).finding("-", "records no calls; add an AWS::CloudTrail::Trail")


@rule("a record with gaps proves nothing")
def trail_complete(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        for key, consequence in SWITCHES.items():
            if truth(trail.get(key)) is not True:
                yield trail.finding(f"{consequence}; set {key} to true")
        for key, consequence in GIVEN.items():
            if not text(trail.get(key)):
                yield trail.finding(f"has no {key}: {consequence}; set it")


@rule("a trail of a whole organization is refused in an account that does not lead one")
def trail_of_this_account(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        if truth(trail.get("IsOrganizationTrail")):
            yield trail.finding("is for an organization; remove IsOrganizationTrail")


@rule("a topic that does not let CloudTrail publish makes it refuse the trail")
def trail_topic_lets_publish(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        topic = system.target(trail.get("SnsTopicName"))
        found = attached(system, topic) if topic else []
        need = _need(system, trail, found, "sns:Publish", arn_of(system, topic) if topic else "", "publish")
        if text(trail.get("SnsTopicName")) and not need.met:
            yield trail.finding("announces its files to a topic that does not let it; remove SnsTopicName")


@rule("a trail that selects other events, or reading ones only, misses the changes")
def trail_records_management(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        for selector in dicts(trail.get("EventSelectors")):
            kinds = text(selector.get("ReadWriteType") or "All")
            if truth(selector.get("IncludeManagementEvents")) is False or kinds == "ReadOnly":
                yield trail.finding("leaves changes out; set IncludeManagementEvents to true and ReadWriteType to All")
        if selectors := dicts(trail.get("AdvancedEventSelectors")):
            fields = [field for each in selectors for field in dicts(each.get("FieldSelectors"))]
            if not any("Management" in text(field.get("Equals")) for field in fields):
                yield trail.finding("leaves management events out; select eventCategory Management too")


def _bucket(system: System, trail: Resource) -> Resource | None:
    bucket = system.target(trail.get("S3BucketName"))
    return bucket if bucket and bucket.type == "AWS::S3::Bucket" else None


@rule("the record belongs where only the trail writes: elsewhere others may change it, or it is not made at all")
def trail_has_its_bucket(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        bucket = _bucket(system, trail)
        if bucket is None:
            yield trail.finding("writes to a bucket that is not of this system; refer to one in S3BucketName")
            continue
        for need in _bucket_needs(system, trail, bucket):
            if not need.met:
                yield bucket.finding(f"does not let {trail.id} {need.what}; allow {SERVICE} {need.action} there")


class Need(NamedTuple):
    """What a trail needs of its bucket or topic; `granted`: the statements that speak of it, `met`: for this trail."""

    action: str
    what: str
    granted: tuple[Statement, ...]
    met: bool


def _need(system: System, trail: Resource, found: list[Statement], action: str, arn: str, what: str) -> Need:
    granted = [
        each
        for each in found
        if each.allows and SERVICE in each.principals("Service") and acts(each, action) and covers(system, each, arn)
    ]
    return Need(action, what, tuple(granted), any(_about(system, each, trail) for each in granted))


def _bucket_needs(system: System, trail: Resource, bucket: Resource) -> list[Need]:
    prefix = f"{text(trail.get('S3KeyPrefix'))}/" if text(trail.get("S3KeyPrefix")) else ""
    arn, found = arn_of(system, bucket), attached(system, bucket)
    file = f"{arn}/{prefix}AWSLogs/{ACCOUNT}/CloudTrail/eu-west-2/2027/01/01/file.json.gz"
    return [
        _need(system, trail, found, "s3:GetBucketAcl", arn, "look at it"),
        _need(system, trail, found, "s3:PutObject", file, f"write to {prefix}AWSLogs/<account>/"),
    ]


def _about(system: System, statement: Statement, trail: Resource) -> bool:
    """Whether the statement's conditions, if any, have this trail and the way it writes."""
    arn = arn_of(system, trail)
    asked = statement.condition("aws:SourceArn")
    owner = statement.condition("s3:x-amz-acl") or [OWNER]
    return owner == [OWNER] and (not asked or any(matches(plain(system, value), arn) for value in asked))


@rule("a bucket that takes any trail's files takes those of other accounts: the deputy is confused")
def trail_bucket_for_one_trail(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        bucket = _bucket(system, trail)
        for need in _bucket_needs(system, trail, bucket) if bucket else []:
            for statement in need.granted:
                if not statement.condition("aws:SourceArn"):
                    yield statement.finding(
                        f"lets any trail in; add a Condition on aws:SourceArn with {trail.id}'s ARN"
                    )


@rule("CloudTrail looks at its bucket's policy when it is created: before it is there the trail is refused")
def trail_after_its_bucket_policy(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        bucket = _bucket(system, trail)
        policies = {each.resource for each in attached(system, bucket)} if bucket else set()
        for policy in policies:
            if not system.waits_for(trail, policy):
                yield trail.finding(f"does not wait for {policy.id}; add it to DependsOn")


@rule("a bucket that holds the record and anything else can be filled or emptied by whoever may touch the other")
def trail_bucket_apart(system: System) -> Iterator[Finding]:
    for trail in system.of_type(TRAIL):
        bucket = _bucket(system, trail)
        for statement in attached(system, bucket) if bucket else []:
            foreign = [each for each in statement.principals("Service") if each != SERVICE]
            foreign += statement.principals("AWS")
            if statement.allows and foreign:
                yield statement.finding(f"lets {', '.join(foreign)} at the record of calls; remove that grant")
