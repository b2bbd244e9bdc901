"""The harness: it starts, is used by both clients, says what is wrong, and leaves nothing behind."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.emulator import emulator as harness
from tests.emulator.emulator import CommandError, Emulator, EmulatorError

LISTING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


def test_both_clients_talk_to_the_same_account(running: Emulator) -> None:
    from_library = running.client("sts").get_caller_identity()
    assert running.aws("sts", "get-caller-identity")["Arn"] == from_library["Arn"]


def test_command_that_fails_says_why(running: Emulator) -> None:
    with pytest.raises(CommandError, match="ClusterNotFoundException"):
        running.aws("ecs", "describe-services", "--cluster", "absent", "--services", "absent")


def test_types_that_can_not_be_deployed_are_named(running: Emulator) -> None:
    assert running.unsupported(["AWS::EC2::VPC", "AWS::EC2::EIP", "AWS::Nobody::Knows"]) == ["AWS::Nobody::Knows"]


def test_nothing_is_left_behind() -> None:
    with Emulator() as started:
        port, home = int(started.url.rpartition(":")[2]), started._home
        assert home.is_dir()
    assert not home.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_missing_installation_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absent tools fail the tests, they never skip them."""
    monkeypatch.setattr(harness, "ENVIRONMENT", tmp_path)
    with pytest.raises(EmulatorError, match="make test"):
        Emulator().start()


def test_port_that_another_program_takes_first_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on with the next port and never talks to the other program."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        free = harness._free_port
        ports = iter([taken])
        monkeypatch.setattr(harness, "_free_port", lambda: next(ports, None) or free())
        with Emulator() as started:
            assert not started.url.endswith(f":{taken}")
            assert started.client("sts").get_caller_identity()["Account"]


def test_use_without_start_says_so() -> None:
    with pytest.raises(EmulatorError, match="not running"):
        Emulator().unsupported([])


def test_server_that_can_not_start_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no such module\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(harness, "ENVIRONMENT", tmp_path)
    with pytest.raises(EmulatorError, match="no such module"):
        Emulator().start()


def test_permissions_are_enforced_when_asked_for() -> None:
    """A user may do what a policy grants, nothing else."""
    with Emulator(enforce_permissions=True) as strict:
        iam = strict.client("iam")
        strict.client("s3").create_bucket(
            Bucket="sample", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
        )
        iam.create_user(UserName="probe")
        iam.put_user_policy(UserName="probe", PolicyName="listing", PolicyDocument=json.dumps(LISTING))
        key = iam.create_access_key(UserName="probe")["AccessKey"]
        probe = strict.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
        assert probe.list_objects_v2(Bucket="sample")["KeyCount"] == 0
        with pytest.raises(ClientError, match="AccessDenied"):
            probe.put_object(Bucket="sample", Key="a", Body=b"")
