"""What the system runs on: network, tasks, names and certificates, releases."""

from __future__ import annotations

from templates.parameters.model import (
    ARN,
    CIDR,
    MAX_API_TASKS,
    PORT,
    SWITCH,
    URL,
    group,
    optional,
    pair,
    parameter,
    task_size,
)

GENERAL = group(
    "General",
    parameter(
        "Environment",
        "Environment",
        "Name of this deployment; it is part of the names of stacks, tables and secrets.",
        pattern="[a-z][a-z0-9]{1,15}",
        constraint="2 to 16 lower-case letters and digits, starting with a letter, for example production.",
    ),
)

NETWORKING = group(
    "Networking",
    parameter(
        "VpcCidr",
        "VPC address range",
        "Private IPv4 range of the VPC.",
        default="10.10.0.0/16",
        pattern=CIDR,
        constraint="An IPv4 CIDR block between /16 and /28, for example 10.10.0.0/16.",
    ),
    parameter(
        "AvailabilityZones",
        "Availability zones",
        "The two zones that the subnets are spread over.",
        default="eu-west-2a,eu-west-2b",
        pattern=pair(r"[a-z]{2}(?:-[a-z]+)+-[0-9][a-z]"),
        constraint="Exactly two different zones of this region, separated by a comma: eu-west-2a,eu-west-2b.",
    ),
    parameter(
        "PublicSubnetCidrs",
        "Public subnet ranges",
        "One range per zone, for the load balancer and the NAT gateways.",
        default="10.10.1.0/24,10.10.2.0/24",
        pattern=pair(CIDR),
        constraint="Exactly two different CIDR blocks inside the VPC's range, one per zone: 10.10.1.0/24,10.10.2.0/24.",
    ),
    parameter(
        "PrivateSubnetCidrs",
        "Private subnet ranges",
        "One range per zone, for the API and bot tasks.",
        default="10.10.101.0/24,10.10.102.0/24",
        pattern=pair(CIDR),
        constraint=(
            "Exactly two different CIDR blocks inside the VPC's range, one per zone: 10.10.101.0/24,10.10.102.0/24."
        ),
    ),
    parameter(
        "NatGatewayMode",
        "NAT gateways",
        "per-zone survives the loss of a zone; single costs about 40 dollars a month less.",
        default="per-zone",
        allowed=("per-zone", "single"),
        constraint="Choose per-zone or single.",
    ),
    parameter(
        "InterfaceEndpoints",
        "Interface endpoints",
        "Private endpoints for ECR, CloudWatch Logs and Secrets Manager; they cost about 64 dollars a month and pay "
        "for themselves above some 400 GB of traffic.",
        default="false",
        **SWITCH,
    ),
)

API = group(
    "API",
    parameter("ApiPort", "Port", "TCP port on which the API's tasks listen.", default="3000", **PORT),
    parameter(
        "ApiDesiredCount",
        "Tasks to start with",
        "Number of API tasks after a deployment; auto-scaling changes it from there.",
        default="2",
        type="Number",
        minimum=1,
        maximum=MAX_API_TASKS,
        constraint=f"A number from 1 to {MAX_API_TASKS}, between the lowest and the highest number of tasks.",
    ),
    parameter(
        "ApiMinCount",
        "Lowest number of tasks",
        "Auto-scaling never goes below.",
        default="1",
        type="Number",
        minimum=1,
        maximum=MAX_API_TASKS,
        constraint=f"A number from 1 to {MAX_API_TASKS}.",
    ),
    parameter(
        "ApiMaxCount",
        "Highest number of tasks",
        "Auto-scaling never goes above.",
        default="10",
        type="Number",
        minimum=1,
        maximum=MAX_API_TASKS,
        constraint=f"A number from 1 to {MAX_API_TASKS}, at least the lowest number of tasks.",
    ),
    *task_size("api", cpu="1024", memory="2048"),
    parameter(
        "CertificateArn",
        "Certificate",
        "ARN of an ACM certificate of this region for the load balancer. Either this or a domain with its zone.",
        default="",
        pattern=optional(ARN + r":acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}"),
        constraint="The ARN of an ACM certificate, or empty.",
    ),
    parameter(
        "DomainName",
        "Domain name",
        "Name under which the API is reached; a certificate and a DNS record are made for it in the zone below.",
        default="",
        pattern=optional(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"),
        constraint="A domain name in lower case such as sparta.example.com, or empty.",
    ),
    parameter(
        "HostedZoneId",
        "Hosted zone",
        "Id of the public Route 53 zone that holds the domain name.",
        default="",
        pattern=optional("Z[A-Z0-9]{1,31}"),
        constraint="A Route 53 hosted zone id such as Z0123456789ABCDEFGHIJ, or empty.",
    ),
    parameter(
        "CorsAllowedOrigins",
        "Browser origins",
        "Web origins that may call the API from a browser, separated by commas; empty allows none.",
        default="",
        pattern=optional(rf"{URL}(?:,{URL})*"),
        constraint="One or more origins such as https://app.example.com separated by commas, or empty.",
    ),
)

CLOUDFRONT = group(
    "CloudFront",
    parameter(
        "EnableCloudFront",
        "CloudFront in front",
        "true puts CloudFront and a web ACL in front; the load balancer then answers to CloudFront only.",
        default="false",
        **SWITCH,
    ),
    parameter(
        "CloudFrontCertificateArn",
        "CloudFront's certificate",
        "ARN of an ACM certificate in us-east-1 for the domain name; CloudFront takes it from no other region.",
        default="",
        pattern=optional(ARN + r":acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]{36}"),
        constraint="The ARN of an ACM certificate in us-east-1, or empty.",
    ),
    parameter(
        "CloudFrontPrefixListId",
        "CloudFront's address list",
        "Managed prefix list com.amazonaws.global.cloudfront.origin-facing of this region; the default is London's.",
        default="pl-93a247fa",
        pattern="pl-[0-9a-f]{8,17}",
        constraint="A prefix list id such as pl-93a247fa; 'aws ec2 describe-managed-prefix-lists' shows the region's.",
    ),
)

BOT = group(
    "Bot",
    parameter(
        "BotDesiredCount",
        "Bot tasks",
        "1 runs the bot, 0 switches it off. There are never two: both would answer every command.",
        default="1",
        allowed=("0", "1"),
        constraint="Choose 0 or 1.",
    ),
    *task_size("bot", cpu="256", memory="512"),
)

SECURITY = group(
    "Security",
    parameter(
        "ApiKeyRotationDays",
        "Days between API key rotations",
        "The API key is replaced this often; the previous key stays valid until the next rotation.",
        default="30",
        type="Number",
        minimum=1,
        maximum=365,
        constraint="A number of days from 1 to 365.",
    ),
)

RELEASE = group(
    "Release",
    parameter(
        "ImageUri",
        "Container image",
        "Image of the API and the bot, named by digest so that a release is exactly one image.",
        pattern=(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}"),
        constraint="An ECR image by digest: <account>.dkr.ecr.<region>.amazonaws.com/sparta@sha256:<64 hex digits>.",
    ),
    parameter(
        "ArtifactBucket",
        "Artifact bucket",
        "Bucket of the bootstrap stack that holds the packaged templates and functions.",
        pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        constraint="The name of an S3 bucket; see output ArtifactBucketName of the bootstrap stack.",
    ),
    *(
        parameter(
            f"{name}CodeKey",
            f"Package of the {label}",
            f"Key of the {label}'s zip in the artifact bucket; packaging fills it in.",
            pattern=r"[A-Za-z0-9!_.*'()/-]{1,1024}",
            constraint="An object key in the artifact bucket.",
        )
        for name, label in (("Monitor", "validator monitor"), ("Rotation", "API key rotation"))
    ),
)

CONTINUOUS_DEPLOYMENT = group(
    "Continuous deployment",
    parameter(
        "GitHubRepository",
        "GitHub repository",
        "Repository whose workflows may deploy this environment; empty makes no deploy role.",
        default="",
        pattern=optional(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"),
        constraint="owner/name of a GitHub repository, or empty.",
    ),
    parameter(
        "GitHubOidcProviderArn",
        "Existing GitHub OIDC provider",
        "An account has one provider for GitHub: give its ARN when another environment made it, else leave empty.",
        default="",
        pattern=optional(ARN + r":iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com"),
        constraint="ARN of the account's OIDC provider token.actions.githubusercontent.com, or empty.",
    ),
)
