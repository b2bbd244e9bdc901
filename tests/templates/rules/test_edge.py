"""CloudFront and its web ACL: encrypted, passed on, not kept, looked at; each mistake is said where it was made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Mistake, both, put, remove

CERTIFICATE = "certificate/12345678-1234-1234-1234-123456789012"
CLOUDFRONT = {
    "EnableCloudFront": "true",
    "DomainName": "sparta.example.com",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
    "CertificateArn": "",
    "CloudFrontCertificateArn": f"arn:aws:acm:us-east-1:123456789012:{CERTIFICATE}",
}
CONFIG = "edge/Resources/Distribution/Properties/DistributionConfig"
BEHAVIOR, ORIGIN = f"{CONFIG}/DefaultCacheBehavior", f"{CONFIG}/Origins/0"
ACL = "edge/Resources/WebAcl/Properties"
LIMIT = f"{ACL}/Rules/0/Statement/RateBasedStatement"
ASSOCIATION = "edge/Resources/WebAclAssociation"
BALANCER = "services/Resources/LoadBalancer/Properties"


def planted(what: str, expected: str, *mistakes: Mistake) -> Any:
    """A mistake with CloudFront switched on."""
    return case(what, expected, *mistakes, **CLOUDFRONT)


DISTRIBUTION = [
    planted("chosen and not made", "root Parameters.EnableCloudFront cloudfront-as-chosen",
            remove("root/Resources/Edge")),
    case("made and not chosen", "root Parameters.EnableCloudFront cloudfront-as-chosen",
         remove("root/Resources/Edge/Condition")),
    planted("switched off", "edge Distribution distribution-enabled", put(f"{CONFIG}/Enabled", False)),
    planted("plain HTTP for people", "edge Distribution viewers-use-https",
            put(f"{BEHAVIOR}/ViewerProtocolPolicy", "allow-all")),
    planted("old TLS", "edge Distribution viewer-certificate-current",
            put(f"{CONFIG}/ViewerCertificate/MinimumProtocolVersion", "TLSv1")),
    planted("TLS not said", "edge Distribution viewer-certificate-current",
            remove(f"{CONFIG}/ViewerCertificate/MinimumProtocolVersion")),
    planted("CloudFront's own certificate", "edge Distribution viewer-certificate-current",
            put(f"{CONFIG}/ViewerCertificate", {"CloudFrontDefaultCertificate": True})),
    planted("a fixed address", "edge Distribution viewer-certificate-current",
            put(f"{CONFIG}/ViewerCertificate/SslSupportMethod", "vip")),
    planted("a certificate of this region", "edge Distribution certificate-of-right-region",
            put("root/Resources/Edge/Properties/Parameters/CloudFrontCertificateArn",
                f"arn:aws:acm:eu-west-2:123456789012:{CERTIFICATE}")),
    planted("CloudFront's certificate on the listener", "services HttpsListener certificate-of-right-region",
            put("services/Resources/HttpsListener/Properties/Certificates",
                [{"CertificateArn": f"arn:aws:acm:us-east-1:123456789012:{CERTIFICATE}"}])),
    planted("plain HTTP behind CloudFront", "edge Distribution origin-over-tls",
            put(f"{ORIGIN}/CustomOriginConfig/OriginProtocolPolicy", "http-only")),
    planted("HTTP as people do", "edge Distribution origin-over-tls",
            put(f"{ORIGIN}/CustomOriginConfig/OriginProtocolPolicy", "match-viewer")),
    planted("old TLS behind CloudFront", "edge Distribution origin-over-tls",
            put(f"{ORIGIN}/CustomOriginConfig/OriginSSLProtocols", ["TLSv1", "TLSv1.2"])),
    planted("an origin taken for a bucket", "edge Distribution origin-over-tls",
            remove(f"{ORIGIN}/CustomOriginConfig")),
    planted("ten minutes for an answer", "edge Distribution origin-timeouts-allowed",
            put(f"{ORIGIN}/CustomOriginConfig/OriginReadTimeout", 600)),
    planted("a port where nothing listens", "edge Distribution origin-port-listens",
            put(f"{ORIGIN}/CustomOriginConfig/HTTPSPort", 8443)),
    planted("an origin nobody declared", "edge Distribution origin-declared", put(f"{BEHAVIOR}/TargetOriginId", "api")),
    planted("answers kept", "edge Distribution answers-not-cached",
            put(f"{BEHAVIOR}/CachePolicyId", "658327ea-f89d-4fab-a63d-7e88639e58f6")),
    planted("nothing said about keeping", "edge Distribution answers-not-cached", remove(f"{BEHAVIOR}/CachePolicyId")),
    planted("reading only", "edge Distribution requests-passed-on", put(f"{BEHAVIOR}/AllowedMethods", ["GET", "HEAD"])),
    planted("the default methods", "edge Distribution requests-passed-on", remove(f"{BEHAVIOR}/AllowedMethods")),
    planted("keys that stay behind", "edge Distribution requests-passed-on",
            remove(f"{BEHAVIOR}/OriginRequestPolicyId")),
    planted("headers for a bucket", "edge Distribution requests-passed-on",
            put(f"{BEHAVIOR}/OriginRequestPolicyId", "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf")),
    planted("no security headers", "edge Distribution answers-carry-security-headers",
            remove(f"{BEHAVIOR}/ResponseHeadersPolicyId")),
    planted("headers for scripts only", "edge Distribution answers-carry-security-headers",
            put(f"{BEHAVIOR}/ResponseHeadersPolicyId", "60669652-455b-4ae9-85a4-c4c02393f86c")),
    planted("an unknown name", "edge Distribution distribution-knows-its-names",
            put(f"{CONFIG}/Aliases", ["www.example.com"])),
    planted("people sent past CloudFront", "edge Distribution domain-leads-to-distribution",
            put("root/Resources/DomainRecord/Properties/AliasTarget/DNSName",
                {"Fn::GetAtt": ["Services", "Outputs.LoadBalancerDnsName"]})),
    case("a domain that leads nowhere", "root Parameters.DomainName domain-has-record",
         put("root/Resources/DomainRecord/Condition", "HasCloudFront")),
    case("an address without encryption", "root Outputs.ApiUrl output-says-scheme",
         put("root/Conditions/HasHttps", {"Fn::Equals": [{"Ref": "CertificateArn"}, ""]}),
         DomainName="", HostedZoneId="", CertificateArn=f"arn:aws:acm:eu-west-2:123456789012:{CERTIFICATE}"),
    planted("connections kept too long", "edge Distribution origin-keeps-connections-shorter",
            put(f"{ORIGIN}/CustomOriginConfig/OriginKeepaliveTimeout", 100)),
]  # fmt: skip

FIREWALL = [
    planted("an ACL for nothing", "edge WebAcl acl-attached", remove(ASSOCIATION)),
    planted("no ACL at all", "edge Distribution distribution-behind-acl",
            remove(ASSOCIATION), remove("edge/Resources/WebAcl")),
    planted("an ACL of CloudFront's kind", "edge WebAcl acl-scope-fits", put(f"{ACL}/Scope", "CLOUDFRONT")),
    planted("an ACL for a target group", "edge WebAclAssociation acl-scope-fits",
            put("root/Resources/Edge/Properties/Parameters/LoadBalancerArn",
                {"Fn::GetAtt": ["Services", "Outputs.LoadBalancerName"]})),
    planted("everybody locked out", "edge WebAcl acl-lets-people-in", put(f"{ACL}/DefaultAction", {"Block": {}})),
    planted("a rule that lets attacks in", "edge WebAcl acl-lets-people-in",
            put(f"{ACL}/Rules/0/Action", {"Allow": {}})),
    planted("a limit that counts", "edge WebAcl acl-rules-block", put(f"{ACL}/Rules/0/Action", {"Count": {}})),
    planted("a limit without an action", "edge WebAcl acl-rules-block", remove(f"{ACL}/Rules/0/Action")),
    planted("a group that counts", "edge WebAcl acl-rules-block", put(f"{ACL}/Rules/2/OverrideAction", {"Count": {}})),
    planted("a part of a group that counts", "edge WebAcl acl-groups-complete",
            put(f"{ACL}/Rules/3/Statement/ManagedRuleGroupStatement/RuleActionOverrides",
                [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}])),
    planted("no limit", "edge WebAcl acl-limits-callers", remove(f"{ACL}/Rules/0")),
    planted("a limit nobody reaches", "edge WebAcl acl-limits-callers", put(f"{LIMIT}/Limit", 2_000_000)),
    planted("a limit everybody reaches", "edge WebAcl acl-limits-callers", put(f"{LIMIT}/Limit", 10)),
    planted("CloudFront's addresses counted", "edge WebAcl acl-counts-real-callers",
            put(f"{LIMIT}/AggregateKeyType", "IP")),
    planted("another header", "edge WebAcl acl-counts-real-callers",
            put(f"{LIMIT}/ForwardedIPConfig/HeaderName", "X-Real-IP")),
    planted("known attacks let in", "edge WebAcl acl-refuses-known-attacks", remove(f"{ACL}/Rules/2")),
    planted("one group twice, one not", "edge WebAcl acl-refuses-known-attacks",
            put(f"{ACL}/Rules/3/Statement/ManagedRuleGroupStatement/Name", "AWSManagedRulesAmazonIpReputationList")),
    planted("two rules in one place", "edge WebAcl acl-rules-distinct", put(f"{ACL}/Rules/2/Priority", 1)),
    planted("two rules of one name", "edge WebAcl acl-rules-distinct", put(f"{ACL}/Rules/2/Name", "RateLimit")),
    planted("a rule without metrics", "edge WebAcl acl-is-observed",
            put(f"{ACL}/Rules/1/VisibilityConfig/CloudWatchMetricsEnabled", False)),
    planted("an ACL without samples", "edge WebAcl acl-is-observed",
            put(f"{ACL}/VisibilityConfig/SampledRequestsEnabled", False)),
    planted("two rules in one metric", "edge WebAcl acl-is-observed",
            put(f"{ACL}/Rules/1/VisibilityConfig/MetricName", "RateLimit")),
]  # fmt: skip

CASES = [*DISTRIBUTION, *FIREWALL]
ELSEWHERE = {"only-cloudfront-enters"}  # proven with the security groups


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about CloudFront stands without a mistake that it sees."""
    assert unproven(CASES, "edge", "edge_firewall") == ELSEWHERE


HARMLESS = [
    pytest.param(put(f"{CONFIG}/PriceClass", "PriceClass_All"), id="more places"),
    pytest.param(put(f"{CONFIG}/HttpVersion", "http2"), id="an older HTTP"),
    pytest.param(put(f"{CONFIG}/ViewerCertificate/MinimumProtocolVersion", "TLSv1.2_2025"), id="newer TLS"),
    pytest.param(put(f"{LIMIT}/Limit", 1000), id="a lower limit"),
    pytest.param(put(f"{ACL}/Rules/0/Priority", 10), id="another order"),
    pytest.param(put(f"{BALANCER}/Tags", [{"Key": "Owner", "Value": "operations"}]), id="a tag"),
    pytest.param(both(), id="nothing changed"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change, **CLOUDFRONT)}
