"""What to know of resources that a creation took over from an earlier deployment: they are as they were."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.operations.target import Target

VAULT, KEY, ROLE = "Data/BackupVault", "Data/EncryptionKey", "Data/BackupRole"
GRANTED = "Decrypt GenerateDataKey CreateGrant DescribeKey"


def notes(target: Target) -> Iterator[str]:
    """A line each, once the creation is complete."""
    yield f"What was taken over is as it was: make drift ENV={target.environment} shows where the templates differ."
    old = _key_of_vault(target)
    if old and not old.endswith(target.physical(KEY)):
        role = target.client("iam").get_role(RoleName=target.physical(ROLE))["Role"]["Arn"]
        yield (
            "The vault keeps the key of before, which the new backup role may not use. Without this, the daily "
            f"backups fail: aws kms create-grant --region {target.region} --key-id {old} --grantee-principal {role} "
            f"--operations {GRANTED}"
        )


def _key_of_vault(target: Target) -> str:
    """ARN of the key that backups in the vault are encrypted with; empty where there is no vault."""
    if VAULT not in target.resources:
        return ""
    found = target.client("backup").describe_backup_vault(BackupVaultName=target.physical(VAULT))
    return str(found.get("EncryptionKeyArn", ""))
