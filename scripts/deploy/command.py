"""``make deploy``: execute what was reviewed, watch it, and verify what came of it."""

from __future__ import annotations

from scripts.changeset import record
from scripts.deploy import listing
from scripts.deploy.execute import attach, catch_up, execute, show
from scripts.deploy.follow import interval_option
from scripts.deploy.prepared import executable
from scripts.deploy.verify import api_url_option, verify_and_exit, wait_option
from scripts.operations import consent
from scripts.operations.command import verb, yes_option
from scripts.operations.screen import say
from scripts.operations.target import Target


@verb("deploy")
@yes_option
@interval_option
@wait_option(600)
@api_url_option
def deploy(target: Target, yes: bool, interval: float, wait: int, api_url: str) -> None:
    """Execute the change set that make changeset prepared, watch it to its end, and verify what runs.

    It changes what the review of that change set says and nothing else. If an operation runs already, it is watched
    instead. Ctrl-C ends the watching, never the operation.

    Example: make deploy ENV=production
    """
    prepared = record.read(target)
    at_work = running(target)
    if at_work:
        attach(target, *at_work, prepared, interval=interval)
    elif prepared is not None and catch_up(target, prepared):
        show(target, prepared)
    else:
        prepared = executable(target, prepared)
        agree(target, prepared, yes=yes)
        execute(target, prepared, interval=interval)
    verify_and_exit(target, wait=wait, api_url=api_url)


def agree(target: Target, prepared: record.Record, *, yes: bool) -> None:
    """Say what would be executed, and ask.

    :raises RefusedError: when nobody agrees
    """
    verb_ = "creates" if prepared.type == "CREATE" else "updates"
    say(f"The change set {prepared.name} (made {prepared.made_at} by {prepared.made_by}) {verb_} {target.root}:")
    for line in listing.lines(target.cloudformation, prepared.change_set_id, target.root):
        say(line)
    if prepared.allowed:
        say(f"[bold red]Accepted when it was made, though it harms: {', '.join(prepared.allowed)}[/bold red]")
    consent.ask(f"Execute it on {target.environment}?", yes=yes)


def running(target: Target) -> tuple[str, str] | None:
    """Id and status of the root stack while CloudFormation works on it."""
    found = target.find_stack(target.root)
    if found is None or not found["StackStatus"].endswith("_IN_PROGRESS"):
        return None
    return found["StackId"], found["StackStatus"]
