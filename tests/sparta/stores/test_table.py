"""The table layer: values, batches that finish, conflicts that pass, and a database that is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.errors import DependencyFailed
from sparta.stores import Stores, open_stores
from sparta.stores.codec import decode, encode
from sparta.stores.database import ConditionFailed, Database, Limits, connect
from sparta.stores.definitions import create
from sparta.stores.expressions import Change
from sparta.stores.table import Table, Transaction
from tests.sparta.stores.world import tables

QUICK = Limits(connect=0.3, read=0.5, busy=2.0)
SECONDS = 5.0
"""What any call has to be over in, with these limits and the one repetition."""
_leaves = st.one_of(
    st.text(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(allow_nan=False, allow_infinity=False)
)
_items = st.dictionaries(
    st.text(min_size=1),
    st.recursive(_leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner), max_leaves=8),
)


class Scripted:
    """A client that answers, or raises, what it was told to, and notes what it was asked."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**parameters: Any) -> dict[str, Any]:
            self.asked.append(parameters)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return {"ResponseMetadata": {"RequestId": operation}, **answer}

        return call


def scripted(*answers: dict[str, Any] | Exception) -> tuple[Scripted, Table]:
    client = Scripted(*answers)
    return client, Table(Database(client, QUICK, sleep=lambda _: None), "things")  # type: ignore[arg-type]


def refusal(code: str, *reasons: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": ""}}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")


@settings(max_examples=40)
@given(_items)
def test_a_value_comes_back_as_it_went(item: dict[str, Any]) -> None:
    """Texts, numbers of any size, truth, lists and maps survive; a float stays equal, whole or not."""
    assert decode(encode(item)) == item


def test_what_is_not_there_is_not_written() -> None:
    """None is left out, sets of text keep being sets, and what no table can hold is refused."""
    assert decode(encode({"a": None, "b": {"c": None}, "s": frozenset({"x", "y"})})) == {"b": {}, "s": {"x", "y"}}
    assert decode({"n": {"NULL": True}}) == {"n": None}
    with pytest.raises(TypeError, match="bytes"):
        encode({"a": b""})
    with pytest.raises(TypeError, match="type B"):
        decode({"a": {"B": b""}})


def test_what_a_batch_left_is_asked_again() -> None:
    """Unprocessed keys and items are sent again until none is left, and nothing is lost."""
    put_off = {"UnprocessedKeys": {"things": {"Keys": [encode({"pk": "b"})]}}}
    client, table = scripted(
        {"Responses": {"things": [encode({"pk": "a"})]}, **put_off},
        {"Responses": {}, **put_off},
        {"Responses": {"things": [encode({"pk": "b"})]}, "UnprocessedKeys": {}},
    )
    assert table.get_many([{"pk": "a"}, {"pk": "b"}]) == [{"pk": "a"}, {"pk": "b"}]
    assert client.asked[2]["RequestItems"] == put_off["UnprocessedKeys"]
    rest = {"things": [{"PutRequest": {"Item": encode({"pk": "b"})}}]}
    client, table = scripted({"UnprocessedItems": rest}, {"UnprocessedItems": {}})
    table.put_many([{"pk": "a"}, {"pk": "b"}])
    assert client.asked[1]["RequestItems"] == rest


def test_an_answer_that_is_too_large_is_read_to_its_end(stores: Stores) -> None:
    """DynamoDB cuts a batch at 16 MB and leaves keys unprocessed; a query at 1 MB; all items arrive."""
    table = stores.config_table
    keys = [{"pk": f"large#{number}"} for number in range(60)]
    table.put_many({**key, "text": "x" * 380_000} for key in keys)
    assert sorted(item["pk"] for item in table.get_many(keys)) == sorted(key["pk"] for key in keys)
    assert sum(1 for _ in table.scan_all()) == 60


def test_batches_are_cut_to_size(stores: Stores) -> None:
    """More than DynamoDB takes at once is no matter: 100 reads, 25 writes."""
    table = stores.config_table
    keys = [{"pk": f"k{number}"} for number in range(230)]
    table.put_many(keys)
    assert len(table.get_many(keys)) == 230


@pytest.mark.parametrize(
    "passing",
    [
        refusal("TransactionCanceledException", "None", "TransactionConflict"),
        refusal("TransactionCanceledException", "ThrottlingError", "None"),
        refusal("TransactionConflictException"),
        refusal("TransactionInProgressException"),
        refusal("ProvisionedThroughputExceededException"),
    ],
)
def test_a_conflict_passes(passing: ClientError) -> None:
    """What only says 'not now' is tried again, with the same parameters."""
    client, table = scripted(passing, passing, {})
    table.put({"pk": "a"})
    assert client.asked[0] == client.asked[1] == client.asked[2]


def test_a_conflict_that_does_not_pass_has_an_end() -> None:
    """After its time the caller is told that the database is busy."""

    class Busy(Scripted):
        def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
            raise refusal("TransactionConflictException")

    database = Database(Busy(), Limits(busy=0.2))  # type: ignore[arg-type]
    started = time.monotonic()
    with pytest.raises(DependencyFailed, match="too busy"):
        Table(database, "things").put({"pk": "a"})
    assert time.monotonic() - started < SECONDS


def test_a_condition_that_failed_shows_what_stands_there(stores: Stores) -> None:
    """For one write and for each part of a transaction; what did not exist is an empty item."""
    table = stores.config_table
    table.put({"pk": "a", "n": 1})
    with pytest.raises(ConditionFailed) as caught:
        table.put({"pk": "a", "n": 2}, "#n = :n", n=5)
    assert caught.value.items == [{"pk": "a", "n": 1}]
    transaction = Transaction(table.database)
    transaction.put(table, {"pk": "b"})
    transaction.check(table, {"pk": "a"}, "#n = :n", n=5)
    transaction.update(table, {"pk": "c"}, Change(add={"n": 1}), "attribute_exists(#pk)")
    with pytest.raises(ConditionFailed) as caught:
        transaction.commit()
    assert caught.value.items == [None, {"pk": "a", "n": 1}, {}]
    assert table.get({"pk": "b"}) is None


def test_every_change_of_an_update(stores: Stores) -> None:
    """Assign, default, add, take and remove in one; a value of None removes."""
    table = stores.config_table
    table.put({"pk": "a", "old": 1, "gone": 1, "none": 1, "n": 1, "names": {"x", "y"}})
    change = Change(
        assign={"old": 2, "none": None},
        default={"old2": 3},
        add={"n": 4},
        take={"names": {"x"}},
        remove=["gone"],
    )
    after = table.update({"pk": "a"}, change)
    assert after == {"pk": "a", "old": 2, "old2": 3, "n": 5, "names": {"y"}} == table.get({"pk": "a"})


def test_a_missing_table_is_told_to_the_maintainers(dynamodb_url: str) -> None:
    """A refusal that no repetition changes is a failure of the dependency, quickly."""
    table = Table(connect(tables(dynamodb_url, "nowhere")), "sparta-nowhere")
    with pytest.raises(DependencyFailed, match="ResourceNotFoundException") as caught:
        table.get({"pk": "a"})
    assert (caught.value.dependency, caught.value.status) == ("DynamoDB", 503)


def test_a_database_that_stops_is_told_in_time_and_used_again_when_it_is_back() -> None:
    """Stopped: reads, writes and transactions fail within the limit. Back: the same stores work."""
    with DynamoDbLocal() as own:
        mine = tables(own.url, "stopping")
        database = connect(mine, limits=QUICK)
        create(database, mine.table_name)
        stores = open_stores(database, mine)
        stores.operators.create("1", "0x" + "1" * 40, "one")
        own.process.freeze()
        for action in _actions(stores):
            _fails_in_time(action)
        own.process.thaw()
        _recovers(lambda: stores.operators.get("1"))
        own.stop()
        for action in _actions(stores):
            _fails_in_time(action)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>busy</html>", b"[1]", b'{"Item": 5}', b"\xff\xfe"])
@pytest.mark.parametrize("status", [200, 500, 400])
def test_nonsense_is_no_answer(body: bytes, status: int) -> None:
    """Whatever else listens there: it is a failure, never 'not found' and never a crash."""
    with _server(status, body) as url:
        table = Table(connect(tables(url, "garbage"), limits=QUICK), "things")
        _fails_in_time(lambda: table.get({"pk": "a"}))
        _fails_in_time(lambda: table.query("#pk = :pk", pk="a"))


@contextmanager
def _server(status: int, body: bytes) -> Iterator[str]:
    """Answers every request with the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the test says what it saw."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _actions(stores: Stores) -> list[Callable[[], object]]:
    return [
        lambda: stores.operators.get("1"),
        stores.operators.page,
        lambda: stores.operators.approve("1", approved=True),
        lambda: stores.operators.create("2", "0x" + "2" * 40, "two"),
        lambda: stores.validators.see(["0x" + "3" * 40]),
    ]


def _fails_in_time(action: Callable[[], object]) -> None:
    started = time.monotonic()
    with pytest.raises(DependencyFailed) as caught:
        action()
    assert time.monotonic() - started < SECONDS
    assert caught.value.dependency == "DynamoDB"


def _recovers(action: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert action()
        except DependencyFailed:
            continue
        return
    pytest.fail("it did not recover")
