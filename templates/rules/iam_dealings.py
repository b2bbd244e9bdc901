"""What the users of a role have to do with: which actions they need on which ARNs, and which more are no surprise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.arn_or_name import variables
from templates.rules.contract import BY_NAME
from templates.rules.iam import Use, arn_of, plain, secret_arns, uses
from templates.rules.physical import NAMED, physical_name
from templates.rules.programs import running
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, text, token, tokens
from templates.table_rights import RIGHTS

TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
FUNCTION = "AWS::Lambda::Function"
KEY = "AWS::KMS::Key"
SECRET_VARIABLE = re.compile(r"_SECRET(_ARN|_NAME|_ID)?$")
IMAGE = re.compile(r"(\d+)\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?/([^@:]+)")
STREAM = f":log-stream:{ACCOUNT}_CloudTrail_{REGION}"


def _words(service: str, actions: str) -> frozenset[str]:
    return frozenset(f"{service}:{action}" for action in actions.split())


ITEMS = _words(
    "dynamodb", "GetItem BatchGetItem Query Scan PutItem UpdateItem DeleteItem BatchWriteItem ConditionCheckItem"
)
PULL = _words("ecr", "BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer")
WRITE_LOG = _words("logs", "CreateLogStream PutLogEvents")
LOOK_AT_LOG = _words("logs", "DescribeLogStreams")
READ_SECRET = _words("secretsmanager", "GetSecretValue")
ROTATE = _words("secretsmanager", "DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage")
MAKE_SECRET = _words("secretsmanager", "GetRandomPassword")
OBJECTS = _words("s3", "GetObject PutObject DeleteObject AbortMultipartUpload ListBucket GetBucketLocation")
RECEIVE = _words("sqs", "ReceiveMessage DeleteMessage GetQueueAttributes GetQueueUrl ChangeMessageVisibility")
USE_KEY = _words("kms", "Decrypt GenerateDataKey")
INTERFACES = _words("ec2", "CreateNetworkInterface DescribeNetworkInterfaces DeleteNetworkInterface")
ANYWHERE = _words("cloudwatch", "PutMetricData") | _words("xray", "PutTraceSegments PutTelemetryRecords")
BACK_UP = _words("dynamodb", "CreateBackup DescribeTable ListTagsOfResource StartAwsBackupJob")
KEEP_BACKUP = _words("dynamodb", "DeleteBackup DescribeBackup")
FILL_VAULT = _words("backup", "CopyIntoBackupVault DescribeBackupVault")
ENCRYPT_BACKUP = _words("kms", "CreateGrant Decrypt DescribeKey GenerateDataKey")
SEND = {QUEUE: "sqs:SendMessage", TOPIC: "sns:Publish", FUNCTION: "lambda:InvokeFunction"}
NOTHING: frozenset[str] = frozenset()


class Dealing(NamedTuple):
    """What a role's user does with something.

    `arns`: what a statement may name for it; `example`: the ARN that the `needed` actions are asked for; `possible`:
    actions that may be granted too; `via`: the service through which a key is used; `or_else`: another ARN that
    the example may have.
    """

    role: Resource
    why: str
    arns: tuple[str, ...]
    example: str
    needed: frozenset[str]
    possible: frozenset[str] = NOTHING
    via: str = ""
    or_else: str = ""


@lru_cache(maxsize=2)
def _by_name(system: System) -> dict[str, Resource]:
    named = (each for each in system.resources if each.type in (TABLE, QUEUE, TOPIC, BUCKET) and each.type in NAMED)
    return {physical_name(each): each for each in named if physical_name(each)}


def told(system: System, user: Resource) -> dict[str, Resource]:
    """The tables, queues, topics and buckets that a program's variables name."""
    found = {}
    for name, value in variables(user).items():
        target = system.target(value) if token(value) else _by_name(system).get(text(value))
        if target and target.type in (TABLE, QUEUE, TOPIC, BUCKET):
            found[name] = target
    return found


def _secret(use: Use, system: System, value: Any, actions: frozenset[str], why: str) -> Dealing:
    arns = tuple(secret_arns(system, value))
    more = _words("secretsmanager", "DescribeSecret")
    return Dealing(use.role, why, arns, arns[-1], actions, more, or_else=arns[0])


def group_arn(system: System, group: Any) -> str:
    """The ARN of a log group's streams, by its name or reference."""
    target = system.target(group)
    found = arn_of(system, target) if target else ""
    return found or f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{text(group)}:*"


def _log(use: Use, system: System, group: Any, more: frozenset[str] = NOTHING) -> Dealing:
    arn = group_arn(system, group)
    why = f"{use.user.id} writes its log there"
    return Dealing(use.role, why, (arn,), arn.removesuffix(":*") + STREAM, WRITE_LOG | more, LOOK_AT_LOG)


def _key(use: Use, system: System, key: Any, service: str) -> Iterator[Dealing]:
    """Using the customer's key that something is encrypted with."""
    target = system.target(key)
    if target and target.type == KEY:
        arn, via = arn_of(system, target), f"{service}.{REGION}.amazonaws.com"
        yield Dealing(use.role, f"{service} encrypts with it", (arn,), arn, USE_KEY, _words("kms", "DescribeKey"), via)


def _sending(use: Use, system: System, value: Any) -> Iterator[Dealing]:
    """Putting a message into a queue or topic, or calling a function."""
    target = system.target(value)
    if target and target.type in SEND:
        arn = arn_of(system, target) or plain(system, text(value))
        arns = (arn, f"{arn}:*") if target.type == FUNCTION else (arn,)
        yield Dealing(use.role, f"{use.user.id} sends there", arns, arn, frozenset({SEND[target.type]}))
        yield from _key(use, system, target.get("KmsMasterKeyId"), SEND[target.type].partition(":")[0])


def _program(use: Use, system: System) -> Iterator[Dealing]:
    """A task or function: what its variables tell it of."""
    programs = _programs(system, use.user)
    for name, target in told(system, use.user).items():
        arn = arn_of(system, target)
        if target.type == TABLE and programs:
            yield from _table(use, programs, name, arn)
        else:
            yield _anything(use, name, target.type, arn)
        for setting in ("KmsMasterKeyId", "SSESpecification"):
            yield from _possible(_key(use, system, target.get(setting), get(arn.split(":"), 2)))
    for name, value in variables(use.user).items():
        if SECRET_VARIABLE.search(name):
            yield _secret(use, system, value, READ_SECRET, f"{name} names it")
    yield Dealing(use.role, "metrics", ("*",), "*", NOTHING, ANYWHERE)


def _anything(use: Use, variable: str, kind: str, arn: str) -> Dealing:
    """What a program may be for that we do not know, or not with this kind of thing."""
    possible = {TABLE: ITEMS, BUCKET: OBJECTS, QUEUE: RECEIVE}.get(kind, NOTHING)
    arns = {TABLE: (arn, f"{arn}/index/*"), BUCKET: (arn, f"{arn}/*")}.get(kind, (arn,))
    sending = frozenset({SEND[kind]} if kind in SEND else ())
    return Dealing(use.role, f"{variable} names it", arns, arn, NOTHING, possible | sending)


def _programs(system: System, user: Resource) -> set[str]:
    """The names of our programs that a task or function runs."""
    return {each.program.name for each in running(system) if each.resource is user and each.program}


def _table(use: Use, programs: set[str], variable: str, arn: str) -> Iterator[Dealing]:
    """What our programs do with a table and its indexes: that, and no more."""
    for program in sorted(programs):
        for right in RIGHTS.get(program, ()):
            if variable in BY_NAME and BY_NAME[variable].table == right.table.name:
                on = f"{arn}/index/{right.index}" if right.index else arn
                yield Dealing(use.role, f"the {program} {right.why}", (on,), on, _words("dynamodb", right.actions))


def _possible(dealings: Iterator[Dealing]) -> Iterator[Dealing]:
    return (each._replace(needed=NOTHING, possible=each.needed | each.possible) for each in dealings)


def image_arn(system: System, image: Any) -> str:
    """The ARN of the repository an image is pulled from; "" where that cannot be known."""
    written, found = text(image), IMAGE.match(text(image))
    if found:
        return f"arn:aws:ecr:{found[2]}:{found[1]}:repository/{found[3]}"
    target, references = system.target(image), tokens(written)
    if target and target.type == "AWS::ECR::Repository":
        return arn_of(system, target)
    piece = references[0]._replace(part=True) if references else ""
    return f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{piece}" if piece else ""


def _start(use: Use, system: System) -> Iterator[Dealing]:
    """ECS itself, before a task's program runs."""
    yield Dealing(use.role, "ECS logs in to the registry", ("*",), "*", _words("ecr", "GetAuthorizationToken"))
    for container in dicts(use.user.get("ContainerDefinitions")):
        if arn := image_arn(system, container.get("Image")):
            yield Dealing(use.role, f"{use.user.id} starts from it", (arn,), arn, PULL)
        options = container.get("LogConfiguration")
        for group in items(options.get("Options", {}).get("awslogs-group")) if isinstance(options, dict) else []:
            yield _log(use, system, group)
        for secret in dicts(container.get("Secrets")):
            yield _secret(use, system, secret.get("ValueFrom"), READ_SECRET, f"{secret.get('Name')} is filled from it")


def _function(use: Use, system: System) -> Iterator[Dealing]:
    yield from _program(use, system)
    own = use.user.get("LoggingConfig", "LogGroup")
    yield _log(use, system, own or f"/aws/lambda/{physical_name(use.user)}")
    if use.user.get("VpcConfig"):
        yield Dealing(use.role, "it stands in a VPC", ("*",), "*", INTERFACES)
    receivers = [use.user.get("DeadLetterConfig", "TargetArn")]
    for settings in system.of_type("AWS::Lambda::EventInvokeConfig"):
        if system.target(settings.get("FunctionName")) is use.user:
            receivers += [
                settings.get("DestinationConfig", outcome, "Destination") for outcome in ("OnFailure", "OnSuccess")
            ]
    for receiver in receivers:
        yield from _sending(use, system, receiver)
    for rotation in system.of_type("AWS::SecretsManager::RotationSchedule"):
        if system.target(rotation.get("RotationLambdaARN")) is use.user:
            yield _secret(use, system, rotation.get("SecretId"), ROTATE, f"{rotation.id} rotates it")
            yield Dealing(use.role, "it makes the new value", ("*",), "*", MAKE_SECRET)


def _flow_log(use: Use, system: System) -> Iterator[Dealing]:
    yield _log(use, system, use.user.get("LogGroupName") or use.user.get("LogDestination"), LOOK_AT_LOG)


def _trail(use: Use, system: System) -> Iterator[Dealing]:
    yield _log(use, system, use.user.get("CloudWatchLogsLogGroupArn"))


def _backup(use: Use, system: System) -> Iterator[Dealing]:
    for saved in system.targets(use.user.get("BackupSelection", "Resources")):
        arn, why = arn_of(system, saved), f"{use.user.id} saves {saved.id}"
        if saved.type == TABLE and arn:
            yield Dealing(use.role, why, (arn,), arn, BACK_UP)
            yield Dealing(use.role, why, (f"{arn}/backup/*",), f"{arn}/backup/01", KEEP_BACKUP)
    plan = system.target(use.user.get("BackupPlanId"))
    for vault in dict.fromkeys(system.targets(plan.get("BackupPlan", "BackupPlanRule")) if plan else []):
        arn = arn_of(system, vault)
        if arn:
            yield Dealing(use.role, "backups go there", (arn,), arn, FILL_VAULT)
        for key in system.targets(vault.get("EncryptionKeyArn")):
            name = arn_of(system, key)
            yield Dealing(use.role, f"{vault.id} encrypts with it", (name,), name, ENCRYPT_BACKUP)


def _schedule(use: Use, system: System) -> Iterator[Dealing]:
    targets = [use.user.get("Target"), *items(use.user.get("Targets"))]
    for target in dicts(targets):
        yield from _sending(use, system, target.get("Arn"))
        yield from _sending(use, system, target.get("DeadLetterConfig", {}).get("Arn"))


_DEALINGS = {
    "task": _program,
    "start": _start,
    "function": _function,
    "flow log": _flow_log,
    "trail": _trail,
    "backup": _backup,
    "schedule": _schedule,
    "event rule": _schedule,
}


@lru_cache(maxsize=2)
def dealings(system: System) -> tuple[Dealing, ...]:
    """Everything that the users of roles have to do with."""
    known = [use for use in uses(system) if use.what in _DEALINGS]
    return tuple(dealing for use in known for dealing in _DEALINGS[use.what](use, system))
