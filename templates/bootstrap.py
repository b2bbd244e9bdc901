"""What exists before everything else, once per environment, and is never replaced."""

from __future__ import annotations

from typing import Any

from awacs.aws import Action, Allow, Condition, Principal, Statement, StringEquals, StringLike
from troposphere import GetAtt, If, Output, Ref, Sub, Template, ecr, iam, secretsmanager

from templates import deployer, plain, policies, storage
from templates.acceptance import AWS_KEY, accepted
from templates.stack import Tree, declare_deploy_parameters, output
from templates.storage import KEEP

GITHUB = "token.actions.githubusercontent.com"
ARTIFACT_BUCKET = "sparta-artifacts-${Environment}-${AWS::AccountId}"
EXECUTION_ROLE = "sparta-cloudformation-${Environment}"
KEPT_IMAGES = 50


def build() -> Tree:
    """Stack ``bootstrap``, complete: it is deployed on its own."""
    template = Template(
        Description="Sparta bootstrap: artifact bucket, image repository, secrets, deployment roles; deploy it first."
    )
    _artifacts(template)
    _repository(template)
    _secrets(template)
    _execution_role(template)
    _deploy_role(template)
    tree: Tree = plain.tree(template)
    declare_deploy_parameters(tree)
    return tree


def _artifacts(template: Template) -> None:
    template.add_resource(
        storage.private_bucket(
            "ArtifactBucket", Sub(ARTIFACT_BUCKET), storage.encrypted(), storage.expire_old_versions(days=90)
        )
    )
    template.add_resource(storage.tls_only("ArtifactBucket"))
    output(template, "ArtifactBucketName", Ref("ArtifactBucket"), "Bucket for packaged templates and functions.")


def _repository(template: Template) -> None:
    template.add_resource(
        ecr.Repository(
            "ImageRepository",
            RepositoryName=If("IsProduction", "sparta", Sub("sparta-${Environment}")),
            ImageTagMutability="IMMUTABLE",
            ImageScanningConfiguration=ecr.ImageScanningConfiguration(ScanOnPush=True),
            EncryptionConfiguration=ecr.EncryptionConfiguration(EncryptionType="AES256"),
            LifecyclePolicy=ecr.LifecyclePolicy(LifecyclePolicyText=_keep_newest()),
            Metadata=accepted("CKV_AWS_136", AWS_KEY),
            **KEEP,
        )
    )
    output(template, "ImageRepositoryUri", GetAtt("ImageRepository", "RepositoryUri"), "Repository to push images to.")


def _keep_newest() -> str:
    return (
        '{"rules": [{"rulePriority": 1, "description": "keep the newest images for rollbacks", '
        f'"selection": {{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": {KEPT_IMAGES}}}, '
        '"action": {"type": "expire"}}]}'
    )


def _secrets(template: Template) -> None:
    """Two wait for their values, which only a person knows; the API key makes itself."""
    generated = secretsmanager.GenerateSecretString(PasswordLength=48, ExcludePunctuation=True)
    for title, name, why in (
        ("BotToken", "bot-token", "Discord bot token"),
        ("EthereumPrivateKey", "ethereum-private-key", "Private key of Sparta's account"),
        ("ApiKey", "api-key", "Key of the REST API, rotated by schedule"),
    ):
        own: dict[str, Any] = {"GenerateSecretString": generated} if title == "ApiKey" else {}
        template.add_resource(
            secretsmanager.Secret(
                f"{title}Secret",
                Name=Sub(f"sparta/${{Environment}}/{name}"),
                Description=why,
                Metadata=accepted("CKV_AWS_149", AWS_KEY),
                **own,
                **KEEP,
            )
        )
        output(template, f"{title}SecretArn", Ref(f"{title}Secret"), f"Secret: {why[0].lower()}{why[1:]}.")


def _execution_role(template: Template) -> None:
    """CloudFormation works in its name, so that whoever deploys needs no other rights."""
    titles = []
    for title, (what, statements) in deployer.execution_policies().items():
        titles.append(title)
        template.add_resource(
            iam.ManagedPolicy(
                title,
                ManagedPolicyName=Sub(f"sparta-cloudformation-{what}-${{Environment}}"),
                Description=f"What CloudFormation may create and change for Sparta: {what}",
                PolicyDocument=policies.policy(*statements),
                **_accepted(title),
            )
        )
    template.add_resource(
        iam.Role(
            "CloudFormationRole",
            RoleName=Sub(EXECUTION_ROLE),
            Description="CloudFormation creates and changes Sparta's resources in its name.",
            AssumeRolePolicyDocument=policies.trust("cloudformation"),
            ManagedPolicyArns=[Ref(title) for title in titles],
        )
    )
    output(
        template, "CloudFormationRoleArn", GetAtt("CloudFormationRole", "Arn"), "Role to deploy the root stack with."
    )


def _accepted(title: str) -> dict[str, Any]:
    if title != "NetworkDeployment":
        return {}
    why = "Route 53 names a change only when it begins; CloudFormation waits for it by that name."
    return {"Metadata": accepted("resource-names-something", why)}


def _deploy_role(template: Template) -> None:
    """GitHub's workflows assume it with a short-lived token; there are no stored keys."""
    template.add_resource(
        iam.OIDCProvider(
            "GitHubOidcProvider",
            Condition="HasOwnOidcProvider",
            Url=f"https://{GITHUB}",
            ClientIdList=["sts.amazonaws.com"],
            **KEEP,
        )
    )
    provider = If("HasGivenOidcProvider", Ref("GitHubOidcProviderArn"), Ref("GitHubOidcProvider"))
    checks: list[Any] = [
        StringEquals(f"{GITHUB}:aud", "sts.amazonaws.com"),
        StringLike(f"{GITHUB}:sub", Sub("repo:${GitHubRepository}:environment:${Environment}")),
    ]
    trusted = policies.policy(
        Statement(
            Sid="AssumedByWorkflow",
            Effect=Allow,
            Principal=Principal("Federated", provider),
            Action=[Action("sts", "AssumeRoleWithWebIdentity")],
            Condition=Condition(checks),
        )
    )
    role = policies.role(
        "DeployRole",
        Sub("sparta-deploy-${Environment}"),
        trusted,
        "sparta-deploy-policy",
        deployer.workflow_statements(),
        "GitHub workflows deploy this environment with it.",
    )
    role.Condition = "HasGitHubRepository"
    template.add_resource(role)
    template.add_output(
        Output(
            "DeployRoleArn",
            Condition="HasGitHubRepository",
            Description="Role for the deployment workflow.",
            Value=GetAtt("DeployRole", "Arn"),
        )
    )
