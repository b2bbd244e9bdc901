import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.system import bring_up
from tests.emulator.emulator import Emulator
from tests.operations.answering import Between
from tests.operations.deploying import Ground, api

NEED_A_SYSTEM: dict[str, dict[str, str]] = {
    "verify": {},
    "restart": {"SERVICE": "api", "WAIT": "1"},
    "stop": {"WAIT": "1"},
    "logs": {"COMPONENT": "api"},
    "errors": {},
    "metrics": {},
    "troubleshoot": {"CASE": "tasks"},
}


@pytest.fixture
def ground(templates: Path, tmp_path: Path) -> Iterator[Ground]:
    """A deployed system that is alive; each test breaks something of it."""
    with Emulator() as emulator, api() as url:
        ground = Ground(bring_up(emulator, templates, "development"), tmp_path, {"API_URL": url})
        ground.bring_to_life()
        yield ground


def test_a_system_that_works_is_all_good(ground: Ground) -> None:
    """Seven rows, none bad, exit code 0."""
    done = ground.command("verify")
    assert done.code == 0, done.out + done.err
    assert done.out.count("good") == 7
    assert "BAD" not in done.out
    assert "development works." in done.out


def test_what_the_api_is_not_ready_for_is_named(ground: Ground) -> None:
    """/health may be fine while /ready is not."""
    with api(lacks="ethereum") as url:
        done = ground.command("verify", API_URL=url)
    assert done.code == 1
    assert "not ready ethereum" in " ".join(done.out.split())
    assert done.err.strip() == "development does not work as it should: /ready."


def test_an_api_that_does_not_answer_is_no_success(ground: Ground) -> None:
    """Both rows say so and what to look at."""
    with api() as url:
        pass
    done = ground.command("verify", API_URL=url)
    assert done.code == 1
    assert "does not answer" in done.out
    assert "/health: Look at the DNS record" in done.out


def test_a_bot_that_was_switched_off_in_a_hurry_is_not_forgotten(ground: Ground) -> None:
    """No task is wanted, though the parameter wants one: the row says how to switch it on again."""
    ground.client("ecs").update_service(cluster="sparta-development", service="sparta-discord", desiredCount=0)
    done = ground.command("verify")
    assert done.code == 1
    assert "make scale ENV=development SERVICE=bot COUNT=1" in done.out


def test_a_bot_without_heartbeat_is_not_online(templates: Path, tmp_path: Path) -> None:
    """A running task proves nothing; the row says what ECS thinks of it."""
    with Emulator() as emulator, api() as url:
        ground = Ground(bring_up(emulator, templates, "development"), tmp_path, {"API_URL": url})
        done = ground.command("verify")
    assert done.code == 1
    assert "no heartbeat for 5 min; its task is RUNNING" in " ".join(done.out.split())
    assert "has not run yet; the first is due before" in " ".join(done.out.split())


def test_a_failed_run_of_the_monitor_is_told(ground: Ground) -> None:
    """The last run counts, not that there was one."""
    function = ground.system.outputs()["MonitorFunctionName"]
    ground.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "Errors",
                "Dimensions": [{"Name": "FunctionName", "Value": function}],
                "Value": 1.0,
                "Unit": "Count",
            }
        ],
    )
    done = ground.command("verify")
    assert done.code == 1
    assert "a run failed within the last minute" in " ".join(done.out.split())
    assert "make logs ENV=development SERVICE=monitor" in done.out


def test_an_environment_that_was_never_deployed_is_one_clear_line(ground: Ground) -> None:
    """Nothing is guessed about it."""
    done = ground.command("verify", ENV="staging")
    assert done.code == 1
    assert done.err.startswith("There is no stack sparta-staging")


def test_a_system_whose_creation_failed_is_one_clear_line(ground: Ground) -> None:
    """Of its stack nothing but the name is left: every verb says so, and how to begin anew."""
    with Between(ground.system.emulator) as between:
        between.rewrite("DescribeStacks", lambda said: said.replace(b"CREATE_COMPLETE", b"ROLLBACK_COMPLETE"))
        between.rewrite("ListStackResources", lambda said: re.sub(rb"<member>.*</member>", b"", said, flags=re.DOTALL))
        for verb, given in NEED_A_SYSTEM.items():
            done = ground.command(verb, AWS_ENDPOINT_URL=between.url, **given)
            assert (done.code, len(done.err.splitlines())) == (1, 1), done
            assert "is not there: its first creation failed" in done.err, done
            assert f"`make changeset ENV={ground.system.environment}` begins anew." in done.err
