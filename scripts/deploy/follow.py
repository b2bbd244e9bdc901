"""Follow an operation to its end, whatever the line to AWS does meanwhile, and leave it alone on Ctrl-C."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import click
from botocore.exceptions import ClientError

from scripts.deploy import causes, events
from scripts.deploy.progress import Progress
from scripts.deploy.tree import Board
from scripts.operations.command import INTERRUPTED
from scripts.operations.errors import AWAY, SLOW_DOWN, OperationError, code
from scripts.operations.screen import ERR, fail, say
from scripts.operations.target import NESTED, Target

INTERVAL_SECONDS = 3.0
SLOWEST_SECONDS = 30.0
LOOKS_BEFORE_IT_BEGINS = 5
"""So often a stack may look as before the operation; who then saw nothing happen in it believes that nothing does."""
AWAY_SECONDS = 600
"""How long AWS may be out of reach before the following is given up. The operation itself does not mind."""
T = TypeVar("T")

interval_option = click.option(
    "--interval",
    envvar="INTERVAL",
    type=click.FloatRange(min=0.05),
    default=INTERVAL_SECONDS,
    show_default=True,
    help="Seconds between two looks at CloudFormation.",
)


@dataclass(frozen=True)
class Ending:
    """How an operation ended: the stack's status, every event, and what each stack took."""

    status: str
    events: list[events.Event]
    seconds: dict[str, float]

    @property
    def is_good(self) -> bool:
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE")


@dataclass
class Patience:
    """Asks again, slower, while AWS is busy or out of reach."""

    interval: float
    say: Callable[[str], None]
    _now: float = field(init=False)
    _silent_since: float | None = None

    def __post_init__(self) -> None:
        self._now = self.interval

    def wait(self) -> None:
        time.sleep(self._now)

    def ask(self, question: Callable[[], T]) -> T | None:
        """The answer, or ``None`` when there was none this time.

        :raises OperationError: when AWS has been out of reach for too long
        """
        try:
            answer = question()
        except ClientError as error:
            if code(error) not in SLOW_DOWN:
                raise
            self._slower("AWS asks to be called less often")
            return None
        except AWAY:
            self._out_of_reach()
            return None
        self._now, self._silent_since = self.interval, None
        return answer

    def _slower(self, why: str) -> None:
        self._now = min(self._now * 2, SLOWEST_SECONDS)
        self.say(f"{why}; looking again in {self._now:.0f} s. The operation goes on meanwhile.")

    def _out_of_reach(self) -> None:
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if now - self._silent_since > AWAY_SECONDS:
            raise OperationError(
                f"AWS has been out of reach for {AWAY_SECONDS // 60} minutes. CloudFormation goes on by itself: repeat "
                "the command when the network is back, and it watches on."
            )
        self._slower("AWS cannot be reached")


def follow(
    target: Target,
    stack_id: str,
    since: datetime,
    *,
    interval: float,
    expected: Mapping[str, int],
    usual: Mapping[str, float],
) -> Ending:
    """Show what happens in the stack after ``since`` until it comes to rest."""
    known = events.nested_stacks(target.cloudformation, stack_id)
    stream = events.Stream(target.cloudformation, stack_id, since, known)
    progress = Progress.of(expected, usual)
    seen: list[events.Event] = []
    looks = 0
    with Board(ERR, progress, target.root) as board:
        patience = Patience(interval, board.note)
        while True:
            status = patience.ask(lambda: _status(target, stack_id))
            over = status is not None and not status.endswith("_IN_PROGRESS")
            fresh = patience.ask(lambda last=over: stream.poll(last=last))  # type: ignore[misc]
            board.show(fresh or [])
            seen += fresh or []
            looks += 1
            if over and fresh is not None and (seen or looks >= LOOKS_BEFORE_IT_BEGINS):
                return Ending(status or "", seen, progress.seconds)
            patience.wait()


def _status(target: Target, stack_id: str) -> str:
    return str(target.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"])


@contextmanager
def leaving_it_alone(target: Target, again: str, *, cancel: bool = True) -> Iterator[None]:
    """Ctrl-C ends the watching only, and says what state that leaves.

    :param again: the command that watches on
    :param cancel: whether the operation can be cancelled
    """
    try:
        yield
    except KeyboardInterrupt:
        fail("Interrupted: only the watching has ended. CloudFormation goes on by itself, to the end or back again.")
        stack = f"--stack-name {target.root} --region {target.region}"
        say(f"To watch on: {again}")
        if cancel:
            say(f"To cancel, which puts the previous version back: aws cloudformation cancel-update-stack {stack}")
        say(f"To see only where it stands: aws cloudformation describe-stacks {stack} --query 'Stacks[0].StackStatus'")
        raise click.exceptions.Exit(INTERRUPTED) from None


def expected(cloudformation: Any, change_set_id: str, path: str = "") -> dict[str, int]:
    """How many resources of each stack the change set names."""
    found = {path: 0}
    for change in changes(cloudformation, change_set_id):
        found[path] += 1
        if change["ResourceType"] == NESTED and change.get("ChangeSetId"):
            inner = f"{path}/{change['LogicalResourceId']}" if path else change["LogicalResourceId"]
            found |= expected(cloudformation, change["ChangeSetId"], inner)
    return found


def changes(cloudformation: Any, change_set_id: str) -> Iterator[dict[str, Any]]:
    """The changes of one stack's change set, over all pages."""
    more: dict[str, str] = {}
    while True:
        page = cloudformation.describe_change_set(ChangeSetName=change_set_id, **more)
        yield from (item["ResourceChange"] for item in page.get("Changes", []) if "ResourceChange" in item)
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def tell_failure(target: Target, ending: Ending) -> None:
    """Why it failed, first cause first, and what state it left."""
    lines = causes.report(
        ending.events,
        ending.status,
        environment=target.environment,
        root=target.root,
        region=target.region,
    )
    for line in lines:
        fail(line)
