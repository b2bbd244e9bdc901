"""The stacks, what each holds and when it is there."""

from __future__ import annotations

from scripts.docs.rows import Row


def _nested(name: str, holds: str, matters: str) -> Row:
    return Row((name, holds), (f"root CloudFormation::Stack {name.capitalize()}",), matters)


STACKS = [
    Row(
        ("bootstrap", "Artifact bucket, image repository, three secrets, deployment roles"),
        (
            "bootstrap S3::Bucket ArtifactBucket",
            "bootstrap ECR::Repository ImageRepository",
            "bootstrap SecretsManager::Secret BotTokenSecret EthereumPrivateKeySecret ApiKeySecret",
            "bootstrap IAM::Role CloudFormationRole DeployRole",
            "bootstrap IAM::OIDCProvider GitHubOidcProvider",
            "bootstrap IAM::ManagedPolicy NetworkDeployment ServicesDeployment DataDeployment",
            "bootstrap IAM::ManagedPolicy ObservabilityDeployment RolesDeployment",
        ),
        "Deployed once, before all else. CloudFormation works as {=CloudFormationRole.RoleName}, GitHub's workflows as "
        "{=DeployRole.RoleName}, without stored keys",
    ),
    Row(
        ("root", "The stacks below, wired together; every parameter"),
        ("root Route53::RecordSet DomainRecord",),
        "Stack `sparta-<environment>`; what an operator needs is in its outputs",
    ),
    _nested("network", "VPC, subnets, gateways, routes, endpoints, flow logs", "Two zones"),
    _nested("security", "Security groups, IAM roles and policies", "One role for each program and purpose"),
    _nested("data", "Tables, backups, encryption key", "Retained and protected: {OperatorsTable.DeletionPolicy}"),
    _nested("services", "ECS cluster, load balancer, API and bot, auto-scaling", "One image, two commands"),
    _nested("monitor", "Validator monitor, its schedule and failure queue; API key rotation", "Two functions"),
    _nested(
        "observability", "Metric filters, alarms, dashboard, topic, CloudTrail", "Log groups stand with their writers"
    ),
    _nested("edge", "CloudFront and its web ACL", "Only with `EnableCloudFront: true`"),
]
