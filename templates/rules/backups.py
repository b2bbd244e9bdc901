"""Backups: every table, daily for 35 days and monthly for a year, in an encrypted vault of our own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.iam import arn_of, matches, plain
from templates.rules.system import Resource, System
from templates.rules.tables import tables
from templates.rules.timetable import EVERY_DAY, Gaps, gaps
from templates.rules.values import dicts, get, items, mapping, number, text, truth

PLAN, SELECTION, VAULT = (f"AWS::Backup::Backup{part}" for part in ("Plan", "Selection", "Vault"))
MONTH = 31 * EVERY_DAY
PROMISED = ((EVERY_DAY, 35, "daily"), (MONTH, 365, "monthly"))
MOST_COPIES = 120
COLD_DAYS = 90
CONTINUOUS_DAYS = 35


class BackupRule(NamedTuple):
    """One rule of a plan."""

    plan: Resource
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return text(self.body.get("RuleName")) or "without a name"

    @property
    def gaps(self) -> Gaps | None:
        return gaps(text(self.body.get("ScheduleExpression")))

    @property
    def days(self) -> float | None:
        """How long its backups are kept."""
        return number(get(self.body, "Lifecycle", "DeleteAfterDays"))

    def finding(self, advice: str) -> Finding:
        return self.plan.finding(f"rule {self.name} {advice}")


def backup_rules(system: System) -> list[BackupRule]:
    plans = system.of_type(PLAN)
    return [BackupRule(plan, body) for plan in plans for body in dicts(plan.get("BackupPlan", "BackupPlanRule"))]


@rule("the promise is a backup of every day for 35 days and of every month for a year")
def backups_as_promised(system: System) -> Iterator[Finding]:
    for plan in system.of_type(PLAN):
        kept = [(each.gaps, each.days or float("inf")) for each in backup_rules(system) if each.plan is plan]
        for interval, days, spoken in PROMISED:
            if not any(between and between.longest <= interval and lasting >= days for between, lasting in kept):
                yield plan.finding(f"keeps no {spoken} backup for {days} days; correct or add the rule")


@rule("AWS Backup refuses a schedule it cannot read, and one of more than an hourly backup")
def backup_schedule_possible(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        written = text(each.body.get("ScheduleExpression"))
        if each.gaps is None or not written.startswith("cron("):
            yield each.finding(f"has the schedule {written or 'nothing'}; write six fields, such as cron(0 3 * * ? *)")
        elif each.gaps.shortest < 60:
            yield each.finding(f"runs every {each.gaps.shortest} minutes; once an hour is the most")


@rule("each backup is a whole copy: kept too many or for ever, they cost more than the tables")
def backups_expire(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        if each.days is None:
            yield each.finding("keeps its backups for ever; set Lifecycle.DeleteAfterDays")
        elif each.gaps and (copies := each.days * EVERY_DAY / each.gaps.shortest) > MOST_COPIES:
            yield each.finding(f"keeps {copies:.0f} copies; lower DeleteAfterDays or make backups less often")


@rule("a backup that goes to cold storage stays there 90 days; a shorter life is refused")
def cold_backups_last(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        cold = number(get(each.body, "Lifecycle", "MoveToColdStorageAfterDays"))
        if cold is not None and each.days is not None and each.days < cold + COLD_DAYS:
            yield each.finding(
                f"deletes after {each.days:g} days; delete {COLD_DAYS} days after the move to cold storage"
            )


@rule("a backup that gets no time to begin or to end is aborted, and nobody misses it until it is needed")
def backup_has_time(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        start = number(each.body.get("StartWindowMinutes", 480)) or 0
        end = number(each.body.get("CompletionWindowMinutes", 10_080)) or 0
        if start < 60:
            yield each.finding("has a StartWindowMinutes below 60, which AWS Backup refuses; set it to 60 or more")
        if end < start + 60:
            yield each.finding(
                "has too short a CompletionWindowMinutes; make it an hour longer than StartWindowMinutes"
            )


@rule("continuous backups are not made of tables, and last 35 days at most")
def backup_not_continuous(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        if truth(each.body.get("EnableContinuousBackup")) is True and (
            tables(system) or (each.days or 0) > CONTINUOUS_DAYS
        ):
            yield each.finding("has EnableContinuousBackup; remove it, tables have point-in-time recovery")


@rule("a backup in a vault nobody made here is not encrypted with our key, not kept and not found")
def backups_in_own_vault(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        vault = system.target(each.body.get("TargetBackupVault"))
        if vault is None or vault.type != VAULT:
            yield each.finding("names no vault of this system in TargetBackupVault; refer to it")


@rule("a vault without a key of ours is encrypted with one that other rights do not govern")
def vault_encrypted(system: System) -> Iterator[Finding]:
    for vault in system.of_type(VAULT):
        key = vault.get("EncryptionKeyArn")
        if not text(key) or "alias/aws/" in text(key):
            yield vault.finding("has no key of ours; set EncryptionKeyArn")


@rule("a locked vault refuses backups that are to be kept shorter or longer than it allows")
def vault_lock_fits(system: System) -> Iterator[Finding]:
    for each in backup_rules(system):
        vault = system.target(each.body.get("TargetBackupVault"))
        lock = mapping(vault.get("LockConfiguration")) if vault else {}
        low, high = number(lock.get("MinRetentionDays")) or 0, number(lock.get("MaxRetentionDays")) or float("inf")
        if each.days is not None and not low <= each.days <= high:
            yield each.finding(f"keeps {each.days:g} days, the vault allows {low:g} to {high:g}; correct one of them")


def _selected(system: System) -> list[tuple[Resource, list[str], list[str]]]:
    """(selection, ARN patterns it takes, ARN patterns it leaves out)."""
    found = []
    for selection in system.of_type(SELECTION):
        body = mapping(selection.get("BackupSelection"))
        taken, left = ([plain(system, text(v)) for v in items(body.get(key))] for key in ("Resources", "NotResources"))
        found.append((selection, taken, left))
    return found


@rule("a table that no selection takes is in no backup, which is noticed when it is lost")
def table_backed_up(system: System) -> Iterator[Finding]:
    selections = _selected(system)
    for table in tables(system) if system.of_type(PLAN) else []:
        arn = arn_of(system, table) or table.token.replace("}", ".Arn}")
        taken = [s for s, some, others in selections if _any(some, arn) and not _any(others, arn)]
        if not any(system.target(each.get("BackupPlanId")) for each in taken):
            place = selections[0][0] if len(selections) == 1 else table
            yield place.finding(f"{table.id} is in no backup; add its ARN to Resources of a selection of the plan")


def _any(patterns: list[str], arn: str) -> bool:
    return any(matches(pattern, arn) for pattern in patterns)


@rule("a selection that also asks for tags or conditions takes only what has them")
def selection_unconditional(system: System) -> Iterator[Finding]:
    for selection in system.of_type(SELECTION):
        body = mapping(selection.get("BackupSelection"))
        if body.get("Conditions") or (body.get("ListOfTags") and not body.get("Resources")):
            yield selection.finding("takes resources by tags, which nobody sets here; name their ARNs in Resources")


@rule("data that only point-in-time recovery protects are lost with the account's mistake of last month")
def plan_exists(system: System) -> Iterator[Finding]:
    for table in tables(system)[:1]:
        if not system.of_type(PLAN):
            yield table.finding("stands in a system without a backup plan; add one with a selection of every table")
