"""CloudFormation ``Rules``: contradictory input is refused before anything is created."""

from __future__ import annotations

from typing import Any

from troposphere import Equals, Not, Or, Ref

from templates.parameters.model import FARGATE_MEMORY, MAX_API_TASKS

Rule = dict[str, Any]


def _given(parameter: str) -> Not:
    return Not(Equals(Ref(parameter), ""))


def _all_or_none(first: str, second: str) -> Or:
    """Both parameters are given, or neither."""
    return Or(_and(_given(first), _given(second)), _and(Equals(Ref(first), ""), Equals(Ref(second), "")))


def _and(*tests: Any) -> dict[str, Any]:
    return {"Fn::And": list(tests)}


def _exactly_one(first: str, second: str) -> Or:
    return Or(_and(_given(first), Equals(Ref(second), "")), _and(Equals(Ref(first), ""), _given(second)))


def _rule(*assertions: tuple[Any, str], when: Any = None) -> Rule:
    body: Rule = {"RuleCondition": when} if when is not None else {}
    return body | {"Assertions": [{"Assert": test, "AssertDescription": text} for test, text in assertions]}


def _contains(allowed: list[str], parameter: str) -> dict[str, Any]:
    return {"Fn::Contains": [allowed, Ref(parameter)]}


def _sizes(service: str, cpu: str, memory: tuple[str, ...]) -> Rule:
    text = (
        f"{service}Memory must suit {service}Cpu: with {cpu} CPU units Fargate offers {memory[0]} to {memory[-1]} MiB."
    )
    return _rule((_contains(list(memory), f"{service}Memory"), text), when=Equals(Ref(f"{service}Cpu"), cpu))


def _counts() -> Rule:
    """For each highest number below the limit, the other two are among those up to it; rules know no less-than."""
    text = "ApiDesiredCount must lie between ApiMinCount and ApiMaxCount, and ApiMinCount not above ApiMaxCount."
    assertions = []
    for count in range(1, MAX_API_TASKS):
        up_to = [str(number) for number in range(1, count + 1)]
        from_there = [str(number) for number in range(count + 1, MAX_API_TASKS + 1)]
        both = _and(_contains(up_to, "ApiMinCount"), _contains(up_to, "ApiDesiredCount"))
        assertions.append((Or(Not(Equals(Ref("ApiMaxCount"), str(count))), both), text))
        enough = _contains(from_there, "ApiDesiredCount")
        assertions.append((Or(Not(Equals(Ref("ApiMinCount"), str(count + 1))), enough), text))
    return _rule(*assertions)


RULES: dict[str, Rule] = {
    "ProductionNeedsHttps": _rule(
        (
            Or(_given("CertificateArn"), _given("DomainName")),
            "Production answers by HTTPS only: give CertificateArn, or DomainName and HostedZoneId.",
        ),
        when=Equals(Ref("Environment"), "production"),
    ),
    "ProductionNeedsAlertEmail": _rule(
        (_given("AlertEmail"), "Somebody must hear of production's alarms: give AlertEmail."),
        when=Equals(Ref("Environment"), "production"),
    ),
    "DomainAndZoneTogether": _rule(
        (_all_or_none("DomainName", "HostedZoneId"), "DomainName and HostedZoneId go together: give both or neither.")
    ),
    "CertificateOrDomain": _rule(
        (
            Or(Equals(Ref("CertificateArn"), ""), Equals(Ref("DomainName"), "")),
            "Give either CertificateArn or DomainName: with a domain name the certificate is made for you.",
        )
    ),
    "CloudFrontNeedsDomain": _rule(
        (_given("DomainName"), "CloudFront needs DomainName and HostedZoneId."),
        (_given("CloudFrontCertificateArn"), "CloudFront needs CloudFrontCertificateArn, a certificate in us-east-1."),
        when=Equals(Ref("EnableCloudFront"), "true"),
    ),
    "EthereumEndpointOnce": _rule(
        (_exactly_one("EthereumHost", "EthereumHostSecretArn"), "Give either EthereumHost or EthereumHostSecretArn.")
    ),
    "AztecEndpointOnce": _rule(
        (_exactly_one("AztecRpcUrl", "AztecRpcUrlSecretArn"), "Give either AztecRpcUrl or AztecRpcUrlSecretArn.")
    ),
    "ContractGiven": _rule(
        (
            Or(_given("StakingAssetHandlerAddress"), _given("RollupAddress"), _given("RegistryAddress")),
            "Give StakingAssetHandlerAddress, or for reading only RollupAddress or RegistryAddress.",
        )
    ),
    **{
        f"{service}Size{cpu}": _sizes(service, cpu, memory)
        for service in ("Api", "Bot")
        for cpu, memory in FARGATE_MEMORY.items()
    },
    "ApiCountsInOrder": _counts(),
}
