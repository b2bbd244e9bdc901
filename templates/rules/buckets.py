"""Buckets: private, encrypted, versioned, and emptied only of what nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, mapping, number, text, truth

BUCKET = "AWS::S3::Bucket"
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
KMS = {"aws:kms", "aws:kms:dsse"}
CIPHERS = KMS | {"AES256"}
ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}
YEAR, MONTH = 365, 30


def buckets(system: System) -> list[Resource]:
    return system.of_type(BUCKET)


@rule("a bucket that may become public is one statement away from being read by everyone")
def public_access_blocked(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        blocks = mapping(bucket.get("PublicAccessBlockConfiguration"))
        missing = [name for name in BLOCKS if truth(blocks.get(name)) is not True]
        if missing:
            yield bucket.finding(
                f"may become public; set {', '.join(missing)} in PublicAccessBlockConfiguration to true"
            )


@rule("access lists let single objects past the bucket's policy; a website or a web page shows them to everyone")
def bucket_without_lists(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        owned = [text(entry.get("ObjectOwnership")) for entry in dicts(bucket.get("OwnershipControls", "Rules"))]
        if owned != ["BucketOwnerEnforced"]:
            yield bucket.finding("takes access control lists; set ObjectOwnership to BucketOwnerEnforced")
        for key in ("AccessControl", "WebsiteConfiguration", "CorsConfiguration"):
            if key in bucket.props:
                yield bucket.finding(f"has {key}; remove it, and let policies decide who reads")


@rule("objects at rest are encrypted by default, whoever writes them")
def bucket_encrypted(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        rules = dicts(bucket.get("BucketEncryption", "ServerSideEncryptionConfiguration"))
        ciphers = [text(get(each, "ServerSideEncryptionByDefault", "SSEAlgorithm")) for each in rules]
        if not ciphers or not set(ciphers) <= CIPHERS:
            yield bucket.finding("is not encrypted; set SSEAlgorithm in BucketEncryption to aws:kms or AES256")
        for each in rules:
            default = mapping(each.get("ServerSideEncryptionByDefault"))
            if text(default.get("SSEAlgorithm")) in KMS and not text(default.get("KMSMasterKeyID")):
                yield bucket.finding("names no key, so AWS's own is used; set KMSMasterKeyID to the system's key")
            if text(default.get("SSEAlgorithm")) == "AES256" and "KMSMasterKeyID" in default:
                yield bucket.finding("names a key that AES256 does not use; set SSEAlgorithm to aws:kms")
            if "KMSMasterKeyID" in default and truth(each.get("BucketKeyEnabled")) is not True:
                yield bucket.finding("asks KMS for every object; set BucketKeyEnabled to true")


@rule("an object that is overwritten or deleted by mistake comes back only in a versioned bucket")
def bucket_versioned(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        if text(bucket.get("VersioningConfiguration", "Status")) != "Enabled":
            yield bucket.finding("keeps no old versions; set VersioningConfiguration.Status to Enabled")


def _active(bucket: Resource) -> list[dict[str, Any]]:
    """The lifecycle rules that are switched on."""
    rules = dicts(bucket.get("LifecycleConfiguration", "Rules"))
    return [each for each in rules if text(each.get("Status")) == "Enabled"]


def _for_all(entry: dict[str, Any]) -> bool:
    """Whether a lifecycle rule is about every object."""
    return not any(
        entry.get(key) for key in ("Prefix", "Filter", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
    )


def _old_version_days(entry: dict[str, Any]) -> float | None:
    return number(get(entry, "NoncurrentVersionExpiration", "NoncurrentDays")) or number(
        entry.get("NoncurrentVersionExpirationInDays")
    )


@rule("old versions and broken uploads are invisible, and paid for until somebody removes them")
def bucket_tidied(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        active = [each for each in _active(bucket) if _for_all(each)]
        if not any(_old_version_days(each) for each in active):
            yield bucket.finding("never removes old versions; add a lifecycle rule with NoncurrentVersionExpiration")
        uploads = [number(get(each, "AbortIncompleteMultipartUpload", "DaysAfterInitiation")) for each in active]
        if not any(uploads):
            yield bucket.finding("never removes broken uploads; add a rule with AbortIncompleteMultipartUpload")


@rule("an old version is there to be fetched back: a mistake is often noticed days later")
def old_versions_last(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        for entry in _active(bucket):
            days = _old_version_days(entry)
            if days is not None and days < MONTH:
                yield bucket.finding(f"removes old versions after {days:g} days; keep them {MONTH} days or longer")


def _takes_logs(bucket: Resource, system: System) -> bool:
    """Whether a service writes its records there: they may go when they are old enough."""
    trails = [trail.get("S3BucketName") for trail in system.of_type("AWS::CloudTrail::Trail")]
    flows = [log.get("LogDestination") for log in system.of_type("AWS::EC2::FlowLog")]
    return bucket in system.targets([*trails, *flows])


def _current_days(entry: dict[str, Any]) -> float | None:
    """Days after which current objects go; 0 when they go on a date."""
    given = entry.get("ExpirationInDays", get(entry, "Expiration", "Days"))
    return 0 if "ExpirationDate" in entry else number(given)


@rule("packages, images' layers and exports are needed until somebody replaces them; records for a year")
def objects_do_not_expire(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        for days in (_current_days(entry) for entry in _active(bucket)):
            if days is not None and not _takes_logs(bucket, system):
                yield bucket.finding(f"deletes current objects after {days:g} days; remove ExpirationInDays")
            elif days is not None and days < YEAR:
                yield bucket.finding(f"deletes records after {days:g} days; keep them {YEAR} days or longer")


@rule("records without an end pile up: what was said to people about keeping their data must come true")
def records_expire(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        if _takes_logs(bucket, system) and not any(_current_days(entry) for entry in _active(bucket)):
            yield bucket.finding(f"keeps records for ever; add a rule with ExpirationInDays of {YEAR} or more")


@rule("a deployment cannot read a package from an archive that takes hours to give it back")
def packages_not_archived(system: System) -> Iterator[Finding]:
    for bucket in buckets(system):
        moves = [move for entry in _active(bucket) for move in dicts(entry.get("Transitions"))]
        moves += [move for entry in _active(bucket) for move in dicts(entry.get("Transition"))]
        if "artifact" in physical_name(bucket) and any(text(move.get("StorageClass")) in ARCHIVES for move in moves):
            yield bucket.finding("archives packages; remove the transition")
