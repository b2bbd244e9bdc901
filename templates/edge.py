"""Optional: CloudFront in front of the load balancer, with a web ACL.

CloudFront takes certificates and web ACLs of its own only from us-east-1. The certificate is therefore a parameter, and
the web ACL is a regional one on the load balancer: it sees each request that passes CloudFront.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Sub, Template, cloudfront, wafv2

from templates.acceptance import OWN_LOGS, accepted
from templates.load_balancer import ORIGIN_HEADER
from templates.stack import output

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""AWS's managed policies; their ids are the same in every account."""

REQUESTS_PER_FIVE_MINUTES = 2000
MANAGED_RULES = (
    ("AmazonIpReputation", "AWSManagedRulesAmazonIpReputationList"),
    ("KnownBadInputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ("Common", "AWSManagedRulesCommonRuleSet"),
)


def build() -> Template:
    """Stack ``edge``."""
    template = Template(Description="Sparta edge: CloudFront and a web ACL in front of the load balancer.")
    _web_acl(template)
    template.add_resource(
        cloudfront.Distribution(
            "Distribution",
            Metadata=accepted(
                "CKV_AWS_68",
                "The web ACL stands on the load balancer: CloudFront's own must be made in us-east-1.",
                "CKV_AWS_86",
                OWN_LOGS,
            ),
            DistributionConfig=cloudfront.DistributionConfig(
                Comment=Sub("Sparta ${Environment}"),
                Enabled=True,
                HttpVersion="http2and3",
                IPV6Enabled=True,
                PriceClass="PriceClass_100",
                Aliases=[Ref("DomainName")],
                ViewerCertificate=cloudfront.ViewerCertificate(
                    AcmCertificateArn=Ref("CloudFrontCertificateArn"),
                    SslSupportMethod="sni-only",
                    MinimumProtocolVersion="TLSv1.2_2021",
                ),
                Origins=[_origin()],
                DefaultCacheBehavior=cloudfront.DefaultCacheBehavior(
                    TargetOriginId="load-balancer",
                    ViewerProtocolPolicy="redirect-to-https",
                    AllowedMethods=["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
                    CachePolicyId=CACHING_DISABLED,
                    OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST_HEADER,
                    ResponseHeadersPolicyId=SECURITY_HEADERS,
                    Compress=True,
                ),
            ),
        )
    )
    output(template, "DistributionDomainName", GetAtt("Distribution", "DomainName"), "CloudFront's name of the API.")
    return template


def _origin() -> cloudfront.Origin:
    return cloudfront.Origin(
        Id="load-balancer",
        DomainName=Sub("origin.${DomainName}"),
        CustomOriginConfig=cloudfront.CustomOriginConfig(
            HTTPSPort=443,
            OriginProtocolPolicy="https-only",
            OriginSSLProtocols=["TLSv1.2"],
            OriginKeepaliveTimeout=55,
            OriginReadTimeout=60,
        ),
        OriginCustomHeaders=[cloudfront.OriginCustomHeader(HeaderName=ORIGIN_HEADER, HeaderValue=Ref("OriginToken"))],
    )


def _visible(metric: str) -> wafv2.VisibilityConfig:
    return wafv2.VisibilityConfig(CloudWatchMetricsEnabled=True, SampledRequestsEnabled=True, MetricName=metric)


def _web_acl(template: Template) -> None:
    by_the_group: dict[str, Any] = {"None": {}}  # its own rules decide what is blocked
    managed = [
        wafv2.WebACLRule(
            Name=name,
            Priority=priority,
            OverrideAction=wafv2.OverrideAction(**by_the_group),
            Statement=wafv2.Statement(
                ManagedRuleGroupStatement=wafv2.ManagedRuleGroupStatement(VendorName="AWS", Name=group)
            ),
            VisibilityConfig=_visible(name),
        )
        for priority, (name, group) in enumerate(MANAGED_RULES, start=1)
    ]
    limit = wafv2.WebACLRule(
        Name="RateLimit",
        Priority=0,
        Action=wafv2.RuleAction(Block=wafv2.BlockAction()),
        Statement=wafv2.Statement(
            RateBasedStatement=wafv2.RateBasedStatement(
                AggregateKeyType="FORWARDED_IP",
                Limit=REQUESTS_PER_FIVE_MINUTES,
                ForwardedIPConfig=wafv2.ForwardedIPConfiguration(
                    HeaderName="X-Forwarded-For", FallbackBehavior="NO_MATCH"
                ),
            )
        ),
        VisibilityConfig=_visible("RateLimit"),
    )
    template.add_resource(
        wafv2.WebACL(
            "WebAcl",
            Name=Sub("sparta-${Environment}"),
            Description="Limits each caller and refuses known attacks",
            Scope="REGIONAL",
            DefaultAction=wafv2.DefaultAction(Allow=wafv2.AllowAction()),
            Rules=[limit, *managed],
            VisibilityConfig=_visible("WebAcl"),
        )
    )
    template.add_resource(
        wafv2.WebACLAssociation(
            "WebAclAssociation", ResourceArn=Ref("LoadBalancerArn"), WebACLArn=GetAtt("WebAcl", "Arn")
        )
    )
