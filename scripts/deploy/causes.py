"""Why an operation failed, first cause first, what to try, and what state it left."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scripts.deploy.events import Event
from scripts.operations.target import NESTED

CANCELLED = re.compile(r"cancel+ed|Resource (creation|update|deletion) Cancelled", re.IGNORECASE)

KNOWN: tuple[tuple[str, str], ...] = (
    (
        r"not authorized to perform|AccessDenied|Access Denied|is not authorized|UnauthorizedOperation",
        (
            "CloudFormation's execution role lacks this right. Add the action in templates/rights.py or "
            "templates/deployer.py, update the bootstrap stack, then deploy again."
        ),
    ),
    (
        r"circuit breaker|did not stabili[sz]e|Rollback deployment|service .* (was )?unable to",
        (
            "The service's tasks did not become healthy. Read the stopped tasks' reasons and the service's log "
            "(make logs SERVICE=api, or SERVICE=bot): a crash at start, no secret's value, or a silent /health."
        ),
    ),
    (
        r"already exists|AlreadyExists|ResourceInUse|EntityAlreadyExists|BucketAlreadyOwnedByYou|BucketAlreadyExists",
        (
            "Something of that name is there and in no stack, perhaps kept by an earlier deployment. Import it "
            "into the change set (ImportExistingResources), or rename it, or delete what is not needed."
        ),
    ),
    (
        r"Export .* (cannot|in use)|in use by|is being used|DependencyViolation|has a dependent object",
        "Something else uses it still. Find the user named in the reason, let go of it there, then deploy again.",
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
        r"Throttling|Rate exceeded|ServiceUnavailable|InternalFailure|Internal Failure|service error",
        "AWS itself was overloaded or failed. Deploy again in a few minutes; look at health.aws.amazon.com.",
    ),
    (
        r"timed? ?out|WaitCondition|exceeded attempts|Exceeded attempts to wait",
        "It took longer than CloudFormation waits. Look at the resource itself for what it waits for.",
    ),
    (
        r"Unsupported resource type|Unrecognized resource type|not (yet )?supported",
        "This region or account does not offer this type of resource. Switch that part off by its parameter.",
    ),
    (
        (
            r"InvalidRequest|Invalid|ValidationE|validation|must be|does not match|Encountered unsupported property|"
            r"Value .* (at|for)|parameter"
        ),
        (
            "A value is not what AWS accepts. Correct it in templates/environments/ or in the template, "
            "then make changeset again."
        ),
    ),
)
"""What AWS's reason reads like, and what to try. The first that fits speaks."""

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


def causes(events: Iterable[Event]) -> list[Event]:
    """The failures that were not caused by another one, earliest first."""
    failed = [each for each in events if each.status.endswith("_FAILED") and not each.of_stack]
    real = [each for each in failed if not CANCELLED.search(each.reason)]
    return sorted((each for each in real if not _is_echo(each, real)), key=lambda event: event.at)


def _is_echo(event: Event, failed: list[Event]) -> bool:
    """Whether a nested stack only repeats what a resource in it has said."""
    return event.type == NESTED and any(f"{each.stack}/".startswith(f"{event.path}/") for each in failed)


def advice(reason: str) -> str:
    """What to try; empty when the reason is none we know."""
    return next((sentence for pattern, sentence in KNOWN if re.search(pattern, reason, re.IGNORECASE)), "")


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
        said = [each.reason for each in events if each.of_stack and each.reason and "ROLLBACK" in each.status]
        return [f"{root} did not end as asked; no resource failed. {said[0] if said else 'AWS gives no reason.'}"]
    first = found[0]
    lines = [f"First cause: {first.path} ({first.type}) {first.status}: {first.reason or 'AWS gives no reason.'}"]
    if tip := advice(first.reason):
        lines.append(f"What to try: {tip}")
    return lines
