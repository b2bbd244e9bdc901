"""Whoever got hold of a program's role can do nothing with it but what the program does."""

from __future__ import annotations

import pytest

from tests.emulator.emulator import REGION
from tests.rights.account import Account, Credentials, is_denied
from tests.rights.foreign import FOREIGN, OTHERS, ROLES
from tests.rights.recording import Request

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
LOOKS = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")
WISHES = [(program, wish) for program, wishes in FOREIGN.items() for wish in wishes]


def named(thing: object) -> str:
    return f"{thing.service} {thing.operation}" if isinstance(thing, Request) else str(thing)


@pytest.fixture(scope="module")
def probes(account: Account) -> dict[str, Credentials]:
    """Somebody with each program's role; there are a bucket and a queue of others."""
    account.emulator.client("s3").create_bucket(Bucket=OTHERS, CreateBucketConfiguration={"LocationConstraint": REGION})
    account.emulator.client("sqs").create_queue(QueueName=OTHERS)
    return {program: account.user(account.policies(role)) for program, role in ROLES.items()}


@pytest.mark.parametrize(("program", "wish"), WISHES, ids=named)
def test_anything_else_is_refused(
    account: Account, probes: dict[str, Credentials], program: str, wish: Request
) -> None:
    """Nothing of it happens, whether or not what it is about exists."""
    assert is_denied(account.ask(wish, probes[program]))


@pytest.mark.usefixtures("probes")
@pytest.mark.parametrize("program", FOREIGN)
def test_it_is_refused_for_want_of_the_right(account: Account, program: str) -> None:
    """A policy that is wider lets it pass, so it would be seen; asked of what changes nothing."""
    able = account.user([*account.policies(ROLES[program]), EVERYTHING])
    looking = [wish for wish in FOREIGN[program] if wish.operation.startswith(LOOKS)]
    assert [named(wish) for wish in looking if is_denied(account.ask(wish, able))] == []
