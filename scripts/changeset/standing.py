"""Change sets that stand and could be executed: none is left behind unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from scripts.changeset.create import Prepared, change_sets, discard
from scripts.operations.screen import fail, say
from scripts.operations.target import NESTED, Target
from scripts.review.model import Review


@contextmanager
def unless_broken_off(target: Target, prepared: Prepared) -> Iterator[None]:
    """What ends within by a refusal, an error or Ctrl-C leaves no change set that somebody could execute unseen."""
    try:
        yield
    except BaseException:
        _take_back(target, prepared)
        raise


def _take_back(target: Target, prepared: Prepared) -> None:
    try:
        gone = discard(target, prepared.change_set_id)
    except (ClientError, BotoCoreError, KeyboardInterrupt):
        delete = _deletion(target, prepared.change_set_id)
        fail(f"The change set {prepared.name} stands still, and anybody could execute it. To delete it: {delete}")
        return
    if gone:
        fail(f"The change set {prepared.name} was deleted again.")


def is_nothing(target: Target, prepared: Prepared, found: Review) -> bool:
    """Whether there is nothing to execute, and nothing stands: AWS also lists nested stacks that stay as they are."""
    if prepared.empty:
        return True
    if found.is_empty and all(row.type == NESTED and row.action == "Modify" for row in prepared.listed):
        discard(target, prepared.change_set_id)
        return True
    return False


def tell_others(target: Target, prepared: Prepared) -> None:
    """Name every other change set that can be executed: nobody else would."""
    for each in change_sets(target.cloudformation, target.root):
        if each["ChangeSetId"] != prepared.change_set_id and each.get("ExecutionStatus") == "AVAILABLE":
            say(
                f"[yellow]Beside it stands the change set {escape(each['ChangeSetName'])} of "
                f"{each['CreationTime']:%Y-%m-%d %H:%M}: prepared before and never executed, or left by a command that "
                "was killed. It goes when this one is executed; to delete it now: "
                f"{escape(_deletion(target, each['ChangeSetId']))}[/yellow]"
            )


def _deletion(target: Target, change_set_id: str) -> str:
    return f"aws cloudformation delete-change-set --change-set-name {change_set_id} --region {target.region}"
