"""The whole runbook on one system whose secrets are known: none of them is seen anywhere."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.verbs import COMMANDS
from tests.deployment.system import lay_ground
from tests.emulator.emulator import Emulator
from tests.operations.deploying import Ground, api
from tests.operations.running import Done, run

# Of the bot and the account in the parameters here; well known to be nobody's.
BOT_TOKEN = "MTMyOTA3OTM1Njc4NTY4ODYxNg.GpLnTd.planted-secret-token-value-0123456789"
PRIVATE_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
PROVIDER_KEY = "84842078b09946638c03157f83405213"
KEYS = ("bot-token", "ethereum-private-key", "api-key")
RUNS: tuple[tuple[str, dict[str, str]], ...] = (
    ("secret", {"NAME": "bot-token", "RESTART": "0", "STDIN": BOT_TOKEN}),
    ("secret", {"NAME": "ethereum-private-key", "RESTART": "0", "STDIN": PRIVATE_KEY}),
    ("secret", {"NAME": "bot-token", "STDIN": f"{PRIVATE_KEY} {BOT_TOKEN}"}),
    ("secrets", {}),
    ("rotate", {"NAME": "api-key", "WAIT": "60"}),
    ("bootstrap", {}),
    ("changeset", {}),
    ("deploy", {}),
    ("release", {}),
    ("rollback", {}),
    ("verify", {}),
    ("difference", {"BASE": "templates"}),
    ("cost", {"OFFLINE": "1"}),
    ("scale", {"SERVICE": "api", "COUNT": "2", "WAIT": "20"}),
    ("restart", {"SERVICE": "bot", "WAIT": "20"}),
    ("stop", {"WAIT": "20"}),
    ("disable", {"WAIT": "20"}),
    ("logs", {"COMPONENT": "rotation"}),
    ("errors", {}),
    ("metrics", {}),
    ("troubleshoot", {"CASE": "tasks"}),
    ("troubleshoot", {"CASE": "database"}),
    ("troubleshoot", {"CASE": "monitor"}),
    ("audit", {}),
    ("drift", {"WAIT": "60"}),
    ("backup", {}),
    ("backups", {}),
    ("restore", {"TABLE": "operators", "INTO": "restored"}),
    ("putback", {"TABLE": "operators", "SOURCE": "restored"}),
    ("export", {"TABLE": "operators"}),
    ("migrate", {"DRY_RUN": "1"}),
    ("migrations", {}),
    ("destroy", {"NAME": "sparta-development"}),
)


def test_every_verb_is_in_the_list() -> None:
    assert {verb for verb, _ in RUNS} == set(COMMANDS)


@pytest.mark.timeout(600)  # Some thirty commands, one after the other.
def test_no_secret_is_seen(templates: Path, tmp_path: Path) -> None:
    """Not on a screen, in an argument of a process, in a file, in the artifact bucket or in a change set.

    A provider's key in a URL is no secret of ours to CloudFormation, which has to hold it; it is on no screen.
    """
    with Emulator() as emulator, api() as url:
        ground = Ground(lay_ground(emulator, templates, "development"), tmp_path, {"API_URL": url})
        host = f"https://mainnet.infura.io/v3/{PROVIDER_KEY}"
        ground.prepare(SpartaAddress=ACCOUNT, EthereumHost=host)
        assert ground.command("deploy").out
        image = ground.push_image("v2")
        values = [*_values(ground), BOT_TOKEN, PRIVATE_KEY, PRIVATE_KEY.upper()]
        with _arguments() as seen:
            screens = {
                f"{number} {verb}": _run(ground, verb, given, image) for number, (verb, given) in enumerate(RUNS)
            }
        values += _values(ground)
        places = {"arguments": "\n".join(seen), "bucket": _bucket(ground), "files": _files(tmp_path)}
        shown = {name: done.out + done.err for name, done in screens.items()}
    usage = [name for name, done in screens.items() if done.code == 2 or "Traceback" in done.err]
    assert usage == [], [screens[name] for name in usage]
    assert seen
    # A key is compared with the account that is deployed, not with the example of the file.
    assert [screens[name].code for name in ("0 secret", "1 secret")] == [0, 0]
    assert len(set(values)) > len(KEYS)
    leaks = [(name, value) for name, text in (shown | places).items() for value in set(values) if value in text]
    assert leaks == []
    assert [name for name, text in shown.items() if PROVIDER_KEY in text] == []


def _run(ground: Ground, verb: str, given: dict[str, str], image: str) -> Done:
    if verb == "changeset":
        return ground.changeset()
    rest = {"IMAGE": image} if verb == "release" else {}
    stdin = given.get("STDIN")
    variables = {name: value for name, value in (given | rest).items() if name != "STDIN"}
    return run(ground.variables | variables, verb, stdin=stdin)


def _values(ground: Ground) -> list[str]:
    """What is in the secrets now, and what was before."""
    client, found = ground.client("secretsmanager"), []
    for name in KEYS:
        versions = client.list_secret_version_ids(SecretId=f"sparta/development/{name}")["Versions"]
        for version in versions:
            value = client.get_secret_value(SecretId=f"sparta/development/{name}", VersionId=version["VersionId"])
            found.append(str(value["SecretString"]))
    # The emulator's rotation leaves a version without a value.
    return [value for value in found if value]


@contextmanager
def _arguments() -> Iterator[set[str]]:
    """The command lines of all processes of this machine that are seen meanwhile."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
            seen.update(line for line in listed.splitlines() if "-m scripts" in line)
            time.sleep(0.2)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _bucket(ground: Ground) -> str:
    s3, told = ground.client("s3"), []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ground.bucket):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=ground.bucket, Key=item["Key"])["Body"].read()
            told.append(body.decode("latin-1"))
    return json.dumps(told)


def _files(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())
