"""A system deployed with the commands: what `make changeset` leaves, and what AWS itself would bring to life."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from tests.deployment import stacks
from tests.deployment.system import IMAGE_DIGEST, System
from tests.emulator.emulator import REPOSITORY
from tests.operations.deployments import write_packages
from tests.operations.running import Done, run, surroundings

SECONDS = 60
WAITS = {
    "Type": "AWS::CloudFormation::WaitCondition",
    "CreationPolicy": {"ResourceSignal": {"Timeout": "PT1M"}},
}
"""A resource that is not complete before ``Ground.signal``."""
IMPOSSIBLE = {"Type": "AWS::Sparta::Impossible"}
"""A resource that CloudFormation refuses to create."""


@dataclass
class Ground:
    """An environment with its bootstrap, and the commands of the runbook on it."""

    system: System
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = {"ENV": self.system.environment, "INTERVAL": "0.1", "WAIT": "0", "YES": "1"}
        self.variables = surroundings(self.system.emulator, self.folder) | given | self.variables

    def command(self, *arguments: str, **variables: str) -> Done:
        return run(self.variables | variables, *arguments)

    def changeset(self) -> Done:
        """The real `make changeset` of the templates, with zips that do nothing."""
        packages = self.folder / "packages"
        if not packages.is_dir():
            write_packages(packages)
        return self.command(
            "changeset",
            TEMPLATES=str(self.system.templates),
            CHECKS="warn",
            IMAGE=IMAGE_DIGEST,
            PACKAGES=str(packages),
        )

    def client(self, service: str) -> Any:
        return self.system.emulator.client(service)

    @property
    def status(self) -> str:
        found = stacks.describe(self.client("cloudformation"), self.system.root)
        return found["StackStatus"]

    @property
    def parameters(self) -> dict[str, str]:
        found = stacks.describe(self.client("cloudformation"), self.system.root)
        return {item["ParameterKey"]: item["ParameterValue"] for item in found["Parameters"]}

    @property
    def bucket(self) -> str:
        return self.system.parameters["ArtifactBucket"]

    def records(self) -> list[dict[str, Any]]:
        """What is recorded of deployments, oldest first."""
        s3, prefix = self.client("s3"), f"deployments/{self.system.environment}/2"
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        keys = sorted(item["Key"] for item in listed)
        return [json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()) for key in keys]

    def prepare(self, *, url: str = "", **changed: str) -> stacks.ChangeSet:
        """A change set as `make changeset` leaves it, without the checks of the templates that this takes."""
        url, parameters = url or self.system.url, self.system.parameters | changed
        exists = stacks.exists(self.client("cloudformation"), self.system.root)
        made = stacks.create_change_set(self.client("cloudformation"), self.system.root, url, parameters)
        described = self.client("cloudformation").describe_change_set(ChangeSetName=made.arn)
        record = {
            "change_set_id": made.arn,
            "name": described["ChangeSetName"],
            "stack_id": described["StackId"],
            "type": "UPDATE" if exists else "CREATE",
            "url": url,
            "parameters": parameters,
            "allowed": [],
            "made_at": "2026-11-26T12:00:00+00:00",
            "made_by": "a test",
        }
        key = f"deployments/{self.system.environment}/prepared.json"
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=json.dumps(record).encode())
        return made

    def templates_with(self, stack: str, **resources: dict[str, Any]) -> str:
        """URL of the root of the templates with more resources in one of them."""
        folder = self.folder / "planted"
        shutil.copytree(self.system.templates, folder, dirs_exist_ok=True)
        path = folder / f"{stack}.yaml"
        planted = yaml.safe_dump(resources)
        text = path.read_text(encoding="utf-8")
        head, mark, rest = text.partition("\nResources:\n")
        indented = "".join(f"  {line}\n" for line in planted.splitlines())
        path.write_text(f"{head}{mark}{indented}{rest}", encoding="utf-8")
        return stacks.package(self.client("s3"), self.bucket, folder, "root.yaml")

    def signal(self, name: str) -> None:
        """Let a ``WAITS`` resource of root be complete; its event is told a moment before it waits."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.client("cloudformation").signal_resource(
                    StackName=self.system.root, LogicalResourceId=name, UniqueId="1", Status="SUCCESS"
                )
            except ClientError as error:
                if "is not waiting for signals" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def wait_for(self, *statuses: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.status not in statuses:
            assert time.monotonic() < deadline, f"{self.status}, never {statuses}"
            time.sleep(0.05)

    def bring_to_life(self) -> None:
        """What tasks, targets and metrics would be by themselves on AWS."""
        group = self.system.resources()["Services/TargetGroup"]
        self.client("elbv2").register_targets(TargetGroupArn=group, Targets=[{"Id": "10.30.101.7"}])
        self.beat()

    def beat(self) -> None:
        """The heartbeats of the bot and the monitor."""
        environment = [{"Name": "Environment", "Value": self.system.environment}]
        for metric in ("BotHeartbeat", "MonitorHeartbeat"):
            self.client("cloudwatch").put_metric_data(
                Namespace="Sparta/Application",
                MetricData=[{"MetricName": metric, "Dimensions": environment, "Value": 1.0, "Unit": "Count"}],
            )

    def pending(self) -> list[str]:
        """Names of the root stack's change sets that somebody could execute."""
        listed = self.client("cloudformation").list_change_sets(StackName=self.system.root)["Summaries"]
        return [each["ChangeSetName"] for each in listed if each["ExecutionStatus"] == "AVAILABLE"]

    def push_image(self, tag: str) -> str:
        """An image in the environment's repository, by digest."""
        repository = self.client("ecr").describe_repositories()["repositories"][0]
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "layers": [], "annotations": {"made": tag}}
        pushed = self.client("ecr").put_image(
            repositoryName=repository["repositoryName"],
            imageManifest=json.dumps(manifest),
            imageManifestMediaType=kind,
            imageTag=tag,
        )
        return f"{repository['repositoryUri']}@{pushed['image']['imageId']['imageDigest']}"

    @contextmanager
    def started(self, *arguments: str, until: str) -> Iterator[subprocess.Popen[str]]:
        """A command that has said ``until`` and goes on."""
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "scripts", *arguments],
            cwd=REPOSITORY,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            told(process, until=until)
            yield process
        finally:
            process.kill()
            process.communicate()


def interrupt(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Ctrl-C; how the command ended and what it said from then on."""
    process.send_signal(signal.SIGINT)
    return ended(process)


def told(process: subprocess.Popen[str], *, until: str) -> str:
    """What a command says up to ``until``."""
    assert process.stdout is not None
    said = ""
    while until not in said:
        line = process.stdout.readline()
        assert line, f"It ended before it said {until!r}:\n{said}"
        said += line
    return said


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=SECONDS)
    return process.returncode, out


class _Answers(BaseHTTPRequestHandler):
    """``/health`` and ``/ready`` of a deployed API; ``server.lacks`` is what it is not ready for."""

    def do_GET(self) -> None:
        lacks: str = getattr(self.server, "lacks", "")
        rows = [{"name": name, "ok": name != lacks} for name in ("dynamodb", "ethereum", "aztec")]
        status = 503 if self.path == "/ready" and lacks else 200
        body = json.dumps({"status": "ok", "dependencies": rows}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing on the screen of the tests."""


@contextmanager
def api(lacks: str = "") -> Iterator[str]:
    """A stand-in for the deployed API; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    vars(server)["lacks"] = lacks
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
