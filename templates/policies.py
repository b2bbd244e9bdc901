"""IAM statements of the running system: each a named function with a Sid, scoped to actions and resources in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from awacs.aws import Action, Allow, ArnLike, Condition, PolicyDocument, Principal, Statement, StringEquals
from troposphere import AccountId, If, NoValue, Ref, Select, Split, Sub
from troposphere.iam import Policy, Role

from templates.table_rights import RIGHTS, TableRight


def allow(sid: str, service: str, actions: str, resource: Any, **rest: Any) -> Statement:
    """Allow a service's ``actions``, separated by blanks; a test compares them with the lists that awacs carries."""
    return Statement(
        Sid=sid,
        Effect=Allow,
        Action=[Action(service, name) for name in actions.split()],
        Resource=resource if isinstance(resource, list) else [resource],
        **rest,
    )


def policy(*statements: Any) -> PolicyDocument:
    """A policy document of the current language version."""
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def trust(service: str, source: str | None = None) -> PolicyDocument:
    """Lets one AWS service assume the role.

    :param source: ARN pattern in whose name it may do so. Given only where the service's documentation says that it
        names a source (ECS for task roles, Scheduler, flow logs): elsewhere the role could never be assumed.
    """
    checks = [StringEquals("aws:SourceAccount", AccountId), ArnLike("aws:SourceArn", Sub(source))] if source else []
    condition = {"Condition": Condition(checks)} if checks else {}
    return policy(
        Statement(
            Sid="AssumedByService",
            Effect=Allow,
            Action=[Action("sts", "AssumeRole")],
            Principal=Principal("Service", f"{service}.amazonaws.com"),
            **condition,
        )
    )


def role(
    title: str,
    name: Sub,
    trusted: PolicyDocument,
    policy_name: str,
    statements: Sequence[Statement],
    why: str,
    more: Sequence[Any] = (),
) -> Role:
    """A role with an inline policy, and ``more`` of them; ``why`` is what a person reads in the IAM console."""
    return Role(
        title,
        RoleName=name,
        Description=why,
        AssumeRolePolicyDocument=trusted,
        Policies=[Policy(PolicyName=policy_name, PolicyDocument=policy(*statements)), *more],
    )


def secret_arn(name: str, suffix: str = "") -> Sub:
    """ARN of one of the bootstrap stack's secrets; ``-??????`` as suffix matches the six characters AWS appends."""
    return Sub(
        f"arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:"
        f"secret:sparta/${{Environment}}/{name}{suffix}"
    )


def log_group_arn(name: str) -> Sub:
    """Streams of one log group; ``name`` may hold ``${NameSuffix}``."""
    return Sub(f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{name}:*")


def use_tables(program: str) -> list[Statement]:
    """What a program does with the tables and their indexes, a statement for each: ``templates/table_rights.py``."""
    return [allow(right.sid, "dynamodb", right.actions, _table_arn(right)) for right in RIGHTS[program]]


def _table_arn(right: TableRight) -> Ref | Sub:
    output = right.table.arn_output
    return Sub(f"${{{output}}}/index/{right.index}") if right.index else Ref(output)


def read_secrets(*names: str) -> Statement:
    """Values of the named secrets of this environment."""
    return allow("ReadSecrets", "secretsmanager", "GetSecretValue", [secret_arn(name, "-??????") for name in names])


def read_rpc_secrets() -> list[Any]:
    """Policies of their own for RPC URLs that carry a provider's key, when they come from Secrets Manager."""
    return [_read_given("EthereumHost", "sparta-ethereum-host"), _read_given("AztecRpcUrl", "sparta-aztec-rpc-url")]


def _read_given(parameter: str, policy_name: str) -> If:
    statement = allow(f"Read{parameter}", "secretsmanager", "GetSecretValue", Ref(f"{parameter}SecretArn"))
    return If(f"Has{parameter}Secret", Policy(PolicyName=policy_name, PolicyDocument=policy(statement)), NoValue)


def log_in_to_registry() -> Statement:
    """A registry login is not tied to a repository: the action knows no resource."""
    return allow("LogInToRegistry", "ecr", "GetAuthorizationToken", "*")


def pull_image() -> Statement:
    """Layers of the one repository that the released image comes from."""
    repository = Select(1, Split("/", Select(0, Split("@", Ref("ImageUri")))))
    arn = Sub(
        "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/${Repository}", Repository=repository
    )
    return allow("PullImage", "ecr", "BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer", arn)


def write_logs(group: str) -> Statement:
    """Log lines into a group that exists; without ``CreateLogGroup`` nothing makes one without retention."""
    return allow("WriteLogs", "logs", "CreateLogStream PutLogEvents", log_group_arn(group))


def keep_failures(queue: str) -> list[Statement]:
    """Lambda puts an event that failed for good into the encrypted queue, in the function's name."""
    arn = Sub(f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:{queue}${{NameSuffix}}")
    via = Condition(StringEquals("kms:ViaService", Sub("sqs.${AWS::Region}.amazonaws.com")))
    return [
        allow("KeepFailures", "sqs", "SendMessage", arn),
        allow("EncryptFailures", "kms", "Decrypt GenerateDataKey", Ref("EncryptionKeyArn"), Condition=via),
    ]


def stand_in_vpc() -> Statement:
    """Lambda makes and removes the function's network interfaces in its name; AWS knows no resource before."""
    return allow("StandInVpc", "ec2", "CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces", "*")


def invoke_function(name: str) -> Statement:
    """Start one function."""
    arn = Sub(f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name}${{NameSuffix}}")
    return allow("InvokeFunction", "lambda", "InvokeFunction", arn)


def rotate_secret(name: str) -> list[Statement]:
    """Secrets Manager's four rotation steps on one secret."""
    actions = "DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage"
    return [
        allow("RotateSecret", "secretsmanager", actions, secret_arn(name, "-??????")),
        allow("MakePassword", "secretsmanager", "GetRandomPassword", "*"),
    ]
