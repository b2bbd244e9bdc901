"""The load balancer: listeners that answer nobody, loops, checks that say nothing, names nobody can prove."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, put, remove

RESOURCES = "services/Resources"
BALANCER = f"{RESOURCES}/LoadBalancer/Properties"
ATTRIBUTES = f"{BALANCER}/LoadBalancerAttributes"
GROUP = f"{RESOURCES}/TargetGroup/Properties"
HTTP = f"{RESOURCES}/HttpListener/Properties"
HTTPS = f"{RESOURCES}/HttpsListener/Properties"
REDIRECT = f"{HTTP}/DefaultActions/0/Fn::If/1/RedirectConfig"
RULE = f"{RESOURCES}/CloudFrontOnly/Properties"
CERTIFICATE = f"{RESOURCES}/Certificate/Properties"
ORIGIN_RECORD = f"{RESOURCES}/OriginRecord/Properties"
DOMAIN_RECORD = "root/Resources/DomainRecord/Properties"
DISTRIBUTION = "edge/Resources/Distribution/Properties/DistributionConfig"
CLOUDFRONT = {
    "EnableCloudFront": "true",
    "CloudFrontCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "CloudFrontPrefixListId": "pl-12345678",
}
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}
OTHER_GROUP = {
    "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "Properties": {"TargetType": "ip", "Protocol": "HTTP", "Port": 3000, "HealthCheckPath": "/health"},
}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def redirect(protocol: str, port: str, **more: str) -> dict[str, Any]:
    return {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": protocol, "Port": port, "StatusCode": "HTTP_301", **more},
    }


LISTENERS = [
    case("HTTPS on another port", "services HttpsListener listener-on-usual-port", put(f"{HTTPS}/Port", 8443)),
    case("HTTP on the port of HTTPS", "services HttpListener listener-on-usual-port", put(f"{HTTP}/Port", 443)),
    case("two listeners on one port", "services Second listener-on-usual-port",
         put(f"{RESOURCES}/Second", {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties":
             {"LoadBalancerArn": ref("LoadBalancer"), "Protocol": "HTTP", "Port": 80, "DefaultActions": [FORWARD]}})),
    case("no certificate", "services HttpsListener listener-encrypts", remove(f"{HTTPS}/Certificates")),
    case("TLS of 2016", "services HttpsListener listener-encrypts",
         put(f"{HTTPS}/SslPolicy", "ELBSecurityPolicy-2016-08")),
    case("TLS of today with ciphers of 2016", "services HttpsListener listener-encrypts",
         put(f"{HTTPS}/SslPolicy", "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06")),
    case("ELB's default TLS", "services HttpsListener listener-encrypts", remove(f"{HTTPS}/SslPolicy")),
    case("a certificate for HTTP", "services HttpListener listener-encrypts",
         put(f"{HTTP}/Certificates", [{"CertificateArn": ref("CertificateArn")}])),
    case("plain HTTP", "services HttpListener http-only-redirects", put(f"{HTTP}/DefaultActions", [FORWARD])),
    case("the branches of HTTPS swapped", "services HttpListener http-only-redirects",
         put(f"{HTTP}/DefaultActions/0/Fn::If", ["HasHttps", FORWARD, redirect("HTTPS", "443")])),
    case("HTTPS turned into HTTP", "services HttpsListener http-only-redirects",
         put(f"{HTTPS}/Protocol", "HTTP"), put(f"{HTTPS}/DefaultActions", [FORWARD])),
    case("a redirect that loses the page", "services HttpListener redirect-keeps-the-page",
         put(f"{REDIRECT}/Path", "/")),
    case("a redirect to somebody else", "services HttpListener redirect-keeps-the-page",
         put(f"{REDIRECT}/Host", "example.org")),
    case("a redirect to itself", "services HttpListener redirect-leads-somewhere", put(f"{REDIRECT}/Protocol", "HTTP"),
         put(f"{REDIRECT}/Port", "80")),
    case("a redirect without a port", "services HttpListener redirect-leads-somewhere", remove(f"{REDIRECT}/Port")),
    case("HTTPS that redirects to HTTPS", "services HttpsListener redirect-leads-somewhere",
         put(f"{HTTPS}/DefaultActions", [redirect("HTTPS", "443")])),
    case("a redirect into nowhere", "services HttpListener redirect-leads-somewhere", put(f"{REDIRECT}/Port", "8443")),
    case("forward without a target", "services HttpsListener forwards-to-a-service",
         put(f"{HTTPS}/DefaultActions", [{"Type": "forward"}])),
    case("a group that nobody fills", "services HttpsListener forwards-to-a-service",
         put(f"{RESOURCES}/Empty", OTHER_GROUP),
         put(f"{HTTPS}/DefaultActions", [{"Type": "forward", "TargetGroupArn": ref("Empty")}])),
    case("a service before its listener", "services ApiService service-after-its-listener",
         remove(f"{RESOURCES}/ApiService/Properties/Tags")),
    case("a service after the wrong listener", "services ApiService service-after-its-listener",
         remove(f"{RESOURCES}/ApiService/Properties/Tags"), put(f"{RESOURCES}/ApiService/DependsOn", "HttpListener")),
    case("a group that no listener uses", "services ApiService service-after-its-listener",
         put(f"{HTTPS}/DefaultActions", [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])),
    case("two rules of one priority", "services Again listener-rules-distinct",
         put(f"{RESOURCES}/Again", {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties":
             {"ListenerArn": ref("HttpsListener"), "Priority": 1, "Actions": [FORWARD],
              "Conditions": [{"Field": "path-pattern", "Values": ["/x"]}]}}), **CLOUDFRONT),
    case("a rule for nothing", "services CloudFrontOnly listener-rules-distinct", remove(f"{RULE}/Conditions"),
         **CLOUDFRONT),
    case("a balancer for TCP", "services LoadBalancer balancer-settings", put(f"{BALANCER}/Type", "network")),
    case("a balancer nobody reaches", "services LoadBalancer balancer-settings", put(f"{BALANCER}/Scheme", "internal")),
    case("malformed headers", "services LoadBalancer balancer-settings", put(f"{ATTRIBUTES}/1/Value", "false")),
    case("nothing said about headers", "services LoadBalancer balancer-settings", remove(f"{ATTRIBUTES}/1")),
    case("deletable in production", "services LoadBalancer balancer-settings", put(f"{ATTRIBUTES}/0/Value", "false")),
    case("protection on the wrong branch", "services LoadBalancer balancer-settings",
         put(f"{ATTRIBUTES}/0/Value", {"Fn::If": ["IsProduction", "false", "true"]})),
    case("smuggled requests", "services LoadBalancer balancer-settings",
         put(f"{ATTRIBUTES}/+", {"Key": "routing.http.desync_mitigation_mode", "Value": "monitor"})),
    case("a misspelt attribute", "services LoadBalancer attributes-known",
         put(f"{ATTRIBUTES}/2/Key", "idle_timeout.seconds")),
    case("an attribute of the other kind", "services TargetGroup attributes-known",
         put(f"{GROUP}/TargetGroupAttributes/0/Key", "deletion_protection.enabled")),
    case("connections kept for ten minutes", "services LoadBalancer balancer-idle-timeout",
         put(f"{ATTRIBUTES}/2/Value", "600")),
    case("connections cut after five seconds", "services LoadBalancer balancer-idle-timeout",
         put(f"{ATTRIBUTES}/2/Value", "5")),
]  # fmt: skip

TARGETS = [
    case("targets that are machines", "services TargetGroup targets-are-tasks", put(f"{GROUP}/TargetType", "instance")),
    case("no kind of target, which means machines", "services TargetGroup targets-are-tasks",
         remove(f"{GROUP}/TargetType")),
    case("HTTPS to the API", "services TargetGroup targets-are-tasks", put(f"{GROUP}/Protocol", "HTTPS")),
    case("HTTP/2 to gunicorn", "services TargetGroup targets-are-tasks", put(f"{GROUP}/ProtocolVersion", "HTTP2")),
    case("another port", "services TargetGroup targets-are-tasks", put(f"{GROUP}/Port", 80)),
    case("the readiness page", "services TargetGroup health-check-meaningful",
         put(f"{GROUP}/HealthCheckPath", "/ready")),
    case("a page that needs a key", "services TargetGroup health-check-meaningful",
         put(f"{GROUP}/HealthCheckPath", "/api/operator/operators")),
    case("ELB's own page", "services TargetGroup health-check-meaningful", remove(f"{GROUP}/HealthCheckPath")),
    case("no check", "services TargetGroup health-check-meaningful", put(f"{GROUP}/HealthCheckEnabled", False)),
    case("a check by TCP", "services TargetGroup health-check-meaningful", put(f"{GROUP}/HealthCheckProtocol", "TCP")),
    case("a check on another port", "services TargetGroup health-check-meaningful",
         put(f"{GROUP}/HealthCheckPort", "8080")),
    case("errors taken for health", "services TargetGroup health-check-meaningful",
         put(f"{GROUP}/Matcher/HttpCode", "200-499")),
    case("a check longer than its interval", "services TargetGroup health-check-in-time",
         put(f"{GROUP}/HealthCheckTimeoutSeconds", 60)),
    case("one slow answer is death", "services TargetGroup health-check-in-time",
         put(f"{GROUP}/UnhealthyThresholdCount", 1)),
    case("dead for ten minutes", "services TargetGroup health-check-in-time",
         put(f"{GROUP}/HealthCheckIntervalSeconds", 300)),
    case("a new task not trusted", "services TargetGroup health-check-in-time",
         put(f"{GROUP}/HealthyThresholdCount", 20)),
    case("requests cut off", "services TargetGroup draining-in-time",
         put(f"{GROUP}/TargetGroupAttributes/0/Value", "0")),
    case("five minutes for each task", "services TargetGroup draining-in-time",
         remove(f"{GROUP}/TargetGroupAttributes")),
]  # fmt: skip

NAMES = [
    case("another balancer's zone", "services OriginRecord alias-fits-its-target",
         put(f"{ORIGIN_RECORD}/AliasTarget/HostedZoneId", ref("HostedZoneId")), **CLOUDFRONT),
    case("CloudFront's zone for the balancer", "root DomainRecord alias-fits-its-target",
         put(f"{DOMAIN_RECORD}/AliasTarget/HostedZoneId", "Z2FDTNDATAQYW2")),
    case("CloudFront's health asked for", "root DomainRecord alias-fits-its-target",
         put(f"{DOMAIN_RECORD}/AliasTarget/EvaluateTargetHealth", True), **CLOUDFRONT),
    case("an alias that is a CNAME", "root DomainRecord alias-fits-its-target", put(f"{DOMAIN_RECORD}/Type", "CNAME")),
    case("a record in no zone", "root DomainRecord record-in-a-zone", remove(f"{DOMAIN_RECORD}/HostedZoneId")),
    case("a record in a VPC", "services OriginRecord record-in-a-zone",
         put(f"{ORIGIN_RECORD}/HostedZoneId", ref("VpcId")), **CLOUDFRONT),
    case("a certificate proven in a VPC", "services Certificate record-in-a-zone",
         put(f"{CERTIFICATE}/DomainValidationOptions/0/HostedZoneId", ref("VpcId"))),
    case("a certificate proven by mail", "services Certificate certificate-proves-itself",
         put(f"{CERTIFICATE}/ValidationMethod", "EMAIL")),
    case("a certificate that nobody proves", "services Certificate certificate-proves-itself",
         remove(f"{CERTIFICATE}/DomainValidationOptions")),
    case("a second name that nobody proves", "services Certificate certificate-proves-itself",
         remove(f"{CERTIFICATE}/DomainValidationOptions/1"), **CLOUDFRONT),
    case("a secret shown for a certificate", "services HttpsListener listener-shows-its-certificate",
         put(f"{HTTPS}/Certificates/0/CertificateArn/Fn::If/2", ref("AztecRpcUrlSecretArn")),
         DomainName="", HostedZoneId="", CertificateArn=CLOUDFRONT["CloudFrontCertificateArn"]),
    case("a certificate for another name", "services HttpsListener certificate-covers-names",
         put(f"{CERTIFICATE}/DomainName", {"Fn::Sub": "api.${DomainName}"})),
    case("a certificate without the origin's name", "services HttpsListener certificate-covers-names",
         remove(f"{CERTIFICATE}/SubjectAlternativeNames"), **CLOUDFRONT),
    case("CloudFront calls another name", "edge Distribution origin-has-a-name",
         put(f"{DISTRIBUTION}/Origins/0/DomainName", {"Fn::Sub": "lb.${DomainName}"}), **CLOUDFRONT),
    case("anybody may pass CloudFront by", "services HttpsListener balancer-behind-cloudfront",
         put(f"{HTTPS}/DefaultActions", [FORWARD]), **CLOUDFRONT),
    case("CloudFront sends another header", "edge Distribution balancer-behind-cloudfront",
         put(f"{DISTRIBUTION}/Origins/0/OriginCustomHeaders/0/HeaderName", "X-Origin"), **CLOUDFRONT),
    case("the rule asks for another header", "edge Distribution balancer-behind-cloudfront",
         put(f"{RULE}/Conditions/0/HttpHeaderConfig/HttpHeaderName", "X-Origin"), **CLOUDFRONT),
    case("CloudFront sends no header", "edge Distribution balancer-behind-cloudfront",
         remove(f"{DISTRIBUTION}/Origins/0/OriginCustomHeaders"), **CLOUDFRONT),
    case("a header that everybody knows", "services CloudFrontOnly origin-header-is-random",
         put(f"{RULE}/Conditions/0/HttpHeaderConfig/Values", ["cloudfront"]), **CLOUDFRONT),
]  # fmt: skip

CASES = [*LISTENERS, *TARGETS, *NAMES]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about the load balancer stands without a mistake that it sees."""
    assert not unproven(CASES, "load_balancer", "load_balancer_targets", "load_balancer_names")


HARMLESS = [
    pytest.param(put(f"{GROUP}/HealthCheckIntervalSeconds", 20), id="checks a little rarer"),
    pytest.param(put(f"{GROUP}/HealthyThresholdCount", 3), id="one more check"),
    pytest.param(put(f"{GROUP}/TargetGroupAttributes/0/Value", "60"), id="a minute to drain"),
    pytest.param(put(f"{GROUP}/HealthCheckPort", "traffic-port"), id="the target's port by name"),
    pytest.param(put(f"{HTTPS}/SslPolicy", "ELBSecurityPolicy-TLS13-1-3-2021-06"), id="TLS 1.3 only"),
    pytest.param(put(f"{HTTPS}/SslPolicy", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"), id="ciphers of tomorrow"),
    pytest.param(put(f"{REDIRECT}/Host", "#{host}"), id="the same host, spelt out"),
    pytest.param(remove(f"{BALANCER}/Scheme"), id="public, as ELB has it"),
    pytest.param(put(f"{ATTRIBUTES}/+", {"Key": "routing.http2.enabled", "Value": "true"}), id="HTTP/2 spelt out"),
    pytest.param(put(f"{ORIGIN_RECORD}/AliasTarget/EvaluateTargetHealth", False), id="health not asked for"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
