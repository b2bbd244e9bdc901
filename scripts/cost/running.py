"""What computes and what keeps: tasks, functions, tables, buckets, images, secrets, keys, backups."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scripts.cost.model import DAYS, HOURS
from scripts.cost.site import KILO, MEGA, Site, Use, copies, desired, held, table_use
from scripts.cost.traffic import BUCKETS
from templates.rules.system import Resource
from templates.rules.timetable import gaps
from templates.rules.values import dicts, get, number, text

TEN_THOUSAND = 1e4


def service(site: Site, resource: Resource) -> Iterator[Use]:
    """Fargate by the task's size, for the desired count; the API may scale to its maximum when it is busy."""
    task = site.system.target(resource.get("TaskDefinition"))
    if task is None:
        return
    count = desired(resource)
    kind = "arm" if text(task.get("RuntimePlatform", "CpuArchitecture")) == "ARM64" else "x86"
    vcpu, memory = (number(task.get("Cpu")) or 0) / 1024, (number(task.get("Memory")) or 0) / 1024
    size = f"{count:g} x {vcpu:g} vCPU, {memory:g} GB, {'arm64' if kind == 'arm' else 'x86'}"
    yield Use("Fargate vCPU", f"fargate-{kind}-vcpu", count * vcpu * HOURS, f"{size}, all month")
    yield Use("Fargate memory", f"fargate-{kind}-memory", count * memory * HOURS, f"{size}, all month")
    if (
        resource.get("LoadBalancers")
        and len(resource.get("NetworkConfiguration", "AwsvpcConfiguration", "Subnets")) > 1
    ):
        inside = site.gigabytes(site.requests - site.public_requests)
        yield Use("data between zones", "between-zones", inside, "half of the bot's questions cross, billed both ways")


def function(site: Site, resource: Resource) -> Iterator[Use]:
    runs, memory = site.runs(resource), (number(resource.get("MemorySize")) or 128) / 1024
    kind = "arm" if "arm64" in (resource.get("Architectures") or []) else "x86"
    seconds = site.traffic.run_seconds
    said = f"{runs:,.0f} runs of {seconds:g} s with {memory:g} GB"
    yield Use("Lambda duration", f"lambda-{kind}-duration", runs * seconds * memory, said)
    yield Use("Lambda requests", "lambda-requests", runs / MEGA, said)


def table(site: Site, resource: Resource) -> Iterator[Use]:
    use, times = table_use(resource), copies(resource)
    reads = site.requests * use.request_reads + site.monitor_runs * use.run_reads
    writes = (site.requests * use.request_writes + site.monitor_runs * use.run_writes) * times
    each = f"a request reads {use.request_reads:g}, writes {use.request_writes:g}"
    each += f"; a run of the monitor {use.run_reads:g} and {use.run_writes:g}"
    index = f", each index once more ({times - 1})" if times > 1 else ""
    yield Use("reads", "table-reads", reads / MEGA, each)
    yield Use("writes", "table-writes", writes / MEGA, each + index)
    yield Use("storage", "table-storage", held(resource), f"{use.gb:g} GB{index}")
    if resource.get("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") is True:
        yield Use("point-in-time recovery", "table-recovery", held(resource), "as large as the table")


def plan(site: Site, resource: Resource) -> Iterator[Use]:
    """Each backup of a table is a full one."""
    for rule in dicts(resource.get("BackupPlan", "BackupPlanRule")):
        between = gaps(text(rule.get("ScheduleExpression")))
        kept = number(get(rule, "Lifecycle", "DeleteAfterDays")) or 365.0
        count = kept / (between.longest / 1440) if between else 0.0
        said = f"{count:.0f} copies of {site.table_gb:.2f} GB, kept {kept:g} days"
        yield Use(f"backups, {text(rule.get('RuleName'))}", "table-backup", count * site.table_gb, said)


def bucket(site: Site, resource: Resource) -> Iterator[Use]:
    size = BUCKETS.get(resource.id, 1.0)
    yield Use("storage", "bucket-storage", size, f"{size:g} GB with old versions")
    if any(
        site.system.target(each.get("S3BucketName")) is resource
        for each in site.system.of_type("AWS::CloudTrail::Trail")
    ):
        files = site.traffic.trail_files
        yield Use("writes", "bucket-writes", files * DAYS / KILO, f"{files:,.0f} files of the trail a day")


def repository(site: Site, resource: Resource) -> Iterator[Use]:
    policy = text(resource.get("LifecyclePolicy", "LifecyclePolicyText"))
    limits = [number(get(each, "selection", "countNumber")) for each in json.loads(policy)["rules"]] if policy else []
    count = min([limit for limit in limits if limit] + [site.traffic.releases * 12])
    said = f"{count:.0f} images of {site.traffic.image_gb:g} GB: a year's, or what the lifecycle keeps"
    yield Use("images", "images", count * site.traffic.image_gb, said)


def secret(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    reads = site.traffic.secret_reads
    yield Use("secret", "secret", 1)
    yield Use("reads", "secret-reads", reads * DAYS / TEN_THOUSAND, f"{reads:,.0f} reads a day")


def key(site: Site, resource: Resource) -> Iterator[Use]:
    rotated = resource.get("EnableKeyRotation") is True
    said = "each of the first two yearly rotations adds one more dollar" if rotated else ""
    yield Use("key", "key", 1, said)
    asked = site.traffic.key_requests
    yield Use("requests", "key-requests", asked * DAYS / TEN_THOUSAND, f"{asked:,.0f} requests a day")
