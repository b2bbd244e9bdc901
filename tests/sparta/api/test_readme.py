"""What the README tells people to do with the API works as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.devnet.network import Devnet
from tests.sparta.api.client import REPOSITORY, Served

SECTION = "## The API on this machine"


def commands() -> str:
    """The block that asks the API."""
    section = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition(SECTION)[2].partition("\n## ")[0]
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if "curl" in block)


def test_the_commands_add_a_validator(net: Devnet, tmp_path: Path) -> None:
    """Run in a shell with the file that `make devnet` writes, each answers well, and the last one's validator is in
    the chain's set."""
    (tmp_path / "build").mkdir()
    settings = "".join(f"{name}={value}\n" for name, value in net.env.items())
    (tmp_path / "build" / "devnet.env").write_text(settings, encoding="utf-8")
    assert shutil.which("curl")
    with Served(net.env) as api:
        script = commands().replace("127.0.0.1:3000", f"127.0.0.1:{api.port}").replace("curl ", "curl -sS --fail ")
        environment = {"PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["/bin/sh", "-ec", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert done.stdout.count('"ok":true') == 3
    assert '"isApproved":true' in done.stdout
    assert "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC".lower() in [
        address.lower() for address in net.contracts.rollup.read("getAttesters")
    ]
