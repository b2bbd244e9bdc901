"""No secret in a template. The values below only look like secrets: they are put together here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.templates.rules.planting import Mistake, emitted, news, put, seen, values

ENVIRONMENT = "services/Resources/ApiTask/Properties/ContainerDefinitions/0/Environment/+"
FUNCTION = "monitor/Resources/MonitorFunction/Properties/Environment/Variables"
HEX = "0123456789abcdef"
SECRETS = {
    "discord": "MTMzMDg2ODk1NTI5MTcxMzYxNg" + ".G_wEfW." + "x" * 38,
    "webhook": "https://discord.com/api/webhooks/1144692727120937080/" + "a" * 68,
    "aws": "AKIA" + "ABCDEFGHIJKLMNOP",
    "pem": "-----BEGIN EC PRIVATE" + " KEY-----",
    "ethereum": "0x" + HEX * 4,
    "ethereum without 0x": HEX * 4,
    "github": "ghp_" + "a1" * 20,
    "slack": "xoxb-" + "1234567890-abc",
    "infura": "https://mainnet.infura.io/v3/" + HEX * 2,
    "alchemy": "https://eth-mainnet.g.alchemy.com/v2/" + "aB3" * 10 + "xy",
    "stripe": "sk_live_" + "a1b2c3d4e5",
    "password": "postgres://sparta:hunter2" + "@db.example.org/x",
    "token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTYifQ." + "c2lnbmF0dXJlMTIz",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_what_looks_like_a_secret_is_reported(secret: str) -> None:
    """Wherever it stands: a variable with a harmless name, a default, an argument, a description."""
    assert ("services", "ApiTask", "no-secret-in-text") in news(put(ENVIRONMENT, {"Name": "X", "Value": secret}))
    assert ("root", "Parameters.AlertEmail", "no-secret-in-text") in news(
        put("root/Parameters/AlertEmail/Default", secret)
    )
    command = "services/Resources/ApiTask/Properties/ContainerDefinitions/0/Command/+"
    assert ("services", "ApiTask", "no-secret-in-text") in news(put(command, f"--token={secret}"))
    description = put("root/Outputs/VpcId/Description", f"The VPC, see {secret} for more")
    assert ("root", "Outputs.VpcId", "no-secret-in-text") in news(description)


@pytest.mark.parametrize(
    "text",
    [
        "0xF739D03e98e23A7B65940848aBA8921fF3bAc4b2",
        "123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta@sha256:" + HEX * 4,
        "https://mainnet.infura.io/v3/your-project-id",
        "1329079356785688616",
    ],
)
def test_addresses_digests_and_ids_are_no_secrets(text: str) -> None:
    """What is public anyway may stand in a template."""
    found = news(put(ENVIRONMENT, {"Name": "X", "Value": text}))
    assert ("services", "ApiTask", "no-secret-in-text") not in found


def test_a_secret_in_a_comment_is_reported() -> None:
    """A comment is as public as the rest of the file."""
    edge = emitted()["edge"]
    templates = emitted() | {"edge": replace(edge, text=f"# old key: {SECRETS['ethereum']}\n{edge.text}")}
    assert ("edge", "-", "no-secret-in-text") in seen(templates, values("production"))


VARIABLES: list[tuple[str, Any]] = [
    ("BOT_TOKEN", "changeme"),
    ("SPARTA_PRIVATE_KEY", {"Ref": "SpartaAddress"}),
    ("BACKEND_API_KEY", {"Fn::Sub": "key-${Environment}"}),
    ("DB_PASSWORD", "hunter2"),
    ("WEBHOOK_SECRET", "s3cr3t"),
    ("SIGNING_KEY", "{{resolve:secretsmanager:sparta/production/api-key}}"),
    ("WALLET_MNEMONIC", "test test test"),
]


@pytest.mark.parametrize(("name", "value"), VARIABLES)
def test_a_secret_in_a_plain_variable_is_reported(name: str, value: Any) -> None:
    """Whatever the value: under such a name it is a secret, and environment variables are readable."""
    assert ("services", "ApiTask", "no-secret-variable") in news(put(ENVIRONMENT, {"Name": name, "Value": value}))
    assert ("monitor", "MonitorFunction", "no-secret-variable") in news(put(f"{FUNCTION}/{name}", value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN_SECRET", "sparta/production/bot-token"),
        ("BOT_TOKEN_SECRET", {"Fn::Sub": "sparta/${Environment}/bot-token"}),
        ("KMS_KEY_ID", "alias/sparta"),
        ("TOKEN_ADDRESS", "0xF739D03e98e23A7B65940848aBA8921fF3bAc4b2"),
        ("MONKEY", "business"),
    ],
)
def test_where_a_secret_is_may_be_said(name: str, value: Any) -> None:
    """The name of a secret is none."""
    assert not news(put(f"{FUNCTION}/{name}", value)) & {("monitor", "MonitorFunction", "no-secret-variable")}


COMMAND = "services/Resources/ApiTask/Properties/ContainerDefinitions/0/Command"
KEY = {"Name": "api-key", "Value": "hunter2"}
SETTINGS: list[tuple[Mistake, tuple[str, str, str]]] = [
    (put("root/Resources/Network/Properties/Parameters/BotToken", "x1"), ("root", "Network", "no-secret-setting")),
    (
        put("services/Resources/Cluster/Properties/Tags", [{"Key": "admin-password", "Value": "hunter2"}]),
        ("services", "Cluster", "no-secret-setting"),
    ),
    (
        put(
            "services/Resources/Key", {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "api-key", "Value": "k1"}}
        ),
        ("services", "Key", "no-secret-setting"),
    ),
    (put(COMMAND, ["serve", "--api-key", "hunter2"]), ("services", "ApiTask", "no-secret-argument")),
    (put(COMMAND, ["serve", "--bot-token=hunter2"]), ("services", "ApiTask", "no-secret-argument")),
    (put(COMMAND, ["env", "SPARTA_PRIVATE_KEY=hunter2", "serve"]), ("services", "ApiTask", "no-secret-argument")),
]


@pytest.mark.parametrize(("mistake", "expected"), SETTINGS)
def test_a_secret_under_a_telling_name_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """Tags, headers, stored parameters, passed values and arguments say by their name that they are secret."""
    assert expected in news(mistake)


@pytest.mark.parametrize(
    "command", [["--token-ttl", "60"], ["--api-key", "--verbose"], ["keyboard=x"], ["--api-key-secret", "a/b"]]
)
def test_other_arguments_are_none(command: list[str]) -> None:
    """A lifetime, a flag without value, a word that only contains one, the name of a secret."""
    assert ("services", "ApiTask", "no-secret-argument") not in news(put(COMMAND, command))


MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (put("root/Parameters/BotToken", {"Type": "String"}), ("root", "Parameters.BotToken", "no-secret-parameter")),
    (put("root/Parameters/VpcCidr/NoEcho", True), ("root", "Parameters.VpcCidr", "no-secret-parameter")),
    (
        put("services/Resources/Cluster/Properties/ClusterName", "{{resolve:ssm-secure:name}}"),
        ("services", "Cluster", "no-dynamic-reference"),
    ),
    (
        put("bootstrap/Resources/ApiKeySecret/Properties/SecretString", "x"),
        ("bootstrap", "ApiKeySecret", "secret-value-not-given"),
    ),
    (
        put("bootstrap/Resources/Key", {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": "ci"}}),
        ("bootstrap", "Key", "secret-value-not-given"),
    ),
    (put(ENVIRONMENT, {"Name": "BOT_TOKEN", "Value": ""}), ("services", "ApiTask", "variable-once")),
    (put(ENVIRONMENT, {"Name": "LOG_LEVEL", "Value": "debug"}), ("services", "ApiTask", "variable-once")),
    (
        put("bootstrap/Outputs/Key", {"Value": {"Fn::GetAtt": ["Key", "SecretAccessKey"]}}),
        ("bootstrap", "Outputs.Key", "no-secret-output"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_a_secret_on_another_way_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """Parameters, dynamic references, given secret values, outputs: each shows the secret to too many."""
    assert expected in news(mistake)
