"""A program with exactly the rights of its role does all it does, and needs each of them."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from tests.rights import api, monitor, rotation
from tests.rights.account import Account, is_denied
from tests.rights.comparison import Document, covers, granted, lacking, unused, without
from tests.rights.programs import Worked

PROGRAMS: dict[str, Callable[[Account], Worked]] = {
    "api": api.worked,
    "monitor": monitor.worked,
    "rotation": rotation.worked,
}


@pytest.fixture(scope="module", params=PROGRAMS)
def worked(request: pytest.FixtureRequest, account: Account) -> Worked:
    """A program after its work, which it could not have done if it lacked a right."""
    account.empty_tables()
    return PROGRAMS[request.param](account)


def test_it_did_all_it_does(worked: Worked) -> None:
    """A new method belongs into the work, or nobody knows whether the role lets it do its part."""
    assert worked.idle == set()


def test_it_is_granted_what_it_asks_for(worked: Worked) -> None:
    """IAM let it pass; this says that no right did so by being wider than what was asked for."""
    assert lacking(worked.rights, worked.calls) == set()


def test_it_asks_for_what_it_is_granted(worked: Worked) -> None:
    """A right that is never used goes out of templates/table_rights.py."""
    assert unused(worked.rights, worked.calls) == set()


def test_each_right_is_needed(worked: Worked, account: Account) -> None:
    """Without any one of them a request that passed is refused, and the comparison names it."""
    for right in sorted(worked.rights):
        policies = without(worked.policies, right)
        stopped = {call for call in worked.calls if covers(right, call)}
        assert lacking(granted(policies), worked.calls) == stopped
        probe = account.user(policies)
        for call in stopped:
            assert is_denied(account.ask(worked.recorder.requests[call], probe)), right


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Action", "dynamodb:DeleteTable"),
        ("Action", "dynamodb:*"),
        ("Action", "*"),
        ("Resource", "*"),
        ("Resource", "arn:aws:dynamodb:eu-west-2:000000000000:table/*"),
        ("Resource", "arn:aws:dynamodb:eu-west-2:000000000000:table/sparta-operators-production/index/*"),
        ("Resource", "arn:aws:dynamodb:eu-west-2:000000000000:table/sparta-operators-staging"),
        ("Resource", "arn:aws:secretsmanager:eu-west-2:000000000000:secret:sparta/production/*"),
        ("Resource", "arn:aws:secretsmanager:eu-west-2:000000000000:secret:sparta/production/api-key*"),
        ("Resource", "arn:aws:secretsmanager:eu-west-2:000000000000:secret:*-??????"),
        (
            "Resource",
            "arn:aws:secretsmanager:eu-west-2:000000000000:secret:sparta/production/ethereum-private-key-??????",
        ),
    ],
)
def test_a_wider_policy_is_seen(worked: Worked, key: str, value: str) -> None:
    """Each statement in turn is given one more action or resource; a pattern counts as more than it covers."""
    places = [
        (each, number) for each, document in enumerate(worked.policies) for number in range(len(document["Statement"]))
    ]
    for policy, number in places:
        wider: list[Document] = copy.deepcopy(worked.policies)
        given = wider[policy]["Statement"][number][key]
        if value in given:
            continue  # An action that knows no resource.
        given.append(value)
        assert any(value in right for right in unused(granted(wider), worked.calls))
