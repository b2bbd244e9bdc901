"""What loses data, cuts service or cannot succeed, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scripts.review.changes import alike, renamed
from scripts.review.dangerous_values import risks
from scripts.review.entries import RETAINING, Entry, referenced
from scripts.review.model import ACTIONS, Danger, ResourceChange
from scripts.review.schemas import name_key, stateful, unique
from templates.rules.values import text

ELB = "AWS::ElasticLoadBalancingV2::"
CUTS = {
    "AWS::CertificateManager::Certificate": "HTTPS depends on it",
    "AWS::CloudFront::Distribution": "nobody reaches the API through it meanwhile",
    "AWS::EC2::EIP": "its public address changes, and whoever admits us by that address must be told",
    "AWS::EC2::InternetGateway": "the network loses its way to the internet",
    "AWS::EC2::NatGateway": "the private subnets lose their way to the internet meanwhile",
    "AWS::EC2::Route": "traffic that took it has no way meanwhile",
    "AWS::EC2::RouteTable": "subnets lose their routes meanwhile",
    "AWS::EC2::Subnet": "what runs in it has to move",
    "AWS::EC2::SubnetRouteTableAssociation": "its subnet loses its routes meanwhile",
    "AWS::EC2::VPC": "everything in it has to be built anew",
    "AWS::EC2::VPCEndpoint": "private ways to AWS are cut meanwhile",
    "AWS::EC2::VPCGatewayAttachment": "the network loses its way to the internet",
    "AWS::ECS::Cluster": "everything that runs in it stops",
    "AWS::ECS::Service": "its running tasks stop",
    "AWS::Lambda::Function": "nobody does its work meanwhile",
    "AWS::Route53::RecordSet": "its name does not resolve meanwhile",
    "AWS::SNS::Topic": "its subscriptions are lost, and people must confirm them again before they are alerted",
    "AWS::ServiceDiscovery::PrivateDnsNamespace": "the bot does not find the API meanwhile",
    "AWS::ServiceDiscovery::Service": "the bot does not find the API meanwhile",
    f"{ELB}Listener": "nobody answers on its port meanwhile",
    f"{ELB}LoadBalancer": "its address changes, and requests fail meanwhile",
    f"{ELB}TargetGroup": "requests fail until tasks are healthy in the new one",
}
"""What serves people, and what its absence means."""
ENDS = CUTS | {
    "AWS::ApplicationAutoScaling::ScalableTarget": "the service no longer grows with its load",
    "AWS::Backup::BackupPlan": "nothing is backed up any more",
    "AWS::Backup::BackupSelection": "what it selected is not backed up any more",
    "AWS::CloudTrail::Trail": "nobody records any more who did what",
    "AWS::Scheduler::Schedule": "what it starts is not started any more",
    "AWS::EC2::EIP": "its public address is given back",
    "AWS::EC2::VPC": "nothing can run in it any more",
    "AWS::CertificateManager::Certificate": "HTTPS with its name ends",
    "AWS::Route53::RecordSet": "its name no longer resolves",
    f"{ELB}LoadBalancer": "nobody reaches the API any more",
    f"{ELB}TargetGroup": "requests find no tasks any more",
}
"""What its removal means for good."""


def dangers(
    before: Mapping[str, Entry], after: Mapping[str, Entry], changes: Sequence[ResourceChange]
) -> tuple[Danger, ...]:
    """Everything that a person has to agree to by name, what harms most first."""
    cut = {change.path: change.action for change in changes if change.type in ENDS and change.action != "change"}
    found: list[Danger] = []
    for change in sorted(changes, key=lambda change: ACTIONS.index(change.action)):
        if change.path in before:
            old, new = before[change.path], after.get(change.path)
            implied = any(cut.get(used) == change.action for used in referenced(old.props))
            found += [Danger(change.path, change.type, sentence) for sentence in _of(change, old, new, implied)]
    found += [Danger(new.path, new.type, _same_name(old, new)) for old, new in renamed(before, after)]
    return tuple(dict.fromkeys(found))


def _of(change: ResourceChange, old: Entry, new: Entry | None, implied: bool) -> Iterator[str]:
    """``implied``: something that it stands on goes the same way, which says it all."""
    if new is None or change.action == "remove":
        yield from _removed(old, implied)
    elif old.type != new.type:
        yield f"It changes its type from {old.type}: CloudFormation refuses that. Give the new one another logical id."
    elif change.action in ("replace", "maybe-replace"):
        yield from _replaced(change, old, new, implied)
    if new is not None:
        yield from (risk for item in change.properties if (risk := risks(new, item)))


def _removed(old: Entry, implied: bool) -> Iterator[str]:
    if old.type in stateful():
        yield _lost(old)
    elif old.type in ENDS and not implied:
        yield f"It is deleted: {ENDS[old.type].removesuffix(' meanwhile')}."


def _lost(old: Entry) -> str:
    if old.on_delete in RETAINING:
        return (
            f"It leaves the system: AWS keeps it with what it holds (DeletionPolicy {old.on_delete}), but nothing uses "
            "or manages it any more."
        )
    if old.on_delete == "Snapshot":
        return "It is deleted; only a snapshot of what it holds stays."
    full = " AWS refuses that while it is not empty." if old.type in ("AWS::S3::Bucket", "AWS::ECR::Repository") else ""
    return f"It is deleted with everything it holds.{full}"


def _replaced(change: ResourceChange, old: Entry, new: Entry, implied: bool) -> Iterator[str]:
    maybe = change.action == "maybe-replace"
    why = f" ({'; '.join(change.reasons)})" if change.reasons else ""
    be = "It may be" if maybe else "It is"
    if new.type in stateful():
        stays = "stays in the account, outside the system" if new.on_replace in RETAINING else "is deleted"
        stays = "leaves only a snapshot" if new.on_replace == "Snapshot" else stays
        yield f"{be} replaced by an empty one{why}: the old one, with everything it holds, {stays}."
    elif new.type in CUTS and not implied:
        yield f"{be} replaced{why}: {CUTS[new.type]}."
    key = name_key(new.type)
    if key and alike(old, new) and not _moves(change, new):
        name = text(new.props[key])
        yield (
            f"AWS {'would then refuse' if maybe else 'will refuse'} the replacement, because the new one would have "
            f"the old one's name {name}, and the deployment fails. Give it another {key}, or leave it as it is."
        )


def _moves(change: ResourceChange, new: Entry) -> bool:
    """Whether what must be unique refers to something that is itself another one afterwards, a network say."""
    touched = {item.path.split(".")[0] for item in change.properties}
    return any(place[0] in touched for place in unique(new.type))


def _same_name(old: Entry, new: Entry) -> str:
    if new.type == "AWS::IAM::Policy":
        return (
            f"It is {old.path} under another logical id with the same PolicyName: CloudFormation writes the new one, "
            "then deletes the old one, which takes the permissions away. Change PolicyName too, or keep the logical id."
        )
    return (
        f"It is {old.path} under another logical id: AWS creates the new one before it deletes the old one and will "
        "refuse two of the same name or place, so the deployment fails. Keep the logical id, or change the name."
    )
