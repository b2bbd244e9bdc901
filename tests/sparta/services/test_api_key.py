"""The API key's rotation step by step: repeated, killed anywhere, asked for what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from pydantic import SecretStr

from sparta import telemetry
from sparta.errors import Conflict, InvalidInput
from sparta.masking import MASK
from sparta.secret_store import RETRY_SECONDS
from sparta.services.api_key import LENGTH, Rotation, take
from tests.emulator.emulator import Emulator
from tests.functions.rotating import STEPS, begin, end, keys, prepare

FIRST = "the-first-key-of-the-api"
_numbers = count(1)


class Killed(BaseException):
    """What no code can catch."""


class Mortal:
    """Secrets Manager's client in a process that is killed before or after one of its calls."""

    def __init__(self, client: Any, call: int, *, after: bool) -> None:
        self._client, self._left, self._after = client, call, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**asked: Any) -> Any:
            if self._left == 0 and not self._after:
                raise Killed
            answer = getattr(self._client, name)(**asked)
            if self._left == 0:
                raise Killed
            self._left -= 1
            return answer

        return call


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Any:
    return emulator.client("secretsmanager")


@pytest.fixture
def name(client: Any) -> str:
    """A secret that is rotated, and that no other test has."""
    chosen = f"sparta/test/api-key-{next(_numbers)}"
    prepare(client, chosen, FIRST)
    return chosen


def accepting(client: Any, name: str, token: str) -> Rotation:
    """At an API that takes what it is shown, and without waiting."""
    return Rotation(client, name, token, lambda _: True, lambda _: None)


def test_a_rotation_makes_a_new_key_and_keeps_the_one_before(client: Any, name: str) -> None:
    """Long, without marks that a shell or a header would mind; and masked before anything could write it."""
    token = begin(client, name)
    said = [take(step, accepting(client, name, token)) for step in STEPS]
    end(client, name, token)
    found = keys(client, name)
    assert found.keys() == {"AWSCURRENT", "AWSPREVIOUS"}
    assert found["AWSPREVIOUS"] == FIRST
    assert len(found["AWSCURRENT"]) == LENGTH
    assert found["AWSCURRENT"].isalnum()
    assert telemetry.masker.text(f"it is {found['AWSCURRENT']}") == f"it is {MASK}"
    assert not [sentence for sentence in said if found["AWSCURRENT"] in sentence]


def test_each_step_may_be_repeated(client: Any, name: str) -> None:
    """And all of them after the end: the key stays the one that was made first."""
    token = begin(client, name)
    made = ""
    for step in STEPS:
        for _ in range(3):
            take(step, accepting(client, name, token))
        made = made or keys(client, name)["AWSPENDING"]
    for step in STEPS:
        take(step, accepting(client, name, token))
    end(client, name, token)
    assert keys(client, name) == {"AWSCURRENT": made, "AWSPREVIOUS": FIRST}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_call_is_made_up_for(client: Any, name: str, step: str, *, after: bool) -> None:
    """Whatever had been done: the step is repeated and the rotation ends; the key of now was never lost."""
    calls = 0
    while True:
        before = keys(client, name)["AWSCURRENT"]
        token = begin(client, name)
        for earlier in STEPS[: STEPS.index(step)]:
            take(earlier, accepting(client, name, token))
        killed = True
        try:
            take(step, accepting(Mortal(client, calls, after=after), name, token))
            killed = False
        except Killed:
            assert before in keys(client, name).values()
        for rest in STEPS[STEPS.index(step) :]:
            take(rest, accepting(client, name, token))
        end(client, name, token)
        found = keys(client, name)
        assert found["AWSPREVIOUS"] == before
        assert found["AWSCURRENT"] not in {before, ""}
        if not killed:
            break
        calls += 1
    assert calls >= 2


def test_a_key_is_not_tried_before_the_api_can_know_it(client: Any, name: str) -> None:
    """Nor is there a wait when that time has passed."""
    slept: list[float] = []
    asked: list[SecretStr] = []
    token = begin(client, name)
    take("createSecret", accepting(client, name, token))

    def accepts(key: SecretStr) -> bool:
        asked.append(key)
        return True

    take("testSecret", Rotation(client, name, token, accepts, slept.append))
    assert [key.get_secret_value() for key in asked] == [keys(client, name)["AWSPENDING"]]
    (waited,) = slept
    assert RETRY_SECONDS < waited <= RETRY_SECONDS + 5


def test_an_api_that_refuses_stops_the_rotation(client: Any, name: str) -> None:
    """Loudly, at each try; the key of now stays the current one."""
    token = begin(client, name)
    refused = Rotation(client, name, token, lambda _: False, lambda _: None)
    take("createSecret", refused)
    for _ in range(2):
        with pytest.raises(Conflict, match="The API refuses the next key, so the present one stays"):
            take("testSecret", refused)
    assert keys(client, name)["AWSCURRENT"] == FIRST


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_step_before_there_is_a_key(client: Any, name: str, step: str) -> None:
    """An empty key never becomes the current one."""
    token = begin(client, name)
    with pytest.raises(Conflict, match="holds no key yet: createSecret comes first"):
        take(step, accepting(client, name, token))
    assert keys(client, name)["AWSCURRENT"] == FIRST


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_not_being_rotated(client: Any, name: str, step: str) -> None:
    """One that does not exist, or is none that is to come: nothing is done with it."""
    found = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    (previous,) = (version for version, stages in found.items() if "AWSPREVIOUS" in stages)
    for token, why in (("00000000-0000-0000-0000-000000000000", "has no version"), (previous, "is not the next one")):
        with pytest.raises(Conflict, match=why):
            take(step, accepting(client, name, token))
    assert client.describe_secret(SecretId=name)["VersionIdsToStages"] == found


def test_a_step_that_there_is_not(client: Any, name: str) -> None:
    """Is named, with those that there are."""
    with pytest.raises(InvalidInput, match=r"no step 'deleteSecret' in a rotation; the steps are createSecret,"):
        take("deleteSecret", accepting(client, name, begin(client, name)))


def test_a_secret_that_is_not_rotated(client: Any) -> None:
    """Somebody who calls the function by hand changes nothing."""
    name = f"sparta/test/api-key-{next(_numbers)}"
    client.create_secret(Name=name, SecretString=FIRST)
    token = begin(client, name)
    with pytest.raises(Conflict, match="The secret is not rotated"):
        take("createSecret", accepting(client, name, token))
