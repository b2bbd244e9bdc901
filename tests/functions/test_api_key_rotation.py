"""The packaged rotation as Lambda runs it, on two tasks of the API, while clients go on calling them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from scripts.devnet.network import Devnet
from scripts.package.build import build
from scripts.package.functions import Function
from scripts.package.platforms import PLATFORMS
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey
from templates import registry
from tests.emulator.emulator import ROOT, Emulator
from tests.functions.rotating import STEPS, SecretsManager, begin, end, event, keys, prepare, rotate
from tests.functions.runtime_api import Failure, Ready, Result, running, unpacked
from tests.functions.runtime_api import Function as Running
from tests.operations.answering import Between
from tests.operations.running import Done, run, surroundings
from tests.sparta.api.client import Served, settings_of

ROTATION = Function("api_key_rotation", lock="monitor")
DEPLOYED = registry.build()["monitor"]["Resources"]["RotationFunction"]["Properties"]
FIRST = "the-first-key-of-the-api"
QUESTION = "/api/operator/stats"
_numbers = count(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The zip for this machine, unpacked."""
    with unpacked(build(ROTATION, PLATFORMS["this"], tmp_path_factory.mktemp("package"))) as folder:
        yield folder


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def net() -> Iterator[Devnet]:
    with Devnet(say=lambda _: None) as network:
        yield network


@pytest.fixture
def client(emulator: Emulator) -> Any:
    return emulator.client("secretsmanager")


@pytest.fixture
def name(client: Any, request: pytest.FixtureRequest) -> str:
    """A secret that is rotated, and that no other test has."""
    chosen: str = getattr(request, "param", f"sparta/test/rotated-{next(_numbers)}")
    prepare(client, chosen, FIRST)
    return chosen


@pytest.fixture
def tasks(net: Devnet, emulator: Emulator, name: str) -> Iterator[list[Served]]:
    """Two of the API's, whose key is the secret."""
    told = settings_of(
        net,
        **ROOT,
        BACKEND_API_KEY="",
        BACKEND_API_KEY_SECRET=name,
        AWS_ENDPOINT_URL=emulator.url,
        AWS_ENDPOINT_URL_DYNAMODB=net.dynamodb_url,
    )
    with ExitStack() as stack:
        yield [stack.enter_context(Served(told)) for _ in range(2)]


def variables(emulator: Emulator, url: str) -> dict[str, str]:
    """Those that the template gives the function, and where on this machine the services are."""
    given = {"API_URL": url, "ENVIRONMENT": "production", "LOG_LEVEL": "info", "LOG_PRETTY_PRINT": "false"}
    assert given.keys() == DEPLOYED["Environment"]["Variables"].keys()
    return given | {"AWS_ENDPOINT_URL": emulator.url}


@contextmanager
def started(folder: Path, emulator: Emulator, url: str) -> Iterator[Running]:
    with running(folder, ROTATION.handler, variables(emulator, url)) as function:
        assert function.start() == Ready(), function.log
        yield function


def taken(function: Running, asked: dict[str, str]) -> Any:
    """A step that must be done."""
    outcome = function.invoke(asked)
    assert isinstance(outcome, Result), function.log
    return outcome.value


class Clients:
    """Threads that ask the tasks in turn, each with the key that it takes to be right; ``statuses`` are the answers."""

    def __init__(self, tasks: list[Served]) -> None:
        self._tasks = tasks
        self._over = Event()
        self._threads: list[Thread] = []
        self.statuses: dict[str, list[int]] = {}

    def add(self, name: str, key: Callable[[], str], pause: float = 0.01) -> None:
        self.statuses[name] = []
        self._threads.append(Thread(target=self._ask, args=(name, key, pause)))

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, name: str, key: Callable[[], str], pause: float) -> None:
        with httpx.Client(trust_env=False) as http:
            for task in cycle(self._tasks):
                answer = http.get(f"{task.url}{QUESTION}", headers={"x-api-key": key()}, timeout=30)
                self.statuses[name].append(answer.status_code)
                if self._over.wait(pause):
                    return


def crowd(tasks: list[Served], client: Any, name: str) -> Clients:
    """Who knows a key at once, who reads it as our programs do, who never reads it again, and a stranger.

    The stranger's wrong keys make the tasks read all the time, so that they may not read when the next key comes.
    """
    clients, settings = Clients(tasks), ApiKey.model_construct(backend_api_key=None, backend_api_key_secret=name)
    ours = ApiKeys(settings, SecretStore(lambda: client, max_age=1.0))
    before = keys(client, name)["AWSCURRENT"]
    clients.add("hasty", lambda: str(client.get_secret_value(SecretId=name)["SecretString"]))
    clients.add("program", lambda: ours.current().get_secret_value())
    clients.add("slow", lambda: before)
    clients.add("stranger", lambda: "a-key-of-nobody", pause=0.1)
    return clients


def logs(function: Running, tasks: list[Served]) -> str:
    return function.log + "".join(task.log for task in tasks)


def test_no_request_is_refused_while_the_key_rotates(
    folder: Path, emulator: Emulator, client: Any, name: str, tasks: list[Served]
) -> None:
    """From the first step to the last and after it, on every task; the tasks are not restarted, no log has a key."""
    with (
        started(folder, emulator, tasks[0].url) as function,
        crowd(tasks, client, name) as clients,
    ):
        rotate(client, name, lambda asked: taken(function, asked))
        new = keys(client, name)["AWSCURRENT"]
        assert new != FIRST
        after = {who: len(answers) for who, answers in clients.statuses.items()}
        deadline = time.monotonic() + 30
        while any(len(clients.statuses[who]) < number + 20 for who, number in after.items()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        written = logs(function, tasks)
    assert set(clients.statuses.pop("stranger")) == {401}
    assert {who: set(answers) for who, answers in clients.statuses.items()} == {who: {200} for who in clients.statuses}
    assert min(len(answers) for answers in clients.statuses.values()) > 100
    assert not [key for key in (FIRST, new) if key in written]


def test_killed_between_and_within_the_steps(
    folder: Path, emulator: Emulator, client: Any, name: str, tasks: list[Served]
) -> None:
    """Each step in a process of its own that is killed meanwhile, then again in another: one new key, none refused."""
    with crowd(tasks, client, name) as clients:
        token = begin(client, name)
        for step in STEPS:
            with started(folder, emulator, tasks[1].url) as function:
                # Taken from the queue as by Lambda; the process ends while it works on it.
                function.hand_over(event(step, name, token))
            with started(folder, emulator, tasks[1].url) as function:
                assert taken(function, event(step, name, token))["step"] == step
        end(client, name, token)
        found = keys(client, name)
        assert set(found) == {"AWSCURRENT", "AWSPREVIOUS"}
        assert found["AWSPREVIOUS"] == FIRST
        assert found["AWSCURRENT"] != FIRST
    del clients.statuses["stranger"]
    assert {status for answers in clients.statuses.values() for status in answers} == {200}


@pytest.mark.parametrize("name", ["sparta/staging/api-key"], indirect=True)
def test_make_rotate_brings_the_new_key_into_use(
    folder: Path, emulator: Emulator, client: Any, name: str, tasks: list[Served], tmp_path: Path
) -> None:
    """From the command to the API: it is shown how far the function is, then both keys open the door of every task."""
    with started(folder, emulator, tasks[0].url) as function, Between(emulator) as between:
        aws = SecretsManager(emulator, name, lambda asked: bool(taken(function, asked)), lambda: function.log)
        between.answer("RotateSecret", aws.rotate_secret)
        done = rotated(emulator, tmp_path, between, "staging")
        aws.wait()
    assert done.code == 0, done.out + done.err
    assert aws.asked[0]["SecretId"] == name
    found = keys(client, name)
    assert found["AWSPREVIOUS"] == FIRST != found["AWSCURRENT"]
    version = aws.asked[0]["ClientRequestToken"][:8]
    assert f"version {version}: AWSCURRENT" in done.out
    assert f"Rotated: current {version}, " in done.out
    doors = [(task.url, key) for task in tasks for key in (found["AWSCURRENT"], FIRST)]
    assert [knock(url, key) for url, key in doors] == [200] * 4
    assert not [key for key in (FIRST, found["AWSCURRENT"]) if key in done.out + done.err]


@pytest.mark.parametrize("name", ["sparta/development/api-key"], indirect=True)
def test_make_rotate_says_why_the_key_of_before_stays(
    folder: Path, emulator: Emulator, client: Any, name: str, tmp_path: Path
) -> None:
    """The API refuses the new key as the function tests it: its own words are told, and what holds meanwhile."""
    with refusing() as url, started(folder, emulator, url) as function, Between(emulator) as between:
        aws = SecretsManager(
            emulator, name, lambda asked: isinstance(function.invoke(asked), Result), lambda: function.log
        )
        between.answer("RotateSecret", lambda body: aws.rotate_secret(body, meanwhile=False))
        done = rotated(emulator, tmp_path, between, "development", WAIT="1")
    assert done.code == 1
    assert "the function says: " in done.out
    [line] = done.err.splitlines()
    assert "The key in use is still the one before, and works. The function said last: " in line
    assert "Conflict: The API refuses the next key, so the present one stays." in line
    assert "/aws/lambda/sparta-api-key-rotation-development" in line
    found = keys(client, name)
    assert found["AWSCURRENT"] == FIRST != found["AWSPENDING"]
    assert found["AWSPENDING"] not in done.out + done.err


class _Refuses(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(401)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nobody reads it."""


@contextmanager
def refusing() -> Iterator[str]:
    """URL of an API that takes no key."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refuses)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def rotated(emulator: Emulator, home: Path, between: Between, environment: str, **variables: str) -> Done:
    given = {"ENV": environment, "NAME": "api-key", "YES": "1", "AWS_ENDPOINT_URL": between.url}
    return run(surroundings(emulator, home) | given | variables, "rotate")


def knock(url: str, key: str) -> int:
    return httpx.get(f"{url}{QUESTION}", headers={"x-api-key": key}, timeout=30, trust_env=False).status_code


def test_what_goes_wrong_is_loud(folder: Path, emulator: Emulator, client: Any, name: str) -> None:
    """Lambda is told, so that its alarm counts and Secrets Manager tries again; the key of now stays."""
    token = begin(client, name)
    with started(folder, emulator, "http://127.0.0.1:9") as function:
        wrong = {
            "no step": (event("deleteSecret", name, token), "InvalidInput", "There is no step"),
            "no version": (event("createSecret", name, "0" * 36), "Conflict", "The secret has no version"),
            "no event": ({"do": "something"}, "InvalidInput", "The event is none of Secrets Manager's"),
            "no secret": (event("createSecret", "sparta/nothing", token), "ResourceNotFoundException", "An error"),
            "too early": (event("finishSecret", name, token), "Conflict", "Version"),
        }
        for asked, kind, words in wrong.values():
            outcome = function.invoke(asked)
            assert isinstance(outcome, Failure)
            assert (outcome.type, outcome.at_start) == (kind, False)
            assert outcome.message.startswith(words)
        taken(function, event("createSecret", name, token))
        outcome = function.invoke(event("testSecret", name, token))
        assert isinstance(outcome, Failure)
        assert outcome.type == "DependencyFailed"
        assert outcome.message.startswith("The API does not answer")
        assert keys(client, name)["AWSCURRENT"] == FIRST
        assert keys(client, name)["AWSPENDING"] not in function.log + outcome.message
