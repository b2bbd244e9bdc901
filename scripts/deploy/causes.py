"""Why an operation failed, first cause first, what to try, and what state it left."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scripts.deploy.events import Event
from scripts.operations.target import NESTED

CANCELLED = re.compile(r"Resource (creation|update|deletion|import) cancel+ed\.?", re.IGNORECASE)
"""What CloudFormation writes of what it let be because something else failed."""

KNOWN: tuple[tuple[str, str], ...] = (
    (
        r"not authorized to perform|AccessDenied|Access Denied|is not authorized|UnauthorizedOperation",
        (
            "CloudFormation's execution role lacks this right. Add the action in templates/rights.py or "
            "templates/deployer.py, update the bootstrap stack, then deploy again."
        ),
    ),
    (
        r"circuit breaker|AWS::ECS::Service: .*stabili[sz]e|AWS::ECS::Service: .*NotStabilized|service .* unable to",
        (
            "The service's tasks did not become healthy. See why they stopped: make troubleshoot CASE=tasks, and the "
            "service's log: make logs SERVICE=api, or SERVICE=bot. Often it is a crash at start, a secret without a "
            "value, or a silent /health."
        ),
    ),
    (
        r"already exists|AlreadyExists|AlreadyOwnedByYou|bucket name is not available",
        (
            "Something of that name is there and in no stack, perhaps kept by an earlier deployment. Import it "
            "into the change set (ImportExistingResources), or rename it, or delete what is not needed."
        ),
    ),
    (
        r"not empty|contains? recovery points",
        "It still holds something, which AWS does not delete along with it. Look what that is; empty it if it may go.",
    ),
    (
        (
            r"Export .* (cannot|in use)|in use by|is being used|DependencyViolation|depende(nt object|ncies)|"
            r"mapped public address|cannot be deleted while"
        ),
        "Something else uses it still. Find the user named in the reason, let go of it there, then deploy again.",
    ),
    (
        (
            r"Throttling|Rate exceeded|RequestLimitExceeded|Too ?Many ?Requests|Service ?Unavailable|"
            r"Internal ?Failure|InternalError|service error"
        ),
        "AWS itself was overloaded or failed. Deploy again in a few minutes; look at health.aws.amazon.com.",
    ),
    (
        r"limit exceeded|LimitExceeded|quota|maximum number of|too many",
        "A quota of the account is reached. Service Quotas in the console raises it; or delete what is not used.",
    ),
    (
        r"can't find the specified secret|ResourceInitializationError|unable to retrieve secret|secret.*not found",
        (
            "A secret, or its value, is missing. Fill in sparta/<environment>/bot-token and ethereum-private-key "
            "(make secrets), then deploy again."
        ),
    ),
    (
        r"NoSuchKey|specified key does not exist",
        "The function's zip is not in the artifact bucket. make package makes it, make changeset uploads and names it.",
    ),
    (
        r"CannotPullContainer|image.*(not found|does not exist)|manifest unknown",
        (
            "The image of that digest cannot be pulled. Push it, or release one that is in the repository: "
            "make release IMAGE=<repository>@sha256:..."
        ),
    ),
    (
        r"deletion protection|DeletionProtection|cannot be deleted.*protect",
        "It is protected against deletion, on purpose. Switch the protection off only if it really is to go.",
    ),
    (
        r"HandlerErrorCode: NotFound|was not found|does not exist",
        "What it works on is not there: deleted by hand perhaps. make drift shows what differs from the templates.",
    ),
    (
        r"timed? ?out|WaitCondition|exceeded attempts|NotStabilized|stabili[sz]e",
        "It did not get ready while CloudFormation waited. Look at the resource itself for what it waits for.",
    ),
    (
        r"Unsupported resource type|Unrecognized resource type|not (yet )?supported|not available in (this|the) region",
        "This region or account does not offer this type of resource. Switch that part off by its parameter.",
    ),
    (
        r"custom resource",
        "A function of the templates refused it. The reason stands in that function's log.",
    ),
    (
        (
            r"Invalid|ValidationE|validation|Malformed|must be|does not match|Encountered unsupported property|"
            r"(is not|not a) valid|is not permitted|Value .* (at|for)|parameter"
        ),
        (
            "A value is not what AWS accepts. Correct it in templates/environments/ or in the template, "
            "then make changeset again."
        ),
    ),
)
"""What AWS's reason reads like, after the resource's type, and what to try. The first that fits speaks."""

STATES: dict[str, str] = {
    "CREATE_COMPLETE": "It is complete; nothing has to be mended.",
    "UPDATE_COMPLETE": "It is complete; nothing has to be mended.",
    "UPDATE_ROLLBACK_COMPLETE": "Everything was put back: the previous version runs. Mend the cause, then: {changeset}",
    "ROLLBACK_COMPLETE": (
        "The first creation failed and what it made was taken away again. This empty stack cannot be updated: "
        "{changeset} deletes it, with your consent, and begins anew."
    ),
    "CREATE_FAILED": "The creation stopped where it failed; nothing was taken away. {changeset} says how to go on.",
    "ROLLBACK_FAILED": (
        "Not all that the failed creation made could be taken away. Delete the stack, keeping what it cannot delete: "
        "{destroy}"
    ),
    "UPDATE_FAILED": "The update stopped where it failed. Roll it back: aws cloudformation rollback-stack {name}",
    "UPDATE_ROLLBACK_FAILED": (
        "Parts are of the new version and parts of the previous one, and nothing can be deployed. Mend what the "
        "reason names, then let it go on: aws cloudformation continue-update-rollback {name} . Never delete the stack."
    ),
    "DELETE_FAILED": "Some of it is gone, some is not. Mend what the reason names, then repeat: {destroy}",
    "DELETE_COMPLETE": "The stack is gone.",
}


def causes(events: Sequence[Event]) -> list[Event]:
    """The failures that were not caused by another one, earliest first."""
    failed = [each for each in events if each.status.endswith("_FAILED") and not each.of_stack]
    real = [each for each in failed if not CANCELLED.fullmatch(each.reason) and not _was_mended(each, events)]
    return sorted((each for each in real if not _is_echo(each, real)), key=lambda event: event.at)


def _is_echo(event: Event, failed: list[Event]) -> bool:
    """Whether a nested stack only repeats what a resource in it has said."""
    return event.type == NESTED and any(f"{each.stack}/".startswith(f"{event.path}/") for each in failed)


def _was_mended(event: Event, events: Sequence[Event]) -> bool:
    """Whether a deletion was tried again and went well: CloudFormation does so by itself before it gives up."""
    return event.status == "DELETE_FAILED" and any(
        each.path == event.path and each.status == "DELETE_COMPLETE" and each.at > event.at for each in events
    )


def advice(reason: str, type_: str = "") -> str:
    """What to try; empty when the reason is none we know."""
    text = f"{type_}: {reason}"
    return next((sentence for pattern, sentence in KNOWN if re.search(pattern, text, re.IGNORECASE)), "")


def state(status: str, environment: str, root: str, region: str) -> str:
    """What the stack's status means, and the one thing to do next."""
    sentence = STATES.get(status, "CloudFormation still works on it.")
    return sentence.format(
        changeset=f"make changeset ENV={environment}",
        destroy=f"make destroy ENV={environment}",
        name=f"--stack-name {root} --region {region}",
    )


def report(events: list[Event], status: str, *, environment: str, root: str, region: str) -> list[str]:
    """The lines that tell a failure: what failed first and AWS's reason, what to try, what else, and the state left."""
    found = causes(events)
    lines = _first(found, events, root)
    if len(found) > 1:
        lines.append("Besides: " + "; ".join(f"{each.path} ({each.reason or each.status})" for each in found[1:4]))
    lines.append(f"{root} is in {status}. {state(status, environment, root, region)}")
    return lines


def _first(found: list[Event], events: list[Event], root: str) -> list[str]:
    if not found:
        said = _of_itself(events)
        lines = [f"{root} did not end as asked; no resource failed. {said or 'AWS gives no reason.'}"]
        tip = advice(said)
    else:
        first = found[0]
        lines = [f"First cause: {first.path} ({first.type}) {first.status}: {first.reason or 'AWS gives no reason.'}"]
        tip = advice(first.reason, first.type)
    return [*lines, f"What to try: {tip}"] if tip else lines


def _of_itself(events: list[Event]) -> str:
    """Why a stack turned back, in CloudFormation's words, where that was no resource's fault."""
    said = [each for each in events if each.of_stack and each.reason]
    turned = [each.reason for each in said if "ROLLBACK" in each.status]
    return next(iter(turned or [each.reason for each in said if not each.status.endswith("_IN_PROGRESS")]), "")
