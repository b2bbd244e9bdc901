"""The image repository: what was tested is what runs, scanned, and there when a rollback needs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from templates.rules.finding import Finding, rule
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, number, text, truth

REPOSITORY = "AWS::ECR::Repository"
ROLLBACKS = 10
OLD_DAYS = 180


@rule("a tag that may be moved names another image tomorrow")
def image_tags_fixed(system: System) -> Iterator[Finding]:
    for repository in system.of_type(REPOSITORY):
        if text(repository.get("ImageTagMutability")) != "IMMUTABLE":
            yield repository.finding("lets tags be moved; set ImageTagMutability to IMMUTABLE")


@rule("known holes in an image are found by scanning, or by somebody else")
def images_scanned(system: System) -> Iterator[Finding]:
    for repository in system.of_type(REPOSITORY):
        if truth(repository.get("ImageScanningConfiguration", "ScanOnPush")) is not True:
            yield repository.finding("scans no image; set ImageScanningConfiguration.ScanOnPush to true")


@rule("images at rest are encrypted, and the repository says so")
def images_encrypted(system: System) -> Iterator[Finding]:
    for repository in system.of_type(REPOSITORY):
        if text(repository.get("EncryptionConfiguration", "EncryptionType")) not in ("AES256", "KMS", "KMS_DSSE"):
            yield repository.finding("names no encryption; set EncryptionConfiguration.EncryptionType")


@rule("emptying the repository with its stack takes away what every running task was started from")
def images_outlive_stack(system: System) -> Iterator[Finding]:
    for repository in system.of_type(REPOSITORY):
        if truth(repository.get("EmptyOnDelete")):
            yield repository.finding("is emptied when it is deleted; remove EmptyOnDelete")


def _lifecycle(repository: Resource) -> list[dict[str, Any]]:
    try:
        return dicts(get(json.loads(text(repository.get("LifecyclePolicy", "LifecyclePolicyText"))), "rules"))
    except ValueError:
        return []


@rule("images pile up and are paid for, but the last ones are what a rollback needs")
def images_expire_in_time(system: System) -> Iterator[Finding]:
    for repository in system.of_type(REPOSITORY):
        rules = _lifecycle(repository)
        if not rules:
            yield repository.finding("keeps every image; add a LifecyclePolicyText that keeps the newest")
        for selection in (get(each, "selection") for each in rules):
            count = number(get(selection, "countNumber")) or 0
            untagged = text(get(selection, "tagStatus")) == "untagged"
            by_age = text(get(selection, "countType")).startswith("since")
            if untagged and by_age:
                continue
            if by_age and count < OLD_DAYS:
                yield repository.finding(
                    f"removes images after {count:g} days, also the one in use; count images instead"
                )
            if not by_age and count < ROLLBACKS:
                yield repository.finding(f"keeps {count:g} images; keep {ROLLBACKS} or more for rollbacks")
