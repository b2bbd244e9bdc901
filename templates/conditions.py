"""Conditions that several stacks share, by name; :func:`templates.stack.declare_conditions` adds those a stack uses.

They depend on deploy-time parameters only: in a nested change set a sibling's output is not known yet.
"""

from __future__ import annotations

from troposphere import And, Condition, Equals, Not, Or, Ref


def _given(parameter: str) -> Not:
    return Not(Equals(Ref(parameter), ""))


def _is_true(parameter: str) -> Equals:
    return Equals(Ref(parameter), "true")


def _port_differs(parameter: str, *others: object) -> list[Not]:
    return [Not(Equals(Ref(parameter), other)) for other in others]


CONDITIONS = {
    "IsProduction": Equals(Ref("Environment"), "production"),
    # network
    "HasNatPerZone": Equals(Ref("NatGatewayMode"), "per-zone"),
    "HasInterfaceEndpoints": _is_true("InterfaceEndpoints"),
    # edge
    "HasDomain": _given("DomainName"),
    "HasCloudFront": _is_true("EnableCloudFront"),
    "HasHttps": Or(_given("CertificateArn"), _given("DomainName"), Condition("HasCloudFront")),
    "HasNoCloudFront": Not(Condition("HasCloudFront")),
    # application
    "HasCorsAllowedOrigins": _given("CorsAllowedOrigins"),
    "HasStakingAssetHandler": _given("StakingAssetHandlerAddress"),
    "HasRollupAddress": _given("RollupAddress"),
    "HasRegistryAddress": _given("RegistryAddress"),
    "HasEthereumHostSecret": _given("EthereumHostSecretArn"),
    "HasAztecRpcUrlSecret": _given("AztecRpcUrlSecretArn"),
    # The API's group opens 443, 8080 and 40400 in any case; a rule that stands twice is refused by EC2.
    "HasOwnEthereumPort": And(*_port_differs("EthereumRpcPort", "443", "8080", "40400")),
    "HasOwnAztecPort": And(*_port_differs("AztecRpcPort", "443", "8080", "40400", Ref("EthereumRpcPort"))),
    # monitor
    "HasMonitorSchedule": _is_true("EnableValidatorMonitorSchedule"),
    # observability
    "HasBot": Not(Equals(Ref("BotDesiredCount"), "0")),
    "HasAlertEmail": _given("AlertEmail"),
    # bootstrap
    "HasGitHubRepository": _given("GitHubRepository"),
    "HasOwnOidcProvider": And(_given("GitHubRepository"), Equals(Ref("GitHubOidcProviderArn"), "")),
    "HasGivenOidcProvider": _given("GitHubOidcProviderArn"),
}
