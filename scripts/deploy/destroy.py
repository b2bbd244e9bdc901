"""``make destroy``: take the system down, after backups, and keep what holds data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape

from scripts.backup import saving
from scripts.deploy import events
from scripts.deploy.execute import tell_end
from scripts.deploy.follow import Ending, follow, interval_option, leaving_it_alone, tell_failure
from scripts.deploy.inventory import Item, inventory, what_stays
from scripts.operations import consent
from scripts.operations.command import verb, yes_option
from scripts.operations.errors import RefusedError
from scripts.operations.screen import fail, say
from scripts.operations.target import Target

PROTECTION = "deletion_protection.enabled"


@verb("destroy")
@click.option("--name", envvar="NAME", default="", help="The root stack's name, typed out: agrees without a question.")
@yes_option
@interval_option
def destroy(target: Target, name: str, yes: bool, interval: float) -> None:
    """Take the whole system of an environment down. Tables, buckets, keys and logs are kept; the rest is deleted.

    It shows first what goes and what stays, asks for the stack's name, and backs up every table. YES=1 does not stand
    for the name; it only agrees to switch off the load balancer's protection. The bootstrap stack is left alone. Broken
    off at any point, the same command goes on: it saves the tables anew, or watches the deletion that runs.

    Example: make destroy ENV=staging
    """
    stack = target.find_stack(target.root)
    if stack is None:
        _tell_gone(target)
        return
    if stack["StackStatus"] == "DELETE_IN_PROGRESS":
        say(f"{target.root} is being deleted already: watching it.")
        began = events.beginning(target.cloudformation, stack["StackId"])
        _end(target, _watch(target, stack["StackId"], began, [], interval))
        return
    _refuse(target, stack["StackStatus"], protected=stack.get("EnableTerminationProtection", False))
    _tell_failed(target, stack)
    items = inventory(target)
    _preview(target, items)
    consent.ask_for_name(f"This deletes {target.root} with everything that goes.", target.root, given=name)
    balancer = _protected_balancer(target)
    if balancer:
        say("The load balancer is protected against deletion, so that nobody cuts the service by mistake.")
        consent.ask("Switch its protection off?", yes=yes)
    _back_up(target, [item.physical_id for item in items if item.type == "AWS::DynamoDB::Table"])
    with _unprotected(target, balancer):
        since = events.newest_time(target.cloudformation, stack["StackId"])
    with leaving_it_alone(target, _again(target), cancel=False):
        target.cloudformation.delete_stack(StackName=stack["StackId"])
    _end(target, _watch(target, stack["StackId"], since, items, interval))


def _again(target: Target) -> str:
    return f"make destroy ENV={target.environment}"


def _tell_gone(target: Target) -> None:
    """Whoever was interrupted while it was deleted is told that it has ended.

    :raises OperationError: when there never was a stack of that name
    """
    pages = target.cloudformation.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    deleted = [each for page in pages for each in page["StackSummaries"] if each["StackName"] == target.root]
    if not deleted:
        target.stack(target.root)
    times = [each["DeletionTime"] for each in deleted if "DeletionTime" in each]
    when = f" since {max(times).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if times else ""
    say(f"{target.root} is deleted{when}; nothing is left to do. Tables, buckets, keys, logs and backups are kept.")


def _tell_failed(target: Target, stack: dict[str, Any]) -> None:
    if stack["StackStatus"] == "DELETE_FAILED":
        reason = stack.get("StackStatusReason", "AWS gives no reason")
        say(f"An earlier deletion of {target.root} did not end: {escape(reason)} What is left of it goes now.")


def _refuse(target: Target, status: str, *, protected: bool) -> None:
    """:raises RefusedError: while something else runs, or while the stack is protected"""
    if status.endswith("_IN_PROGRESS"):
        raise RefusedError(
            f"{target.root} is at work ({status}). Nothing was changed. Watch it to its end first: "
            f"make deploy ENV={target.environment}"
        )
    if protected:
        raise RefusedError(
            f"{target.root} is protected against deletion. Nothing was changed. If it really is to go: aws "
            "cloudformation update-termination-protection --no-enable-termination-protection "
            f"--stack-name {target.root} --region {target.region}"
        )


def _preview(target: Target, items: list[Item]) -> None:
    goes = [item for item in items if not item.stays]
    say(f"[bold red]{len(goes)} resources of {target.root} are deleted:[/bold red]")
    for stack in sorted({item.stack for item in goes}):
        named = ", ".join(sorted(item.path.rpartition("/")[2] for item in goes if item.stack == stack))
        say(f"  {stack or target.root}: {named}")
    say("The API and the bot stop; the public address is gone for good, a new deployment gets another one.")
    say(f"[bold]{sum(item.stays for item in items)} resources stay:[/bold]")
    for line in what_stays(items):
        say(f"  {escape(line)}")
    say(f"  The stack {target.bootstrap} with images, secrets and artifacts (three secrets: $1.20 a month).")
    say("Every table is backed up first.")


def _protected_balancer(target: Target) -> str:
    """ARN of the load balancer if it is protected against deletion, else nothing."""
    found = target.resources.get("Services/LoadBalancer")
    if found is None or not found.physical_id:
        return ""
    answer = target.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=found.physical_id)
    values = {item["Key"]: item["Value"] for item in answer["Attributes"]}
    return found.physical_id if values.get(PROTECTION) == "true" else ""


@contextmanager
def _unprotected(target: Target, balancer: str) -> Iterator[None]:
    """Its protection is off within; what breaks off there before anything is deleted says how to put it back."""
    attributes = f"--attributes Key={PROTECTION},Value=true --region {target.region}"
    try:
        if balancer:
            target.client("elbv2").modify_load_balancer_attributes(
                LoadBalancerArn=balancer, Attributes=[{"Key": PROTECTION, "Value": "false"}]
            )
            say("The load balancer's protection is off.")
        yield
    except BaseException:
        protection = (
            f" But the load balancer's protection is off. To go on: {_again(target)}. To put it back: aws elbv2 "
            f"modify-load-balancer-attributes --load-balancer-arn {balancer} {attributes}"
        )
        fail(f"Nothing is deleted; every table is backed up.{protection if balancer else ''}")
        raise


def _back_up(target: Target, tables: list[str]) -> None:
    """An on-demand backup of every table, complete before anything is deleted.

    Each run makes its own: the system has gone on since an earlier one, and what it wrote would be in none.

    :raises OperationError: when one does not become complete
    """
    try:
        for each in saving.save(target, tables, saving.new_stamp(target, tables)):
            say(f"Backed up: {each.name}")
    except KeyboardInterrupt:
        fail(
            f"Nothing is deleted, {target.root} runs on. DynamoDB completes the backups that were begun, and keeps "
            f"them. To go on: {_again(target)}, which saves the tables as they are by then."
        )
        raise


def _watch(target: Target, stack_id: str, since: datetime, items: list[Item], interval: float) -> Ending:
    counts = Counter(item.stack for item in items)
    with leaving_it_alone(target, _again(target), cancel=False):
        return follow(target, stack_id, since, interval=interval, expected=counts, usual={})


def _end(target: Target, ending: Ending) -> None:
    if ending.status != "DELETE_COMPLETE":  # It may also stand as before: AWS deletes nothing that others import from.
        tell_failure(target, ending)
        raise click.exceptions.Exit(1)
    tell_end(target, ending)
    kept = {each.path: each for each in ending.events if each.status == "DELETE_SKIPPED"}
    for line in what_stays([Item(path, each.type, each.physical_id, stays=True) for path, each in kept.items()]):
        say(f"  kept: {escape(line)}")
    say(
        f"To bring it back onto its data: make changeset ENV={target.environment}, which has CloudFormation take over "
        "what was kept, and make deploy."
    )
