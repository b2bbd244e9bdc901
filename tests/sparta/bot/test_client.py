"""The API's client: it asks for what there is, again where that helps, and with the key of the moment."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Coroutine, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sparta.api.app import document
from sparta.bot import texts
from sparta.bot.client import ApiClient, Who
from sparta.bot.requests import ApiRefused, ApiUnavailable, Call, Patience, Requests
from sparta.models import Operator, Preferences
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey
from tests.sparta.api.client import Served
from tests.sparta.bot.clients import keys_of, with_client, with_requests
from tests.sparta.bot.proxy import ApiProxy, Asked
from tests.sparta.bot.scene import new_address

SOON = Patience(1.0, 1.5)
ME = Who("7")
SOMEBODY = Operator(
    discord_id="7", wallet_address=new_address(), discord_username="leonidas", created_at=0, updated_at=0, validators=[]
)


class Secrets:
    """Secrets Manager as the store sees it: what it says now, and how often it was asked."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.asked = 0

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        self.asked += 1
        return {"SecretString": self.values[0] if asked["VersionStage"] == "AWSCURRENT" else self.values[-1]}


@pytest.fixture
def proxy(api: Served) -> Iterator[ApiProxy]:
    with ApiProxy(api.url) as made:
        yield made


async def everything(client: ApiClient) -> None:
    """Each method once; most are refused, for there is nobody."""
    address = new_address()
    calls: list[Coroutine[Any, Any, object]] = [
        client.healthy(),
        client.operator(ME),
        client.operator(Who(username="leonidas")),
        client.operators(),
        client.operators("a-token"),
        client.operator_stats(),
        client.start("7", "leonidas", address, 1, "proof"),
        client.approve(ME, approved=True),
        client.approve(ME, approved=False),
        client.forgive(ME),
        client.preferences(ME),
        client.set_preferences(ME, Preferences(kinds=["recovered"], miss_rate_threshold=0.5, muted_until=1)),
        client.details(ME),
        client.history(address, 5),
        client.add_validator(SOMEBODY, address),
        client.remove_validator(SOMEBODY, address),
        client.label("7", address, "London"),
        client.label("7", address, None),
        client.readiness("7", "10.0.0.1"),
        client.chain_status(),
        client.network(),
        client.network_stats(),
        client.message(ME, "text", "key"),
        client.post("8", "text", "key"),
    ]
    named = {call.cr_code.co_name for call in calls if inspect.iscoroutine(call)}
    assert named >= {name for name in vars(ApiClient) if not name.startswith("_")} - {"close"}
    refusals = []
    for call in calls:
        try:
            await call
        except ApiRefused as refused:
            refusals.append(refused.status)
    assert set(refusals) == {400, 404}


def test_each_call_is_one_that_the_api_has(api: Served, proxy: ApiProxy) -> None:
    """By its OpenAPI document: the path, the method, each name in the query, the header and each field."""
    with_client(proxy.url, api.key, everything)
    paths = document()["paths"]
    for asked in proxy.asked:
        _check(asked, paths)


def _check(asked: Asked, paths: dict[str, Any]) -> None:
    url = urlsplit(asked.path)
    operation = paths[url.path][asked.method.lower()]
    parameters = {(each["in"], each["name"].lower()) for each in operation.get("parameters", [])}
    assert {("query", name.lower()) for name in parse_qs(url.query)} <= parameters, asked
    if "idempotency-key" in asked.headers:
        assert ("header", "idempotency-key") in parameters
    if asked.body:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        fields = document()["components"]["schemas"][name]["properties"]
        assert set(json.loads(asked.body)) <= set(fields), asked


@pytest.mark.parametrize("kind", ["dropped", "lost", "unavailable"])
def test_what_fails_once_is_asked_for_again(api: Served, proxy: ApiProxy, kind: str) -> None:
    """Without anybody noticing."""
    proxy.fail(kind, times=1)
    assert with_client(proxy.url, api.key, lambda client: client.operator_stats()).total_operators >= 0
    assert len(proxy.asked) == 2


def test_patience_ends(api: Served, proxy: ApiProxy) -> None:
    """With a sentence, and without asking for ever."""
    proxy.fail("dropped")
    with pytest.raises(ApiUnavailable, match=re.escape(texts.API_SILENT)):
        with_requests(proxy.url, keys_of(api.key), lambda requests: requests.ask(Call("GET", "/health", patience=SOON)))
    assert 2 <= len(proxy.asked) < 10


def test_a_refusal_is_final(api: Served, proxy: ApiProxy) -> None:
    """What the API decided is not asked for again; nor is what a contract did."""
    with pytest.raises(ApiRefused) as refused:
        with_client(proxy.url, api.key, lambda client: client.operator(Who("nobody")))
    assert (refused.value.status, refused.value.sentence) == (404, "Operator not found")
    assert len(proxy.asked) == 1
    proxy.instead["/api/operator"] = (502, {"success": False, "error": "No.", "contractError": "Refused"})
    with pytest.raises(ApiRefused, match="No"):
        with_client(proxy.url, api.key, lambda client: client.operator(ME))
    assert len(proxy.asked) == 2


def test_a_key_that_was_rotated(api: Served, proxy: ApiProxy) -> None:
    """Is read anew at the first refusal, without a restart and without anybody noticing."""
    time = [1000.0]
    secrets = Secrets("the-key-of-yesterday")
    settings = ApiKey.model_validate({"backend_api_key_secret": "sparta/key"})
    keys = ApiKeys(settings, SecretStore(lambda: secrets, clock=lambda: time[0]))  # type: ignore[arg-type, return-value]

    async def ask(requests: Requests) -> None:
        client = ApiClient(requests)
        with pytest.raises(ApiUnavailable, match=re.escape(texts.API_REFUSES_KEY)):
            await client.operator_stats()
        time[0] += 60
        secrets.values = [api.key, "the-key-of-yesterday"]
        before = secrets.asked
        for _ in range(2):
            await client.operator_stats()
        assert secrets.asked == before + 3, "the next, the current and the previous one, once"

    with_requests(proxy.url, keys, ask)


def test_a_newer_api_may_say_more(api: Served, proxy: ApiProxy) -> None:
    """While a deployment is under way the bot is the older of the two."""
    stats = {"totalCount": 1, "totalOperators": 1, "operatorsWithoutValidators": 0, "news": [1]}
    proxy.instead["/api/operator/stats"] = (200, {"stats": stats, "more": True})
    assert with_client(proxy.url, api.key, lambda client: client.operator_stats()).total_operators == 1


@pytest.mark.parametrize("answer", [{"stats": {}}, {"stats": {"totalOperators": "many"}}, [], "text"])
def test_an_answer_without_sense(api: Served, proxy: ApiProxy, answer: Any) -> None:
    """Is as good as none."""
    proxy.instead["/api/operator/stats"] = (200, answer)
    with pytest.raises(ApiUnavailable):
        with_client(proxy.url, api.key, lambda client: client.operator_stats())
