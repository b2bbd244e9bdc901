"""The list of operators, page by page, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import new_address, register

LIST = "/api/operator/operators"
BAD_TOKEN = "pageToken is not one that this service gave for this list"


@pytest.fixture
def many(app: Flask) -> list[str]:
    """The ids of more operators than two pages hold; made once, since making them takes a while."""
    store = app.extensions["sparta"].operators.store
    ids = [f"many-{number:03}" for number in range(201)]
    if store.get(ids[-1]) is None:
        for discord_id in ids:
            store.create(discord_id, new_address(), f"{discord_id}#")
    return ids


def pages(call: Caller) -> Iterator[Reply]:
    token: dict[str, str] = {}
    while True:
        reply = call("GET", LIST, **token)
        assert reply.status == 200
        yield reply
        if "nextPageToken" not in reply.body:
            return
        token = {"pageToken": reply.body["nextPageToken"]}


def test_every_operator_is_listed_once(call: Caller, many: list[str]) -> None:
    """100 a page, each page but the last with a token for the next; complete records without their validators."""
    found = [reply.body["operators"] for reply in pages(call)]
    ids = [operator["discordId"] for page in found for operator in page]
    assert [len(page) for page in found[:-1]] == [100] * (len(found) - 1)
    assert 0 < len(found[-1]) <= 100
    assert set(many) <= set(ids)
    assert len(ids) == len(set(ids))
    one = next(operator for operator in found[0] if operator["discordId"] == many[0])
    whole = call("GET", "/api/operator", discordId=many[0]).body
    assert one == {name: value for name, value in whole.items() if name != "validators"}


def test_an_empty_token_is_none(call: Caller, many: list[str]) -> None:
    """As clients send it that have no token yet: the first page, with a token that leads on (it says until when)."""
    assert many
    with_empty, without = (call("GET", LIST, **token).body for token in ({"pageToken": ""}, {}))
    assert with_empty["operators"] == without["operators"]
    second, same = (call("GET", LIST, pageToken=body["nextPageToken"]).body for body in (with_empty, without))
    assert second["operators"] == same["operators"] != without["operators"]


def test_a_bad_token_is_refused(call: Caller, many: list[str]) -> None:
    """400 for what we never gave or somebody changed; never the first page again, which would be read twice."""
    assert many
    token = call("GET", LIST).body["nextPageToken"]
    changed = ("B" if token[0] == "A" else "A") + token[1:]
    wrong = ["x", "null", "0", " ", token[:-1], token + "A", changed, token.swapcase(), "é", "x" * 1024]
    for each in wrong:
        reply = call("GET", LIST, pageToken=each)
        assert reply.status == 400, each
        assert reply.error.startswith(BAD_TOKEN), each
        assert "operators" not in reply.body
    assert call("GET", LIST, pageToken="x" * 1025).status == 400
    assert call("GET", LIST, pageToken=token).status == 200


def test_operators_are_counted(call: Caller, approved: str) -> None:
    """All under both names that clients know, and those without validators; each change shows at once."""

    def stats() -> tuple[int, int]:
        reply = call("GET", "/api/operator/stats")
        assert reply.status == 200
        assert list(reply.body) == ["stats"]
        found = reply.body["stats"]
        assert sorted(found) == ["operatorsWithoutValidators", "totalCount", "totalOperators"]
        assert found["totalCount"] == found["totalOperators"]
        return found["totalCount"], found["operatorsWithoutValidators"]

    total, without = stats()
    other = register(call)
    assert stats() == (total + 1, without + 1)
    owned = {"validatorAddress": new_address(), "skipOnChain": True}
    assert call("POST", "/api/validator", owned, discordId=approved).status == 201
    assert stats() == (total + 1, without)
    moved = {"validatorAddress": owned["validatorAddress"], "fromDiscordId": approved, "toDiscordId": other}
    assert call("PUT", "/api/validator", moved).status == 200
    assert stats() == (total + 1, without)
    assert call("DELETE", "/api/operator", discordId=approved).status == 204
    assert stats() == (total, without - 1)


def test_counting_reads_one_record(app: Flask, call: Caller, many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many operators there are: no scan of the table."""
    assert many
    database = app.extensions["sparta"].operators.store.table.database
    calls: list[str] = []
    original = database.call

    def seen(operation: str, **parameters: object) -> object:
        calls.append(operation)
        return original(operation, **parameters)

    monkeypatch.setattr(database, "call", seen)
    assert call("GET", "/api/operator/stats").status == 200
    assert calls == ["get_item"]
