"""Security groups: what is needed passes, nothing else does; each mistake is said where it was made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Bodies, Mistake, both, put, remove

S = "security/Resources"
ALB, API, BOT = f"{S}/LoadBalancerSecurityGroup", f"{S}/ApiSecurityGroup", f"{S}/BotSecurityGroup"
ENDPOINTS = "network/Resources/EndpointSecurityGroup"
PRIVATE = {"InterfaceEndpoints": "true"}
CLOUDFRONT = {
    "EnableCloudFront": "true",
    "DomainName": "sparta.example.com",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "CertificateArn": "",
    "CloudFrontCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
}


def opened(group: str, direction: str = "Ingress", **body: Any) -> Mistake:
    """One more rule in a group: TCP on port 443 unless said otherwise."""
    usual = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Description": "Planted"}
    return put(f"{group}/Properties/SecurityGroup{direction}/+", {**usual, **body})


def entered(group: str, **body: Any) -> Mistake:
    """The first ingress of a group that has none yet."""
    return both(put(f"{group}/Properties/SecurityGroupIngress", []), opened(group, **body))


def changed(group: str, direction: str, text: str, **body: Any) -> Mistake:
    """Other values in the rules of a group whose description begins so, also inside Fn::If."""

    def change(node: Any) -> None:
        if isinstance(node, dict) and str(node.get("Description", "")).startswith(text):
            node.update(body)
            for key in [key for key, value in body.items() if value is None]:
                del node[key]
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
            change(inner)

    def mistake(bodies: Bodies) -> None:
        stack, _, name = group.split("/")
        change(bodies[stack]["Resources"][name]["Properties"][f"SecurityGroup{direction}"])

    return mistake


def attribute(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "GroupId"]}


PORT = {"Ref": "ApiPort"}
VPC = {"Ref": "VpcCidr"}

OPEN = [
    case("SSH from everywhere", "security ApiSecurityGroup open-to-internet",
         opened(API, FromPort=22, ToPort=22, CidrIp="0.0.0.0/0")),
    case("the API's port from everywhere", "security ApiSecurityGroup open-to-internet",
         opened(API, FromPort=PORT, ToPort=PORT, CidrIp="0.0.0.0/0")),
    case("everywhere by IPv6", "security ApiSecurityGroup open-to-internet",
         opened(API, FromPort=PORT, ToPort=PORT, CidrIpv6="::/0")),
    case("half of the internet", "security BotSecurityGroup open-to-internet", entered(BOT, CidrIp="128.0.0.0/1")),
    case("a database on the load balancer", "security LoadBalancerSecurityGroup open-to-internet",
         opened(ALB, FromPort=5432, ToPort=5432, CidrIp="0.0.0.0/0")),
    case("every port of the load balancer", "security LoadBalancerSecurityGroup open-to-internet",
         opened(ALB, FromPort=0, ToPort=65535, CidrIp="0.0.0.0/0")),
    case("an opening in a resource of its own", "security Door open-to-internet",
         put(f"{S}/Door", {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
             "GroupId": attribute("BotSecurityGroup"), "IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389,
             "CidrIp": "0.0.0.0/0", "Description": "Desktop"}})),
    case("endpoints open to the internet", "network EndpointSecurityGroup open-to-internet",
         put(f"{ENDPOINTS}/Properties/SecurityGroupIngress/0/CidrIp", "0.0.0.0/0"), **PRIVATE),
    case("everybody past CloudFront", "security LoadBalancerSecurityGroup only-cloudfront-enters",
         changed(ALB, "Ingress", "HTTPS from CloudFront", SourcePrefixListId=None, CidrIp="0.0.0.0/0"), **CLOUDFRONT),
    case("a range of ports", "security ApiSecurityGroup one-port-each",
         changed(API, "Ingress", "Load balancer", FromPort=3000, ToPort=3010)),
    case("no ports at all", "security BotSecurityGroup one-port-each",
         opened(BOT, "Egress", FromPort=None, ToPort=None, CidrIp="0.0.0.0/0")),
    case("all protocols out", "security ApiSecurityGroup one-port-each",
         opened(API, "Egress", IpProtocol="-1", CidrIp="0.0.0.0/0")),
    case("UDP for a listener of TCP", "security ApiSecurityGroup one-port-each",
         changed(API, "Ingress", "Load balancer", IpProtocol="udp")),
    case("a rule for nobody", "security ApiSecurityGroup one-peer-each",
         changed(API, "Ingress", "Load balancer", SourceSecurityGroupId=None)),
    case("a rule for two", "security ApiSecurityGroup one-peer-each",
         changed(API, "Ingress", "Load balancer", CidrIp=VPC)),
    case("a source on the way out", "security BotSecurityGroup one-peer-each",
         changed(BOT, "Egress", "API tasks", CidrIp=None, SourceSecurityGroupId=attribute("ApiSecurityGroup"))),
    case("a rule twice", "security ApiSecurityGroup opening-given-once",
         changed(API, "Ingress", "Bot", SourceSecurityGroupId=attribute("LoadBalancerSecurityGroup"))),
    case("egress not listed", "security BotSecurityGroup egress-listed",
         remove(f"{BOT}/Properties/SecurityGroupEgress")),
    case("an empty list of egress", "security LoadBalancerSecurityGroup egress-listed",
         put(f"{ALB}/Properties/SecurityGroupEgress", [])),
    case("the load balancer to the internet", "security LoadBalancerSecurityGroup egress-stays-inside",
         put(f"{ALB}/Properties/SecurityGroupEgress/0/CidrIp", "0.0.0.0/0")),
    case("endpoints to the internet", "network EndpointSecurityGroup egress-stays-inside",
         put(f"{ENDPOINTS}/Properties/SecurityGroupEgress/0/CidrIp", "0.0.0.0/0"), **PRIVATE),
    case("an office nobody connected", "security LoadBalancerSecurityGroup peer-known",
         opened(ALB, CidrIp="192.168.7.0/24")),
    case("an umlaut in a description", "security ApiSecurityGroup group-described",
         put(f"{API}/Properties/GroupDescription", "API für Aufgaben")),
    case("an apostrophe in a rule", "security ApiSecurityGroup group-described",
         changed(API, "Ingress", "Load balancer", Description="Load balancer's requests")),
    case("a rule without a word", "security BotSecurityGroup group-described",
         remove(f"{BOT}/Properties/SecurityGroupEgress/0/Description")),
    case("a load balancer in the default group", "services LoadBalancer group-given",
         remove("services/Resources/LoadBalancer/Properties/SecurityGroups")),
    case("tasks in the default group", "services BotService group-given",
         put("services/Resources/BotService/Properties/NetworkConfiguration/AwsvpcConfiguration/SecurityGroups", [])),
    case("a group that guards nothing", "security Spare group-used",
         put(f"{S}/Spare", {"Type": "AWS::EC2::SecurityGroup", "Properties": {
             "GroupDescription": "Spare", "VpcId": {"Ref": "VpcId"}, "SecurityGroupEgress": [
                 {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": VPC, "Description": "Spare"}]}})),
]  # fmt: skip

NEEDED = [
    case("HTTPS closed", "security LoadBalancerSecurityGroup needed-connection-open",
         changed(ALB, "Ingress", "HTTPS from the internet", FromPort=8443, ToPort=8443)),
    case("CloudFront let in where there is none", "security LoadBalancerSecurityGroup needed-connection-open",
         put("security/Conditions/HasCloudFront", {"Fn::Equals": [{"Ref": "EnableCloudFront"}, "false"]})),
    case("no way from the load balancer to the API", "security LoadBalancerSecurityGroup needed-connection-open",
         changed(ALB, "Egress", "API tasks", FromPort=80, ToPort=80)),
    case("the load balancer not let in", "security ApiSecurityGroup needed-connection-open",
         changed(API, "Ingress", "Load balancer", SourceSecurityGroupId=attribute("ApiSecurityGroup"))),
    case("the bot not let in", "security ApiSecurityGroup needed-connection-open",
         changed(API, "Ingress", "Bot", SourceSecurityGroupId=attribute("LoadBalancerSecurityGroup"))),
    case("the bot not let out to the API", "security BotSecurityGroup needed-connection-open",
         remove(f"{BOT}/Properties/SecurityGroupEgress/1")),
    case("the bot not let out to Discord", "security BotSecurityGroup needed-connection-open",
         put(f"{BOT}/Properties/SecurityGroupEgress/0/CidrIp", VPC)),
    case("another port than the tasks'", "security ApiSecurityGroup needed-connection-open",
         changed(API, "Ingress", "Load balancer", FromPort=8000, ToPort=8000)),
    case("no way to AWS", "security ApiSecurityGroup needed-connection-open",
         changed(API, "Egress", "AWS, Discord", FromPort=80, ToPort=80)),
    case("operators' nodes not reached", "security ApiSecurityGroup needed-connection-open",
         changed(API, "Egress", "Readiness", FromPort=8080, ToPort=8080)),
    case("an Aztec node on a port that is closed", "security ApiSecurityGroup needed-connection-open",
         put("root/Resources/Services/Properties/Parameters/AztecRpcUrl", "https://node.example.com:9999")),
    case("endpoints that let nobody in", "network EndpointSecurityGroup needed-connection-open",
         changed(ENDPOINTS, "Ingress", "Tasks", FromPort=80, ToPort=80), **PRIVATE),
    case("the groups of two services exchanged", "security BotSecurityGroup needed-connection-open",
         put("services/Resources/ApiService/Properties/NetworkConfiguration/AwsvpcConfiguration/SecurityGroups/0",
             {"Ref": "BotSecurityGroupId"})),
]  # fmt: skip

SURPLUS = [
    case("a way in to the bot", "security BotSecurityGroup no-other-ingress",
         entered(BOT, FromPort=PORT, ToPort=PORT, SourceSecurityGroupId=attribute("ApiSecurityGroup"))),
    case("another port of the API", "security ApiSecurityGroup no-other-ingress",
         opened(API, FromPort=9000, ToPort=9000, SourceSecurityGroupId=attribute("LoadBalancerSecurityGroup"))),
    case("the API's tasks to each other", "security ApiSecurityGroup no-other-ingress",
         opened(API, FromPort=PORT, ToPort=PORT, SourceSecurityGroupId=attribute("ApiSecurityGroup"))),
    case("the whole VPC to the API", "security ApiSecurityGroup ingress-names-group",
         opened(API, FromPort=PORT, ToPort=PORT, CidrIp=VPC)),
    case("mail from the API", "security ApiSecurityGroup no-other-egress",
         opened(API, "Egress", FromPort=25, ToPort=25, CidrIp="0.0.0.0/0")),
    case("plain HTTP from the bot", "security BotSecurityGroup no-other-egress",
         opened(BOT, "Egress", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0")),
    case("a database from the load balancer", "security LoadBalancerSecurityGroup no-other-egress",
         opened(ALB, "Egress", FromPort=5432, ToPort=5432, CidrIp=VPC)),
    case("the API by way of the internet", "security BotSecurityGroup inside-stays-inside",
         put(f"{BOT}/Properties/SecurityGroupEgress/1/CidrIp", "0.0.0.0/0")),
]  # fmt: skip

CASES = [*OPEN, *NEEDED, *SURPLUS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about security groups stands without a mistake that it sees."""
    assert not unproven(CASES, "security_groups", "security_groups_needs")


HARMLESS = [
    pytest.param(both(), {"ApiPort": "8000"}, id="another port everywhere"),
    pytest.param(both(), {"AztecRpcPort": "9999", "AztecRpcUrl": "https://node.example.com:9999"}, id="its own port"),
    pytest.param(both(), {"EthereumHost": "", "EthereumRpcPort": "8545",
                          "EthereumHostSecretArn": "arn:aws:secretsmanager:eu-west-2:123456789012:secret:rpc-AbCdEf"},
                 id="an RPC URL that only its secret knows"),
    pytest.param(changed(API, "Ingress", "Bot", Description="Bot (service discovery)"), {}, id="another description"),
    pytest.param(both(), CLOUDFRONT, id="CloudFront in front"),
    pytest.param(both(), PRIVATE, id="private endpoints"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "given"), HARMLESS)
def test_harmless_change_is_not_named(change: Mistake, given: dict[str, str]) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change, **given)}
