"""Which value a deployment takes: the file's, the deployed one, or the account's; and what is said about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.changeset.parameters import Chosen, choose, is_example
from scripts.operations.errors import OperationError
from scripts.operations.target import Target
from templates import environments

ACCOUNT = "111122223333"
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
INFURA = "https://mainnet.infura.io/v3/84842078b09946638c03157f83405213"
TEXT: dict[str, Any] = {"Type": "String", "Description": "A text."}


class Asked:
    """Staging with a file of its own and a deployed stack, or none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_REGION", raising=False)
        self.target = Target("staging")
        self.target.account = ACCOUNT
        self.target.cloudformation = boto3.client(
            "cloudformation", region_name="eu-west-2", aws_access_key_id="test", aws_secret_access_key="test"
        )

    def choose(
        self,
        folder: Path,
        *,
        file: dict[str, str],
        deployed: dict[str, str] | None = None,
        declared: dict[str, dict[str, Any]] | None = None,
        image: str = "",
    ) -> Chosen:
        self.target.parameters = file
        with Stubber(self.target.cloudformation) as stubber:
            if deployed is None:
                stubber.add_client_error("describe_stacks", "ValidationError", "Stack sparta-staging does not exist")
            else:
                listed = [{"ParameterKey": key, "ParameterValue": value} for key, value in deployed.items()]
                stack = {"StackName": "sparta-staging", "CreationTime": WHEN, "StackStatus": "CREATE_COMPLETE"}
                stubber.add_response("describe_stacks", {"Stacks": [stack | {"Parameters": listed}]})
            return choose(self.target, declared or dict.fromkeys(file, TEXT), packages=folder, image=image)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


def test_every_example_of_the_shipped_files_is_known_as_one() -> None:
    """Each value that the README tells people to replace is recognised; ordinary values are not."""
    replaced = {
        "EthereumHost",
        "AztecRpcUrl",
        "SpartaAddress",
        "DomainName",
        "HostedZoneId",
        "AlertEmail",
        "ArtifactBucket",
        "ImageUri",
    }
    for path in environments.paths("root"):
        values = environments.read(path)
        assert {name for name, value in values.items() if is_example(value)} == replaced & values.keys(), path


def test_an_example_is_warned_of_and_never_replaces_what_is_deployed(asked: Asked, tmp_path: Path) -> None:
    """Where nothing is deployed it is taken, with a line; where something real is, that stays, with a line."""
    file = {"AlertEmail": "alerts@yourcompany.com"}
    first = asked.choose(tmp_path, file=file)
    assert (first.values, len(first.warnings)) == (file, 1)
    later = asked.choose(tmp_path, file=file, deployed={"AlertEmail": "night@sparta.dev"})
    assert later.values == {"AlertEmail": "night@sparta.dev"}
    assert later.warnings == ()
    assert later.notes == ("AlertEmail: night@sparta.dev (as deployed; the file says alerts@yourcompany.com)",)


def test_the_files_own_value_wins_over_the_deployed_one(asked: Asked, tmp_path: Path) -> None:
    """The file is what people review; a change made elsewhere does not survive it unseen."""
    chosen = asked.choose(tmp_path, file={"LogLevel": "info"}, deployed={"LogLevel": "debug"})
    assert (chosen.values, chosen.notes) == ({"LogLevel": "info"}, ())


def test_a_deployed_value_that_the_file_drops_is_told(asked: Asked, tmp_path: Path) -> None:
    """The template's default comes back, and one line says instead of what."""
    declared = {"LogLevel": TEXT | {"Default": "info"}}
    chosen = asked.choose(tmp_path, file={}, deployed={"LogLevel": "debug"}, declared=declared)
    assert chosen.values == {}
    assert chosen.notes == ("LogLevel: 'info' (the template's default), 'debug' is deployed; the file is silent",)


def test_a_hidden_value_stays_as_it_is_and_is_never_shown(asked: Asked, tmp_path: Path) -> None:
    """A NoEcho parameter that is deployed is kept by AWS itself; one of the file is masked in every line."""
    declared = {"Token": TEXT | {"NoEcho": True}}
    chosen = asked.choose(tmp_path, file={}, deployed={"Token": "****"}, declared=declared)
    assert (chosen.values, chosen.hidden) == ({"Token": "****"}, frozenset({"Token"}))
    given = asked.choose(tmp_path, file={"Token": "your-token"}, declared=declared)
    assert given.values == {"Token": "your-token"}
    assert "your-token" not in " ".join([*given.notes, *given.warnings])


@pytest.mark.parametrize("deployed", [None, {"EthereumHost": INFURA}])
def test_a_providers_key_in_a_url_is_warned_of(asked: Asked, tmp_path: Path, deployed: dict[str, str] | None) -> None:
    """Whether the file has it or what is deployed: everybody who may see the stack would have it."""
    file = {"EthereumHost": "https://sepolia.infura.io/v3/your-project-id" if deployed else INFURA}
    (warning,) = asked.choose(tmp_path, file=file, deployed=deployed).warnings
    assert "that secret's ARN into EthereumHostSecretArn" in warning


def test_the_bucket_is_this_accounts(asked: Asked, tmp_path: Path) -> None:
    """Whatever account the file names."""
    chosen = asked.choose(tmp_path, file={"ArtifactBucket": "sparta-artifacts-staging-123456789012"})
    assert chosen.values["ArtifactBucket"] == f"sparta-artifacts-staging-{ACCOUNT}"
    assert chosen.notes == (f"ArtifactBucket: sparta-artifacts-staging-{ACCOUNT} (the bucket of this account)",)


def test_without_a_zip_and_without_a_deployment_it_is_said_that_it_will_fail(asked: Asked, tmp_path: Path) -> None:
    """The change set can be reviewed; executing it could not work, and that is told now."""
    chosen = asked.choose(tmp_path, file={"MonitorCodeKey": "functions/validator_monitor.zip"})
    assert chosen.zips == ()
    assert len(chosen.warnings) == 1
    assert "executing this change set would fail" in chosen.warnings[0]


@pytest.mark.parametrize("image", ["sparta:latest", "sparta@sha256:12", f"x@sha256:{'0' * 64}", "sha256:zz"])
def test_an_image_has_to_be_named_by_digest(asked: Asked, tmp_path: Path, image: str) -> None:
    """No tag, no half digest, not the placeholder."""
    with pytest.raises(OperationError, match="names no image by digest"):
        asked.choose(tmp_path, file={"ImageUri": "x"}, image=image)


def test_a_parameter_that_the_template_does_not_have_is_refused(asked: Asked, tmp_path: Path) -> None:
    """A spelling mistake would else be a default that nobody wanted."""
    with pytest.raises(OperationError, match="LogLevle is no parameter of the template"):
        asked.choose(tmp_path, file={"LogLevle": "info"}, declared={"LogLevel": TEXT | {"Default": "info"}})


def test_a_missing_parameter_is_refused(asked: Asked, tmp_path: Path) -> None:
    """AWS would refuse it later, in other words."""
    with pytest.raises(OperationError, match="GuildId is missing"):
        asked.choose(tmp_path, file={}, declared={"GuildId": TEXT})
