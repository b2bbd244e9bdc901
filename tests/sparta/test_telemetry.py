"""Log lines and metrics: JSON, one a line, without secrets."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog

from sparta import telemetry
from sparta.masking import MASK, Masker

SECRET = "hunter2hunter2-" + "x" * 8
KEY = "0x" + "abcdef0123456789" * 4
URL = f"https://user:pass-word@one.example/v3/{SECRET}?apikey=query-secret"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has a masker of its own, and leaves logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(telemetry, "masker", Masker())
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_with_the_usual_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """level, event, timestamp in UTC, environment, and what was given."""
    telemetry.configure(environment="staging")
    telemetry.log().warning("stale stats", age=31.5, slots=[1, 2])
    (line,) = lines(capsys)
    stamp = line.pop("timestamp")
    assert stamp.endswith("Z")
    assert line == {"level": "warning", "event": "stale stats", "environment": "staging", "age": 31.5, "slots": [1, 2]}


def test_lines_of_a_request_carry_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    """Within the request, in metrics and libraries' lines too, and not after it; made up where the caller has none."""
    telemetry.configure()
    with telemetry.request("r-1"):
        telemetry.log().info("one")
        telemetry.metric("AlertsSent", 2)
        logging.getLogger("library").warning("two")
    with telemetry.request() as made:
        telemetry.log().info("three")
    telemetry.log().info("four")
    assert [line.get("request_id") for line in lines(capsys)] == ["r-1", "r-1", "r-1", made, None]
    assert len(made) == 32


def test_requests_at_once_keep_their_ids(capsys: pytest.CaptureFixture[str]) -> None:
    """Each thread has its own."""
    telemetry.configure()

    def serve(number: int) -> None:
        with telemetry.request(f"r-{number}"):
            telemetry.log().info("served", number=number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(serve, range(50)))
    found = lines(capsys)
    assert len(found) == 50
    assert all(line["request_id"] == f"r-{line['number']}" for line in found)


def test_a_metric_is_in_embedded_format(capsys: pytest.CaptureFixture[str]) -> None:
    """Namespace, dimension, name, unit and value where CloudWatch looks for them."""
    telemetry.configure(environment="production", level="error")
    telemetry.metric("MonitorDuration", 1.25, "Seconds", run="r-7")
    (line,) = lines(capsys)
    assert line["_aws"].pop("Timestamp") > 1_700_000_000_000
    assert line["_aws"] == {
        "CloudWatchMetrics": [
            {
                "Namespace": "Sparta/Application",
                "Dimensions": [["Environment"]],
                "Metrics": [{"Name": "MonitorDuration", "Unit": "Seconds"}],
            }
        ]
    }
    assert (line["Environment"], line["MonitorDuration"], line["run"]) == ("production", 1.25, "r-7")


def test_levels_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """Below the level nothing is written; libraries' debug lines never are, since they hold whole requests."""
    telemetry.configure(level="warning")
    telemetry.log().info("quiet")
    telemetry.log().error("loud")
    telemetry.configure(level="debug")
    telemetry.log().debug("fine")
    logging.getLogger("botocore").debug("headers")
    assert [line["event"] for line in lines(capsys)] == ["loud", "fine"]


def test_a_traceback_is_told_without_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Type, text and frames are there, masked; what a variable held is not."""
    telemetry.configure(secrets=[SECRET])

    def fail() -> None:
        private_key = "a-key-nobody-registered"
        raise ValueError(f"bad {SECRET} of length {len(private_key)}")

    try:
        fail()
    except ValueError:
        telemetry.log().exception("failed")
    out = capsys.readouterr().out
    assert SECRET not in out
    assert "a-key-nobody-registered" not in out
    (told,) = json.loads(out)["exception"]
    assert (told["exc_type"], told["exc_value"]) == ("ValueError", f"bad {MASK} of length 23")
    assert told["frames"][-1]["name"] == "fail"


def test_secrets_are_masked_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    """In events, fields, keys, nested values, other objects, library lines, metrics; parts of a URL count too."""
    telemetry.configure(secrets=[URL, SECRET])
    telemetry.log().info(
        f"event {SECRET}", field=URL, nested={"list": [f"a {SECRET}", {SECRET: 1}]}, error=OSError(URL)
    )
    telemetry.log().info("path alone", path=f"/v3/{SECRET}", query="query-secret", login="pass-word")
    telemetry.metric("AlertsSent", 1, note=SECRET)
    logging.getLogger("httpx").warning("GET %s", URL)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 4
    for secret in (SECRET, "query-secret", "pass-word"):
        assert secret not in out
    assert "one.example" not in out.splitlines()[0]


@pytest.mark.parametrize("form", [KEY, KEY[2:], KEY.upper(), KEY[2:].upper()])
def test_a_key_in_hex_is_masked_however_it_is_written(capsys: pytest.CaptureFixture[str], form: str) -> None:
    """With 0x and without, in capitals and small letters: it is the same key."""
    telemetry.configure(secrets=[KEY])
    telemetry.log().info("request", path=f"/api/operator/address/{form}")
    assert form[2:] not in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["token", "BOT_TOKEN", "api_key", "x-api-key", "Authorization", "private_key", "password"]
)
def test_fields_that_name_a_secret_are_masked(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Whatever they hold, known or not."""
    telemetry.configure()
    telemetry.log().info("asked", headers={name: "whatever"}, **{name.replace("-", "_"): "whatever"})
    assert "whatever" not in capsys.readouterr().out


def test_short_and_no_secrets_mask_nothing() -> None:
    """A value of few letters would hide ordinary words."""
    masker = Masker()
    assert masker.text("a plain text") == "a plain text"
    masker.add(["plain", "https://[broken"])
    assert masker.text("a plain text") == "a plain text"


def test_people_can_have_lines_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Pretty lines are for eyes, and masked as well."""
    telemetry.configure(pretty=True, secrets=[SECRET])
    telemetry.log().info("hello", word=SECRET)
    try:
        int(SECRET)
    except ValueError:
        telemetry.log().exception("failed")
    out = capsys.readouterr().out
    assert "hello" in out
    assert "ValueError" in out
    assert SECRET not in out


def test_lines_go_where_standard_output_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that replaces standard output after the set-up gets the lines."""
    telemetry.configure()
    assert sys.stdout is not sys.__stdout__
    telemetry.log().info("ours")
    logging.getLogger("library").error("theirs")
    assert [line["event"] for line in lines(capsys)] == ["ours", "theirs"]
