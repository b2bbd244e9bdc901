"""Values whose change alone loses data or cuts service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scripts.review.entries import RETAINING, Entry
from scripts.review.model import ABSENT, PropertyChange
from scripts.review.schemas import stateful
from templates.rules.values import number, text

Risk = Callable[[Entry, PropertyChange], str]
FOREVER = float("inf")
SHRINKING = {
    ("AWS::Logs::LogGroup", "RetentionInDays"): "Lines older than {after} days are deleted (until now {before}).",
    (
        "AWS::SQS::Queue",
        "MessageRetentionPeriod",
    ): "Messages older than {after} seconds are deleted (until now {before}).",
    ("AWS::S3::Bucket", "ExpirationInDays"): "Objects are deleted after {after} days (until now {before}).",
    (
        "AWS::S3::Bucket",
        "NoncurrentDays",
    ): "Earlier versions of objects are deleted after {after} days (until now {before}).",
    ("AWS::ECR::Repository", "countNumber"): "Images beyond the newest {after} are deleted (until now {before}).",
}
"""Numbers that let data live; absent, they let it live forever."""
PROTECTIONS = {
    "DeletionProtectionEnabled": "It is no longer protected from deletion.",
    "DeletionProtection": "It is no longer protected from deletion.",
    "deletion_protection.enabled": "It is no longer protected from deletion.",
    "PointInTimeRecoveryEnabled": "It can no longer be put back to an earlier minute, and the saved ones are lost.",
    "ActionsEnabled": "Nobody is told any more when it goes off.",
    "IsLogging": "Nobody records any more who did what.",
}
ON_UNLESS_SAID = ("ActionsEnabled",)


def risks(entry: Entry, change: PropertyChange) -> str:
    """What the change of one value risks; empty when nothing."""
    return next((sentence for risk in RISKS if (sentence := risk(entry, change))), "")


def _shrinks(entry: Entry, change: PropertyChange) -> str:
    for (kind, name), sentence in SHRINKING.items():
        before, after = _number(change.before), _number(change.after)
        if entry.type == kind and _key(change) == name and after is not None and before is not None and after < before:
            was = "for ever kept" if before == FOREVER else text(change.before)
            return sentence.format(before=was, after=text(change.after))
    return ""


def _unprotected(_entry: Entry, change: PropertyChange) -> str:
    path = change.path.removesuffix(".Value")
    for name, sentence in PROTECTIONS.items():
        was_on = _is_true(change.before) or (change.before is ABSENT and name in ON_UNLESS_SAID)
        if (path == name or path.endswith(f".{name}")) and was_on and not _is_true(change.after):
            return sentence
    return ""


def _stopped(entry: Entry, change: PropertyChange) -> str:
    nothing = number(change.after) == 0 and number(change.before) != 0
    if entry.type == "AWS::ECS::Service" and change.path == "DesiredCount" and nothing:
        return f"It stops: no task is to run any more (until now {text(change.before)})."
    if entry.type == "AWS::ApplicationAutoScaling::ScalableTarget" and change.path == "MaxCapacity" and nothing:
        return "It stops: no task may run any more."
    if change.path == "State" and change.after == "DISABLED":
        return "It is switched off: what it starts is not started any more."
    if entry.type == "AWS::KMS::Key" and change.path == "Enabled" and not _is_true(change.after):
        return "It is disabled: nothing that it encrypts can be read."
    return ""


def _unkept(entry: Entry, change: PropertyChange) -> str:
    when = {"DeletionPolicy": "once it leaves the template", "UpdateReplacePolicy": "once it is replaced"}
    if (
        change.path in when
        and entry.type in stateful()
        and change.before in RETAINING
        and change.after not in RETAINING
    ):
        return f"What it holds is no longer kept {when[change.path]} ({change.path} {change.before} is taken away)."
    return ""


def _table(entry: Entry, change: PropertyChange) -> str:
    if entry.type != "AWS::DynamoDB::Table":
        return ""
    if change.path.startswith("TimeToLiveSpecification") and change.after not in (ABSENT, False, "false"):
        return "It deletes items by another time than before (TimeToLiveSpecification)."
    if change.path.startswith("GlobalSecondaryIndexes.") and change.after is ABSENT and change.path.count(".") == 1:
        return f"Queries by the index {_key(change)} fail from then on."
    return ""


def _secret(entry: Entry, change: PropertyChange) -> str:
    if entry.type == "AWS::SecretsManager::Secret" and change.path.startswith(("GenerateSecretString", "SecretString")):
        return "Its present value is overwritten by a new one."
    return ""


def _versions(entry: Entry, change: PropertyChange) -> str:
    if entry.type == "AWS::S3::Bucket" and change.path.startswith("VersioningConfiguration") and change.before:
        held = change.before if isinstance(change.before, str) else (change.before or {}).get("Status")
        if held == "Enabled":
            return "Objects are no longer kept when they are overwritten or deleted (versioning is suspended)."
    return ""


RISKS: tuple[Risk, ...] = (_shrinks, _unprotected, _stopped, _unkept, _table, _secret, _versions)


def _key(change: PropertyChange) -> str:
    return change.path.rpartition(".")[2]


def _number(value: Any) -> float | None:
    return FOREVER if value is ABSENT else number(value)


def _is_true(value: Any) -> bool:
    return text(value).lower() == "true"
