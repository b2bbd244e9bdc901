"""Input that contradicts itself is refused before anything is created: each such input is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.options import objection
from templates.rules.reader import Template
from templates.rules.system import System, top_level
from templates.rules.values import items, text
from templates.rules.variants import IDENTITY, refused


class Contradiction(NamedTuple):
    """Values that nobody can mean, and what to do so that they are refused."""

    values: Mapping[str, str]
    advice: str


EDGE = {"EnableCloudFront": "true"}
NO_HTTPS = {IDENTITY: "production", "CertificateArn": "", "DomainName": "", "HostedZoneId": ""}
URL = "https://example.org"
HELD = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:x-AbCdEf"
BOUNDS = {"MinValue", "MaxValue", "MaxLength"}
NONSENSE = "\x07 <no-such; value> \u2603"
ADDRESSES = ("StakingAssetHandlerAddress", "RollupAddress", "RegistryAddress")

CONTRADICTIONS = [
    Contradiction(NO_HTTPS, "refuse production without a certificate or a domain"),
    Contradiction({IDENTITY: "production", "AlertEmail": ""}, "refuse production without an address for alarms"),
    Contradiction({"DomainName": "example.org", "HostedZoneId": ""}, "refuse a domain without its hosted zone"),
    Contradiction(
        {"EnableCloudFront": "true", "DomainName": "", "HostedZoneId": ""}, "refuse CloudFront without a domain"
    ),
    Contradiction(
        {"EnableCloudFront": "true", "CloudFrontCertificateArn": ""}, "refuse CloudFront without certificate"
    ),
    Contradiction({"AvailabilityZones": "eu-west-2a"}, "refuse a single zone"),
    Contradiction({"AvailabilityZones": "eu-west-2a,eu-west-2a"}, "refuse the same zone twice"),
    Contradiction({"AvailabilityZones": "eu-west-2a,eu-west-2b,eu-west-2c"}, "refuse more zones than subnets"),
    Contradiction({"PublicSubnetCidrs": "10.10.1.0/24"}, "refuse fewer public subnets than zones"),
    Contradiction({"PrivateSubnetCidrs": "10.10.101.0/24"}, "refuse fewer private subnets than zones"),
    Contradiction({"PublicSubnetCidrs": "10.10.1.0/24,10.10.1.0/24"}, "refuse the same public range twice"),
    Contradiction({"PrivateSubnetCidrs": "10.10.1.0/24,10.10.1.0/24"}, "refuse the same private range twice"),
    Contradiction({"ApiMinCount": "5", "ApiMaxCount": "2", "ApiDesiredCount": "2"}, "refuse a least over the most"),
    Contradiction({"ApiMinCount": "1", "ApiMaxCount": "2", "ApiDesiredCount": "5"}, "refuse a count over the most"),
    Contradiction({"ApiMinCount": "3", "ApiMaxCount": "5", "ApiDesiredCount": "1"}, "refuse a count under the least"),
    Contradiction({"ApiMinCount": "0"}, "refuse a minimum of no task"),
    Contradiction({"BotDesiredCount": "2"}, "refuse two bots"),
    Contradiction({"ApiCpu": "256", "ApiMemory": "8192"}, "refuse memory that Fargate does not offer for the CPU"),
    Contradiction({"ApiCpu": "1024", "ApiMemory": "512"}, "refuse memory that Fargate does not offer for the CPU"),
    Contradiction({"BotCpu": "256", "BotMemory": "8192"}, "refuse memory that Fargate does not offer for the CPU"),
    Contradiction({"EthereumHost": "", "EthereumHostSecretArn": ""}, "refuse to run without an Ethereum endpoint"),
    Contradiction({"EthereumHost": URL, "EthereumHostSecretArn": HELD}, "refuse two sources of the endpoint"),
    Contradiction({"AztecRpcUrl": "", "AztecRpcUrlSecretArn": ""}, "refuse to run without an Aztec endpoint"),
    Contradiction({"AztecRpcUrl": URL, "AztecRpcUrlSecretArn": HELD}, "refuse two sources of the endpoint"),
    Contradiction(dict.fromkeys(ADDRESSES, ""), "refuse to run without a contract"),
    Contradiction({"SpartaAddress": "0x1234"}, "refuse an address that is none"),
    Contradiction({"StakingAssetHandlerAddress": "0x1234"}, "refuse an address that is none"),
    Contradiction({"GuildId": "my-server"}, "refuse an id that Discord does not give"),
    Contradiction({"BotClientId": "my-bot"}, "refuse an id that Discord does not give"),
    Contradiction({"AlertEmail": "operators"}, "refuse an address without a domain"),
    Contradiction({"VpcCidr": "10.10.0.0"}, "refuse a range without its size"),
    Contradiction({"ApiPort": "0"}, "refuse a port that is none"),
    Contradiction({"ApiPort": "70000"}, "refuse a port that is none"),
    Contradiction({"ImageUri": "sparta:latest"}, "refuse an image without a digest"),
    Contradiction({"LogRetentionDays": "31"}, "refuse a retention that CloudWatch does not offer"),
    Contradiction({"ValidatorMonitorSchedule": "every 5 minutes"}, "refuse a schedule that is none"),
    Contradiction({"MissRateAlertThreshold": "20"}, "refuse a rate over one"),
]


@rule("what nobody can mean is refused at once, not found out when half of the system exists", once=True)
def contradiction_refused(system: System) -> Iterator[Finding]:
    for template in top_level(system.templates):
        declared = template.section("Parameters")
        for values, advice in CONTRADICTIONS:
            changed = {**system.values, **values}
            if values.keys() <= declared.keys() and not _refused(template, changed, values, system):
                what = ", ".join(f"{name} {value!r}" for name, value in values.items())
                where = f"Parameters.{[name for name in values if name != IDENTITY][-1]}"
                yield Finding(template.name, where, f"{what}: {advice}, by AllowedPattern, AllowedValues or Rules")


def _refused(template: Template, values: Mapping[str, str], changed: Mapping[str, str], system: System) -> bool:
    declared = template.section("Parameters")
    by_itself = any(objection(declared[name], value) for name, value in changed.items())
    return by_itself or bool(refused(system.templates, values))


@rule("a parameter that takes anything lets a slip of the keyboard through to the running system", once=True)
def parameter_constrained(system: System) -> Iterator[Finding]:
    for template in top_level(system.templates):
        for name, declared in template.section("Parameters").items():
            bounded = bool(BOUNDS & declared.keys())
            typed = text(declared.get("Type")).startswith(("AWS::", "List<AWS::"))
            listed = bool(items(declared.get("AllowedValues")))
            pattern = text(declared.get("AllowedPattern"))
            if not (bounded or typed or listed or pattern):
                advice = "takes anything; give AllowedPattern, AllowedValues or a range"
                yield Finding(template.name, f"Parameters.{name}", advice)
            elif pattern and not (bounded or listed) and not objection(declared, NONSENSE):
                yield Finding(template.name, f"Parameters.{name}", f"takes anything ({pattern}); make it narrower")
