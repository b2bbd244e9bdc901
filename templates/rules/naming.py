"""Names inside a template: each one used exists, each one declared is used."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.attributes import ATTRIBUTES
from templates.rules.finding import Finding, rule
from templates.rules.reader import Template
from templates.rules.references import Mention, mentions
from templates.rules.system import System
from templates.rules.values import mapping, text
from templates.rules.wiring import nestings

PSEUDO = {
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}
DECLARED_IN = {"condition": "Conditions", "mapping": "Mappings", "attribute": "Resources", "depends": "Resources"}


def declared_names(template: Template, kind: str) -> set[str]:
    if kind == "ref":
        return {*PSEUDO, *mapping(template.body.get("Parameters")), *mapping(template.body.get("Resources"))}
    return set(mapping(template.body.get(DECLARED_IN[kind])))


@rule("a name that nobody declares is refused, or silently means something else", once=True)
def name_declared(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        known = {kind: declared_names(template, kind) for kind in ("ref", *DECLARED_IN)}
        for mention in mentions(template):
            if mention.name not in known[mention.kind]:
                what = {"condition": "condition", "mapping": "mapping"}.get(mention.kind, "resource or parameter")
                advice = f"names {mention.name or 'nothing'}, which is no {what} here; correct it or declare it"
                yield Finding(template.name, mention.where, advice)


@rule("an attribute that a resource does not have is refused when the stack is created", once=True)
def attribute_exists(system: System) -> Iterator[Finding]:
    children = {(n.parent.name, n.id): n.child for n in nestings(system)}
    for template in system.templates.values():
        for mention in mentions(template):
            if mention.kind == "attribute" and mention.attribute:
                yield from _attribute(template, mention, children.get((template.name, mention.name)), system)


def _attribute(template: Template, mention: Mention, child: Template | None, system: System) -> Iterator[Finding]:
    kind = text(template.section("Resources").get(mention.name, {}).get("Type"))
    if child is not None:
        output = mention.attribute.removeprefix("Outputs.")
        if mention.attribute == output or output not in child.section("Outputs"):
            owners = [n.id for n in nestings(system) if output in n.child.section("Outputs")]
            advice = f"takes {mention.attribute} of {mention.name}, which has no such output"
            other = f"; {owners[0]} has it" if owners else "; add it or correct the name"
            yield Finding(template.name, mention.where, advice + other)
    elif kind in ATTRIBUTES and mention.attribute not in ATTRIBUTES[kind]:
        known = ", ".join(sorted(ATTRIBUTES[kind])) or "none: use Ref"
        advice = f"takes {mention.attribute} of {mention.name}; a {kind} has {known}"
        yield Finding(template.name, mention.where, advice)


@rule("a condition nobody uses decides nothing: the resource it was made for is always or never there", once=True)
def condition_used(system: System) -> Iterator[Finding]:
    yield from _unused(system, "condition", "Conditions")


@rule("a mapping nobody reads is a table people maintain for nothing", once=True)
def mapping_used(system: System) -> Iterator[Finding]:
    yield from _unused(system, "mapping", "Mappings")


def _unused(system: System, kind: str, section: str) -> Iterator[Finding]:
    for template in system.templates.values():
        used = {mention.name for mention in mentions(template) if mention.kind == kind}
        for name in mapping(template.body.get(section)):
            if name not in used:
                yield Finding(template.name, f"{section}.{name}", "is used nowhere; use it or remove it")


# Resources that only serve others, and those that only complete them: being mentioned there is no use.
SERVING = {
    *("AWS::CertificateManager::Certificate", "AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::RouteTable"),
    *("AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition", "AWS::IAM::Role"),
    *("AWS::KMS::Key", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SQS::Queue"),
    *("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::S3::Bucket"),
    *("AWS::ServiceDiscovery::PrivateDnsNamespace", "AWS::ServiceDiscovery::Service", "AWS::Backup::BackupVault"),
    *("AWS::Backup::BackupPlan", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::CloudFront::CachePolicy"),
    *("AWS::CloudFront::OriginAccessControl", "AWS::WAFv2::WebACL", "AWS::Scheduler::ScheduleGroup"),
}
COMPLETING = {
    *("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SubnetRouteTableAssociation"),
    *(
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::KMS::Alias",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
    ),
    *("AWS::SQS::QueuePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Logs::MetricFilter", "AWS::EC2::Route"),
}
# Types that are used by being completed.
MEMBERS = {
    "AWS::EC2::NatGateway": {"AWS::EC2::Route"},
    "AWS::EC2::RouteTable": {"AWS::EC2::SubnetRouteTableAssociation"},
    "AWS::EC2::Subnet": {"AWS::EC2::SubnetRouteTableAssociation"},
}


@rule("what nobody refers to was made for somebody, who now uses something else", once=True)
def resource_used(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        types = {name: text(raw.get("Type")) for name, raw in template.section("Resources").items()}
        users: dict[str, set[str]] = {}
        for mention in mentions(template):
            users.setdefault(mention.name, set()).add(types.get(mention.where, "output"))
        for name, kind in types.items():
            using = users.get(name, set()) - (COMPLETING - MEMBERS.get(kind, set()))
            if kind in SERVING and not using:
                yield Finding(template.name, name, f"is used by nothing ({kind}); use it or remove it")
