"""The load balancer: the only thing the internet can reach, or CloudFront alone when it stands in front."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Sub, Template, certificatemanager
from troposphere import elasticloadbalancingv2 as elb

from templates import dns
from templates.acceptance import OWN_LOGS, accepted
from templates.stack import output

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
REDIRECT = "Redirects to HTTPS; it serves only where an environment has no certificate, which production refuses."
ORIGIN_HEADER = "X-Sparta-Origin"
"""CloudFront sends it with the root stack's random id; a request without it did not come through our distribution."""


def add(template: Template) -> None:
    """Load balancer, listeners, certificate and the record that CloudFront calls it by."""
    template.add_resource(
        elb.LoadBalancer(
            "LoadBalancer",
            Metadata=accepted("CKV_AWS_91", OWN_LOGS),
            Name=Sub("sparta-${Environment}"),
            Type="application",
            Scheme="internet-facing",
            Subnets=Ref("PublicSubnetIds"),
            SecurityGroups=[Ref("LoadBalancerSecurityGroupId")],
            LoadBalancerAttributes=[
                elb.LoadBalancerAttributes(Key=key, Value=value)
                for key, value in (
                    ("deletion_protection.enabled", If("IsProduction", "true", "false")),
                    ("routing.http.drop_invalid_header_fields.enabled", "true"),
                    ("idle_timeout.timeout_seconds", "60"),
                )
            ],
        )
    )
    _target_group(template)
    _certificate(template)
    _listeners(template)
    output(template, "LoadBalancerArn", Ref("LoadBalancer"), "ARN of the load balancer.")
    output(template, "LoadBalancerDnsName", GetAtt("LoadBalancer", "DNSName"), "DNS name of the load balancer.")
    output(
        template,
        "LoadBalancerZoneId",
        GetAtt("LoadBalancer", "CanonicalHostedZoneID"),
        "Zone of the load balancer's name.",
    )
    output(
        template, "LoadBalancerFullName", GetAtt("LoadBalancer", "LoadBalancerFullName"), "Load balancer in metrics."
    )
    output(template, "TargetGroupFullName", GetAtt("TargetGroup", "TargetGroupFullName"), "Target group in metrics.")


def forwarding_listener() -> If:
    """ARN of the listener, or of its rule, that sends requests to the API."""
    return If("HasCloudFront", Ref("CloudFrontOnly"), If("HasHttps", Ref("HttpsListener"), Ref("HttpListener")))


def _target_group(template: Template) -> None:
    template.add_resource(
        elb.TargetGroup(
            "TargetGroup",
            VpcId=Ref("VpcId"),
            TargetType="ip",
            Protocol="HTTP",
            Port=Ref("ApiPort"),
            HealthCheckEnabled=True,
            HealthCheckProtocol="HTTP",
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=15,
            HealthCheckTimeoutSeconds=5,
            HealthyThresholdCount=2,
            UnhealthyThresholdCount=3,
            Matcher=elb.Matcher(HttpCode="200"),
            TargetGroupAttributes=[
                elb.TargetGroupAttribute(Key="deregistration_delay.timeout_seconds", Value="30"),
            ],
        )
    )


def _certificate(template: Template) -> None:
    """For the domain, and for the name by which CloudFront calls the load balancer."""
    origin = Sub("origin.${DomainName}")
    template.add_resource(
        certificatemanager.Certificate(
            "Certificate",
            Condition="HasDomain",
            DomainName=Ref("DomainName"),
            SubjectAlternativeNames=If("HasCloudFront", [origin], NoValue),  # ACM refuses an empty list
            ValidationMethod="DNS",
            DomainValidationOptions=[
                _validated(Ref("DomainName")),
                If("HasCloudFront", _validated(origin), NoValue),
            ],
        )
    )
    template.add_resource(
        dns.alias(
            "OriginRecord",
            "HasCloudFront",
            origin,
            GetAtt("LoadBalancer", "DNSName"),
            GetAtt("LoadBalancer", "CanonicalHostedZoneID"),
            check_health=True,
        )
    )


def _validated(name: Any) -> certificatemanager.DomainValidationOption:
    return certificatemanager.DomainValidationOption(DomainName=name, HostedZoneId=Ref("HostedZoneId"))


def _forward() -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": Ref("TargetGroup")}


def _listeners(template: Template) -> None:
    redirect = elb.Action(
        Type="redirect",
        RedirectConfig=elb.RedirectConfig(Protocol="HTTPS", Port="443", StatusCode="HTTP_301"),
    )
    refuse = elb.Action(
        Type="fixed-response",
        FixedResponseConfig=elb.FixedResponseConfig(
            StatusCode="403", ContentType="application/json", MessageBody='{"error": "Use the public address."}'
        ),
    )
    template.add_resource(
        elb.Listener(
            "HttpListener",
            Metadata=accepted("CKV_AWS_2", REDIRECT, "CKV_AWS_103", REDIRECT),
            Condition="HasNoCloudFront",
            LoadBalancerArn=Ref("LoadBalancer"),
            Protocol="HTTP",
            Port=80,
            DefaultActions=[If("HasHttps", redirect, elb.Action(**_forward()))],
        )
    )
    template.add_resource(
        elb.Listener(
            "HttpsListener",
            Condition="HasHttps",
            LoadBalancerArn=Ref("LoadBalancer"),
            Protocol="HTTPS",
            Port=443,
            SslPolicy=TLS_POLICY,
            Certificates=[
                elb.Certificate(CertificateArn=If("HasDomain", Ref("Certificate"), Ref("CertificateArn"))),
            ],
            DefaultActions=[If("HasCloudFront", refuse, elb.Action(**_forward()))],
        )
    )
    template.add_resource(
        elb.ListenerRule(
            "CloudFrontOnly",
            Condition="HasCloudFront",
            ListenerArn=Ref("HttpsListener"),
            Priority=1,
            Conditions=[
                elb.Condition(
                    Field="http-header",
                    HttpHeaderConfig=elb.HttpHeaderConfig(HttpHeaderName=ORIGIN_HEADER, Values=[Ref("OriginToken")]),
                )
            ],
            Actions=[elb.ListenerRuleAction(**_forward())],
        )
    )
