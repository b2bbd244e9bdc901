"""Parameter files are checked before AWS is asked; each mistake is one line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from templates import environments, registry
from templates.emit import to_yaml
from templates.environments import Values
from templates.rules import check
from templates.rules.reader import Template, parse
from templates.rules.variants import refused

TREES = registry.build()
DECLARED = TREES["root"]["Parameters"]
ROOT_TEXT = to_yaml("root", TREES["root"])
ROOT = {"root": Template("root", Path("root.yaml"), parse(ROOT_TEXT), ROOT_TEXT)}


def production(**changes: str | None) -> Values:
    """The guide's values, some of them changed or taken away."""
    values = environments.read(environments.FOLDER / "production.json")
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return values


@pytest.mark.parametrize("template", ["root", "bootstrap"])
@pytest.mark.parametrize("name", environments.NAMES)
def test_shipped_files_are_right(template: str, name: str) -> None:
    path = next(path for path in environments.paths(template) if path.name.startswith(name))
    values = environments.read(path)
    assert values["Environment"] == name
    assert list(environments.problems(values, TREES[template]["Parameters"])) == []
    assert template == "bootstrap" or refused(ROOT, values) == []


ACCOUNT = "999988887777"
OF_AN_ACCOUNT: dict[str, str | None] = {
    "EthereumHost": None,
    "EthereumHostSecretArn": f"arn:aws:secretsmanager:eu-west-2:{ACCOUNT}:secret:ethereum-host-AbCdEf",
    "AztecRpcUrl": None,
    "AztecRpcUrlSecretArn": f"arn:aws:secretsmanager:eu-west-2:{ACCOUNT}:secret:aztec-rpc-url-AbCdEf",
    "DomainName": None,
    "HostedZoneId": None,
    "CertificateArn": f"arn:aws:acm:eu-west-2:{ACCOUNT}:certificate/0a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9",
    "EnableCloudFront": "false",
    "ImageUri": f"{ACCOUNT}.dkr.ecr.eu-west-2.amazonaws.com/sparta@sha256:{'1' * 64}",
    "ArtifactBucket": f"sparta-artifacts-production-{ACCOUNT}",
    "SpartaAddress": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "AlertEmail": "night@sparta.dev",
}


def test_a_file_filled_in_for_a_real_account_is_clean(tmp_path: Path) -> None:
    """Whoever puts in what the README asks for finds nothing in the way, with secrets for URLs and a certificate."""
    for name, tree in TREES.items():
        (tmp_path / f"{name}.yaml").write_text(to_yaml(name, tree), encoding="utf-8")
    bootstrap = environments.read(environments.FOLDER / "production.bootstrap.json")
    bootstrap["GitHubOidcProviderArn"] = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    assert [str(finding) for finding in check(tmp_path, [production(**OF_AN_ACCOUNT) | bootstrap])] == []


def test_production_carries_the_guides_values() -> None:
    guide = {
        "VpcCidr": "10.10.0.0/16",
        "AvailabilityZones": "eu-west-2a,eu-west-2b",
        "PublicSubnetCidrs": "10.10.1.0/24,10.10.2.0/24",
        "PrivateSubnetCidrs": "10.10.101.0/24,10.10.102.0/24",
        "BotClientId": "1329079356785688616",
        "GuildId": "1144692727120937080",
        "EthereumHost": "https://mainnet.infura.io/v3/your-project-id",
        "StakingAssetHandlerAddress": "0xF739D03e98e23A7B65940848aBA8921fF3bAc4b2",
        "L1ChainId": "1",
        "SpartaAddress": "0x1234567890123456789012345678901234567890",
        "ApiPort": "3000",
        "ApiDesiredCount": "2",
        "ApiMinCount": "1",
        "ApiMaxCount": "10",
        "ApiCpu": "1024",
        "ApiMemory": "2048",
        "AztecRpcUrl": "https://your-aztec-node.com:8080",
        "LogLevel": "info",
        "LogPrettyPrint": "false",
        "LogRetentionDays": "30",
        "EnableValidatorMonitorSchedule": "true",
    }
    assert production().items() >= guide.items()


def test_development_is_small() -> None:
    """One task, one NAT gateway, no CloudFront."""
    values = environments.read(environments.FOLDER / "development.json")
    assert (values["ApiDesiredCount"], values["ApiMaxCount"]) == ("1", "1")
    assert (values["NatGatewayMode"], values["EnableCloudFront"]) == ("single", "false")


MISTAKES: list[tuple[str, dict[str, str | None], str]] = [
    ("unknown", {"ApiPorts": "3000"}, "ApiPorts is no parameter of the template; correct the spelling or remove it."),
    ("missing", {"GuildId": None}, "GuildId is missing. The Discord server (guild) that the bot serves."),
    ("no number", {"ApiPort": "http"}, "ApiPort 'http' is not valid. A TCP port from 1 to 65535."),
    ("out of range", {"ApiPort": "70000"}, "ApiPort '70000' is not valid. A TCP port from 1 to 65535."),
    ("not one of the choices", {"LogLevel": "verbose"}, "LogLevel 'verbose' is not valid. Choose debug, info"),
    ("not a choice of numbers", {"LogRetentionDays": "31"}, "LogRetentionDays '31' is not valid. A number of days"),
    ("malformed address", {"SpartaAddress": "0x12"}, "SpartaAddress '0x12' is not valid. An Ethereum address"),
    ("malformed id", {"GuildId": "aztec"}, "GuildId 'aztec' is not valid. A Discord id: 17 to 20 digits."),
    ("a tag, no digest", {"ImageUri": "123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta:v2"}, "ImageUri '1234567"),
    ("one zone", {"AvailabilityZones": "eu-west-2a"}, "AvailabilityZones 'eu-west-2a' is not valid. Exactly two"),
    ("one zone twice", {"AvailabilityZones": "eu-west-2a,eu-west-2a"}, "AvailabilityZones 'eu-west-2a,eu-west-2a'"),
    ("three subnets", {"PublicSubnetCidrs": "10.10.1.0/24,10.10.2.0/24,10.10.3.0/24"}, "PublicSubnetCidrs '10.10"),
    ("subnet outside", {"PublicSubnetCidrs": "10.11.1.0/24,10.10.2.0/24"}, "Subnet 10.11.1.0/24 is outside the VPC"),
    ("subnets overlap", {"PublicSubnetCidrs": "10.10.0.0/17,10.10.200.0/24"}, "Subnets 10.10.0.0/17 and 10.10.101"),
    ("no network", {"PublicSubnetCidrs": "10.10.1.7/24,10.10.2.0/24"}, "A network range is not valid: 10.10.1.7/24"),
    ("closed port", {"EthereumHost": "http://node:8545"}, "EthereumHost uses port 8545, but EthereumRpcPort is 443"),
    ("hasty alarm", {"MonitorSilenceMinutes": "5"}, "MonitorSilenceMinutes 5 is less than two intervals of 5 minutes"),
    ("rate in words", {"ValidatorMonitorSchedule": "hourly"}, "ValidatorMonitorSchedule 'hourly' is not valid."),
    ("threshold of nothing", {"MissRateAlertThreshold": "0"}, "MissRateAlertThreshold '0' is not valid. A share"),
]


@pytest.mark.parametrize(("changes", "sentence"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_wrong_value_is_refused_in_one_line(changes: dict[str, str | None], sentence: str) -> None:
    lines = list(environments.problems(production(**changes), DECLARED))
    assert [line for line in lines if line.startswith(sentence)], lines
    assert all("\n" not in line for line in lines)


CONTRADICTIONS: list[tuple[str, dict[str, str | None], str]] = [
    ("production without HTTPS", {"DomainName": None, "HostedZoneId": None}, "Production answers by HTTPS only"),
    ("production nobody hears of", {"AlertEmail": None}, "Somebody must hear of production's alarms"),
    ("a domain without its zone", {"HostedZoneId": None}, "DomainName and HostedZoneId go together"),
    (
        "certificate and domain",
        {"CertificateArn": "arn:aws:acm:eu-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"},
        "Give either CertificateArn or DomainName",
    ),
    ("CloudFront without its certificate", {"EnableCloudFront": "true"}, "CloudFront needs CloudFrontCertificateArn"),
    ("no Ethereum endpoint", {"EthereumHost": None}, "Give either EthereumHost or EthereumHostSecretArn"),
    (
        "two Aztec endpoints",
        {"AztecRpcUrlSecretArn": "arn:aws:secretsmanager:eu-west-2:123456789012:secret:sparta/aztec-AbCdEf"},
        "Give either AztecRpcUrl or AztecRpcUrlSecretArn",
    ),
    ("no contract", {"StakingAssetHandlerAddress": None}, "Give StakingAssetHandlerAddress"),
    ("a size Fargate has not", {"ApiCpu": "256", "ApiMemory": "4096"}, "ApiMemory must suit ApiCpu"),
    ("a size Fargate has not, bot", {"BotCpu": "1024", "BotMemory": "512"}, "BotMemory must suit BotCpu"),
    (
        "lowest above highest",
        {"ApiMinCount": "5", "ApiMaxCount": "3", "ApiDesiredCount": "3"},
        "ApiDesiredCount must lie",
    ),
    ("more than the highest", {"ApiDesiredCount": "4", "ApiMaxCount": "3"}, "ApiDesiredCount must lie between"),
    ("fewer than the lowest", {"ApiDesiredCount": "1", "ApiMinCount": "2"}, "ApiDesiredCount must lie between"),
]


@pytest.mark.parametrize(("changes", "sentence"), [c[1:] for c in CONTRADICTIONS], ids=[c[0] for c in CONTRADICTIONS])
def test_contradictory_input_is_refused_by_the_template_itself(changes: dict[str, str | None], sentence: str) -> None:
    """CloudFormation says the sentence before it creates anything."""
    advice = [finding.advice for finding in refused(ROOT, production(**changes))]
    assert [line for line in advice if line.startswith(sentence)], advice


@pytest.mark.parametrize("highest", range(1, 11))
def test_counts_in_order_are_accepted(highest: int) -> None:
    """No valid combination of the API's task counts is refused, and no invalid one accepted."""
    for lowest in range(1, 11):
        for desired in range(1, 11):
            counts = {"ApiMinCount": str(lowest), "ApiDesiredCount": str(desired), "ApiMaxCount": str(highest)}
            assert bool(refused(ROOT, production(**counts))) == (not lowest <= desired <= highest)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"Environment": "production"}', "file.json is no list of ParameterKey and ParameterValue"),
        ("[1]", "file.json is no list of ParameterKey and ParameterValue"),
        ("[", "file.json is no list of ParameterKey and ParameterValue"),
        (
            json.dumps([{"ParameterKey": "ApiPort", "ParameterValue": 3000}]),
            'file.json: ApiPort must be a text; write "3000".',
        ),
        (
            json.dumps([{"ParameterKey": "ApiPort", "ParameterValue": "1"}] * 2),
            "file.json: ApiPort is given twice; keep one.",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(environments.EnvironmentError, match=r".") as refusal:
        environments.read(path)
    assert refusal.value.args[0].startswith(sentence)


def test_no_secret_is_a_parameter() -> None:
    """Neither by name nor hidden from view: secrets are in Secrets Manager."""
    assert [
        name for name in DECLARED if any(word in name for word in ("Token", "PrivateKey", "Password", "ApiKeyValue"))
    ] == []
    assert [name for name, parameter in DECLARED.items() if parameter.get("NoEcho")] == []


@pytest.mark.parametrize("name", DECLARED)
def test_a_person_understands_each_parameter_in_the_console(name: str) -> None:
    """A label and a group, a description that is a sentence, and a constraint that says what to type."""
    interface = TREES["root"]["Metadata"]["AWS::CloudFormation::Interface"]
    groups = [group["Label"]["default"] for group in interface["ParameterGroups"] if name in group["Parameters"]]
    parameter = DECLARED[name]
    assert len(groups) == 1
    assert interface["ParameterLabels"][name]["default"]
    assert parameter["Description"].endswith(".")
    assert parameter["ConstraintDescription"].endswith(".")
    assert {"AllowedPattern", "AllowedValues", "MinValue"} & parameter.keys()


def test_a_parameter_that_nobody_has_described_is_missing_all_the_same() -> None:
    """Templates that people edit by hand may lack a description."""
    assert list(environments.problems({}, {"Planted": {"Type": "String"}})) == ["Planted is missing."]
