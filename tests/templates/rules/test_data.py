"""Tables, buckets, backups, images and secrets: whatever loses, shows or piles up data is named."""

from __future__ import annotations

import json

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Bodies, Mistake, put, remove

OPERATORS = "data/Resources/OperatorsTable"
VALIDATORS = "data/Resources/ValidatorsTable"
HISTORY = "data/Resources/ValidatorHistoryTable"
ARTIFACTS = "bootstrap/Resources/ArtifactBucket"
BACKUPS = "data/Resources/BackupBucket"
AUDIT = "observability/Resources/AuditBucket"
PLAN = "data/Resources/BackupPlan/Properties/BackupPlan/BackupPlanRule"
SELECTION = "data/Resources/BackupSelection/Properties/BackupSelection"
REPOSITORY = "bootstrap/Resources/ImageRepository"
IMAGES = f"{REPOSITORY}/Properties"
API_KEY = "bootstrap/Resources/ApiKeySecret"


def _kept(policy: str | None, *places: str) -> Mistake:
    """Both policies of a resource, set or removed."""

    def mistake(bodies: Bodies) -> None:
        for key in ("DeletionPolicy", "UpdateReplacePolicy"):
            for place in places:
                change = remove(f"{place}/{key}") if policy is None else put(f"{place}/{key}", policy)
                change(bodies)

    return mistake


STATEFUL = [
    case("a table that goes with its stack", "data OperatorsTable stateful-is-kept", _kept(None, OPERATORS)),
    case("a table deleted on purpose", "data ConfigTable stateful-is-kept",
         _kept("Delete", "data/Resources/ConfigTable")),
    case("a table kept on deletion only", "data AlertsTable stateful-is-kept",
         remove("data/Resources/AlertsTable/UpdateReplacePolicy")),
    case("a bucket that goes", "data BackupBucket stateful-is-kept", _kept(None, BACKUPS)),
    case("a vault that goes", "data BackupVault stateful-is-kept", _kept(None, "data/Resources/BackupVault")),
    case("a key that goes", "data EncryptionKey stateful-is-kept", _kept("Delete", "data/Resources/EncryptionKey")),
    case("a secret that goes", "bootstrap BotTokenSecret stateful-is-kept",
         _kept(None, "bootstrap/Resources/BotTokenSecret")),
    case("images that go", "bootstrap ImageRepository stateful-is-kept",
         _kept(None, REPOSITORY)),
    case("a log that goes", "services ApiLogGroup stateful-is-kept", _kept("Delete", "services/Resources/ApiLogGroup")),
    case("a policy that goes while its bucket stays", "observability AuditBucketPolicy policy-outlives-with-bucket",
         _kept(None, "observability/Resources/AuditBucketPolicy")),
    case("a key that can be deleted within a week", "data EncryptionKey key-deletion-waits",
         put("data/Resources/EncryptionKey/Properties/PendingWindowInDays", 7)),
]  # fmt: skip

TABLES = [
    case("no point-in-time recovery", "data OperatorsTable table-recoverable",
         remove(f"{OPERATORS}/Properties/PointInTimeRecoverySpecification")),
    case("recovery switched off", "data ValidatorsTable table-recoverable",
         put(f"{VALIDATORS}/Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", "false")),
    case("recovery for a day", "data OperatorsTable table-recoverable",
         put(f"{OPERATORS}/Properties/PointInTimeRecoverySpecification/RecoveryPeriodInDays", 1)),
    case("no encryption", "data OperatorsTable table-encrypted", remove(f"{OPERATORS}/Properties/SSESpecification")),
    case("encryption switched off", "data OperatorsTable table-encrypted",
         put(f"{OPERATORS}/Properties/SSESpecification/SSEEnabled", False)),
    case("no deletion protection", "data OperatorsTable table-deletion-protected",
         remove(f"{OPERATORS}/Properties/DeletionProtectionEnabled")),
    case("deletion protection off", "data ValidatorsTable table-deletion-protected",
         put(f"{VALIDATORS}/Properties/DeletionProtectionEnabled", False)),
    case("provisioned capacity", "data OperatorsTable table-billed-by-request",
         put(f"{OPERATORS}/Properties/BillingMode", "PROVISIONED")),
    case("the billing mode left out", "data OperatorsTable table-billed-by-request",
         remove(f"{OPERATORS}/Properties/BillingMode")),
    case("throughput given beside on-demand", "data OperatorsTable table-billed-by-request",
         put(f"{OPERATORS}/Properties/ProvisionedThroughput", {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})),
    case("throughput of an index", "data OperatorsTable table-billed-by-request",
         put(f"{OPERATORS}/Properties/GlobalSecondaryIndexes/0/ProvisionedThroughput", {"ReadCapacityUnits": 5})),
    case("history that never expires", "data ValidatorHistoryTable old-items-expire",
         remove(f"{HISTORY}/Properties/TimeToLiveSpecification")),
    case("expiry of alerts switched off", "data AlertsTable old-items-expire",
         put("data/Resources/AlertsTable/Properties/TimeToLiveSpecification/Enabled", False)),
    case("operators that expire", "data OperatorsTable registered-items-stay",
         put(f"{OPERATORS}/Properties/TimeToLiveSpecification", {"AttributeName": "expiresAt", "Enabled": True})),
    case("another attribute of expiry", "data ValidatorHistoryTable expiry-attribute-alike",
         put(f"{HISTORY}/Properties/TimeToLiveSpecification/AttributeName", "ttl")),
    case("expiry by a key", "data AlertsTable expiry-attribute-alike",
         put("data/Resources/AlertsTable/Properties/TimeToLiveSpecification/AttributeName", "createdAt")),
    case("a key attribute that is not defined", "data ValidatorHistoryTable key-well-formed",
         remove(f"{HISTORY}/Properties/AttributeDefinitions/1")),
    case("an attribute that no key uses", "data OperatorsTable key-well-formed",
         put(f"{OPERATORS}/Properties/AttributeDefinitions/+", {"AttributeName": "name", "AttributeType": "S"})),
    case("two partition keys", "data ValidatorHistoryTable key-well-formed",
         put(f"{HISTORY}/Properties/KeySchema/1/KeyType", "HASH")),
    case("a sort key that became text", "data ValidatorHistoryTable table-as-stores-ask",
         put(f"{HISTORY}/Properties/AttributeDefinitions/1/AttributeType", "S")),
    case("an index that is gone", "data OperatorsTable table-as-stores-ask",
         remove(f"{OPERATORS}/Properties/GlobalSecondaryIndexes")),
    case("an index by another attribute", "data AlertsTable table-as-stores-ask",
         put("data/Resources/AlertsTable/Properties/GlobalSecondaryIndexes/0/KeySchema/1/AttributeName", "status")),
    case("an index of keys only", "data OperatorsTable table-as-stores-ask",
         put(f"{OPERATORS}/Properties/GlobalSecondaryIndexes/0/Projection/ProjectionType", "KEYS_ONLY")),
    case("an index nobody asks for", "data OperatorsTable table-as-stores-ask",
         put(f"{OPERATORS}/Properties/GlobalSecondaryIndexes", [{"IndexName": "by-name", "KeySchema": []}])),
]  # fmt: skip

LIFECYCLE = "Properties/LifecycleConfiguration/Rules"
BUCKETS = [
    *(
        case(f"{block} left out", "data BackupBucket public-access-blocked",
             remove(f"{BACKUPS}/Properties/PublicAccessBlockConfiguration/{block}"))
        for block in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    ),
    case("public access not blocked at all", "observability AuditBucket public-access-blocked",
         remove(f"{AUDIT}/Properties/PublicAccessBlockConfiguration")),
    case("access lists allowed", "bootstrap ArtifactBucket bucket-without-lists",
         put(f"{ARTIFACTS}/Properties/OwnershipControls/Rules/0/ObjectOwnership", "ObjectWriter")),
    case("a public access list", "bootstrap ArtifactBucket bucket-without-lists",
         put(f"{ARTIFACTS}/Properties/AccessControl", "PublicRead")),
    case("open to web pages", "data BackupBucket bucket-without-lists",
         put(f"{BACKUPS}/Properties/CorsConfiguration", {"CorsRules": [{"AllowedOrigins": ["*"]}]})),
    case("no encryption", "data BackupBucket bucket-encrypted", remove(f"{BACKUPS}/Properties/BucketEncryption")),
    case("a key for every object", "data BackupBucket bucket-encrypted",
         put(f"{BACKUPS}/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0/BucketKeyEnabled", False)),
    case("a key that the cipher ignores", "data BackupBucket bucket-encrypted",
         put(f"{BACKUPS}/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0"
             "/ServerSideEncryptionByDefault/SSEAlgorithm", "AES256")),
    case("AWS's own key", "data BackupBucket bucket-encrypted",
         remove(f"{BACKUPS}/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0"
                "/ServerSideEncryptionByDefault/KMSMasterKeyID")),
    case("no versions", "data BackupBucket bucket-versioned", remove(f"{BACKUPS}/Properties/VersioningConfiguration")),
    case("versions suspended", "bootstrap ArtifactBucket bucket-versioned",
         put(f"{ARTIFACTS}/Properties/VersioningConfiguration/Status", "Suspended")),
    case("no lifecycle", "data BackupBucket bucket-tidied", remove(f"{BACKUPS}/Properties/LifecycleConfiguration")),
    case("a lifecycle rule switched off", "data BackupBucket bucket-tidied",
         put(f"{BACKUPS}/{LIFECYCLE}/1/Status", "Disabled")),
    case("a lifecycle rule for one folder only", "data BackupBucket bucket-tidied",
         put(f"{BACKUPS}/{LIFECYCLE}/0/Prefix", "tmp/")),
    case("old versions gone after a day", "bootstrap ArtifactBucket old-versions-last",
         put(f"{ARTIFACTS}/{LIFECYCLE}/1/NoncurrentVersionExpiration/NoncurrentDays", 1)),
    case("packages that expire", "bootstrap ArtifactBucket objects-do-not-expire",
         put(f"{ARTIFACTS}/{LIFECYCLE}/1/ExpirationInDays", 90)),
    case("exports that expire", "data BackupBucket objects-do-not-expire",
         put(f"{BACKUPS}/{LIFECYCLE}/+", {"Id": "all", "Status": "Enabled", "ExpirationDate": "2027-01-01T00:00:00Z"})),
    case("records gone after a month", "observability AuditBucket objects-do-not-expire",
         put(f"{AUDIT}/{LIFECYCLE}/1/ExpirationInDays", 30)),
    case("records kept for ever", "observability AuditBucket records-expire", remove(f"{AUDIT}/{LIFECYCLE}/1")),
    case("packages put into an archive", "bootstrap ArtifactBucket packages-not-archived",
         put(f"{ARTIFACTS}/{LIFECYCLE}/1/Transitions", [{"StorageClass": "GLACIER", "TransitionInDays": 30}])),
]  # fmt: skip

ALL_BUT_ONE = {"Ref": "AlertsTable"}
BACKUP = [
    case("no daily backup", "data BackupPlan backups-as-promised", remove(f"{PLAN}/0")),
    case("no monthly backup", "data BackupPlan backups-as-promised", remove(f"{PLAN}/1")),
    case("daily backups for a week", "data BackupPlan backups-as-promised",
         put(f"{PLAN}/0/Lifecycle/DeleteAfterDays", 7)),
    case("monthly backups for a month", "data BackupPlan backups-as-promised",
         put(f"{PLAN}/1/Lifecycle/DeleteAfterDays", 31)),
    case("daily turned weekly", "data BackupPlan backups-as-promised",
         put(f"{PLAN}/0/ScheduleExpression", "cron(0 3 ? * SUN *)")),
    case("five fields", "data BackupPlan backup-schedule-possible",
         put(f"{PLAN}/0/ScheduleExpression", "cron(0 3 * * ?)")),
    case("day of month and weekday both", "data BackupPlan backup-schedule-possible",
         put(f"{PLAN}/0/ScheduleExpression", "cron(0 3 * * * *)")),
    case("a rate", "data BackupPlan backup-schedule-possible", put(f"{PLAN}/0/ScheduleExpression", "rate(1 day)")),
    case("no schedule", "data BackupPlan backup-schedule-possible", remove(f"{PLAN}/0/ScheduleExpression")),
    case("every minute of an hour", "data BackupPlan backup-schedule-possible",
         put(f"{PLAN}/0/ScheduleExpression", "cron(* 3 * * ? *)")),
    case("backups for ever", "data BackupPlan backups-expire", remove(f"{PLAN}/1/Lifecycle")),
    case("a year of daily copies", "data BackupPlan backups-expire", put(f"{PLAN}/0/Lifecycle/DeleteAfterDays", 365)),
    case("cold storage too short", "data BackupPlan cold-backups-last",
         put(f"{PLAN}/0/Lifecycle/MoveToColdStorageAfterDays", 7)),
    case("half an hour to begin", "data BackupPlan backup-has-time", put(f"{PLAN}/0/StartWindowMinutes", 30)),
    case("no time to end", "data BackupPlan backup-has-time", put(f"{PLAN}/0/CompletionWindowMinutes", 60)),
    case("continuous backups of tables", "data BackupPlan backup-not-continuous",
         put(f"{PLAN}/0/EnableContinuousBackup", True)),
    case("the account's default vault", "data BackupPlan backups-in-own-vault",
         put(f"{PLAN}/0/TargetBackupVault", "Default")),
    case("a vault without a key", "data BackupVault vault-encrypted",
         remove("data/Resources/BackupVault/Properties/EncryptionKeyArn")),
    case("a vault locked for a year at least", "data BackupPlan vault-lock-fits",
         put("data/Resources/BackupVault/Properties/LockConfiguration", {"MinRetentionDays": 300})),
    case("a table in no selection", "data BackupSelection table-backed-up", remove(f"{SELECTION}/Resources/2")),
    case("a table left out again", "data BackupSelection table-backed-up",
         put(f"{SELECTION}/NotResources", [{"Fn::GetAtt": ["ConfigTable", "Arn"]}])),
    case("a table named instead of its ARN", "data BackupSelection table-backed-up",
         put(f"{SELECTION}/Resources/5", ALL_BUT_ONE)),
    case("no selection at all", "data OperatorsTable table-backed-up", remove("data/Resources/BackupSelection")),
    case("a selection by tags", "data BackupSelection selection-unconditional",
         put(f"{SELECTION}/Conditions", {"StringEquals": [{"ConditionKey": "aws:ResourceTag/a"}]})),
    case("no plan", "data OperatorsTable plan-exists",
         remove("data/Resources/BackupPlan"), remove("data/Resources/BackupSelection")),
]  # fmt: skip


def _expiring(**selection: object) -> str:
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


POLICY = f"{IMAGES}/LifecyclePolicy/LifecyclePolicyText"
IMAGE = [
    case("tags that move", "bootstrap ImageRepository image-tags-fixed",
         put(f"{IMAGES}/ImageTagMutability", "MUTABLE")),
    case("tags that move by default", "bootstrap ImageRepository image-tags-fixed",
         remove(f"{IMAGES}/ImageTagMutability")),
    case("no scan", "bootstrap ImageRepository images-scanned",
         put(f"{IMAGES}/ImageScanningConfiguration/ScanOnPush", False)),
    case("no encryption named", "bootstrap ImageRepository images-encrypted",
         remove(f"{IMAGES}/EncryptionConfiguration")),
    case("images that go with the repository", "bootstrap ImageRepository images-outlive-stack",
         put(f"{IMAGES}/EmptyOnDelete", True)),
    case("images for ever", "bootstrap ImageRepository images-expire-in-time", remove(f"{IMAGES}/LifecyclePolicy")),
    case("one image left", "bootstrap ImageRepository images-expire-in-time",
         put(POLICY, _expiring(tagStatus="any", countType="imageCountMoreThan", countNumber=1))),
    case("every image gone after two weeks", "bootstrap ImageRepository images-expire-in-time",
         put(POLICY, _expiring(tagStatus="any", countType="sinceImagePushed", countUnit="days", countNumber=14))),
]  # fmt: skip

SECRETS = [
    case("a secret read under another name", "security ApiExecutionRole secret-made",
         put("security/Resources/ApiExecutionRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/0",
             {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
                         "sparta/${Environment}/bottoken-??????"})),
    case("a rotation of a secret nobody makes", "monitor ApiKeyRotation secret-made",
         put("monitor/Resources/ApiKeyRotation/Properties/SecretId", {"Fn::Sub": "sparta/${Environment}/key"})),
    case("one of the three missing", "bootstrap - secrets-complete",
         remove("bootstrap/Resources/EthereumPrivateKeySecret")),
    case("a short key", "bootstrap ApiKeySecret generated-secret-strong",
         put(f"{API_KEY}/Properties/GenerateSecretString/PasswordLength", 8)),
    case("a key of digits", "bootstrap ApiKeySecret generated-secret-strong",
         put(f"{API_KEY}/Properties/GenerateSecretString",
             {"PasswordLength": 32, "ExcludePunctuation": True, "ExcludeLowercase": True, "ExcludeUppercase": True})),
    case("a key inside JSON", "bootstrap ApiKeySecret generated-key-bare",
         put(f"{API_KEY}/Properties/GenerateSecretString/GenerateStringKey", "key")),
    case("a key with signs", "bootstrap ApiKeySecret generated-key-plain",
         remove(f"{API_KEY}/Properties/GenerateSecretString/ExcludePunctuation")),
    case("a key that nobody makes up", "bootstrap ApiKeySecret api-key-generated",
         remove(f"{API_KEY}/Properties/GenerateSecretString")),
    case("a token made up", "bootstrap BotTokenSecret issued-secret-not-generated",
         put("bootstrap/Resources/BotTokenSecret/Properties/GenerateSecretString", {"PasswordLength": 72})),
]  # fmt: skip

CASES = [*STATEFUL, *TABLES, *BUCKETS, *BACKUP, *IMAGE, *SECRETS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about data stands without a mistake that it sees."""
    assert not unproven(CASES, "stateful", "tables", "buckets", "backups", "images", "secret_store")


HARMLESS = [
    pytest.param(put(f"{PLAN}/0/ScheduleExpression", "cron(30 2 * * ? *)"), id="backups half an hour earlier"),
    pytest.param(put(f"{PLAN}/0/Lifecycle/DeleteAfterDays", 60), id="backups kept longer"),
    pytest.param(put(f"{ARTIFACTS}/{LIFECYCLE}/1/NoncurrentVersionExpiration/NoncurrentDays", 180), id="old versions"),
    pytest.param(put(f"{AUDIT}/{LIFECYCLE}/1/ExpirationInDays", 800), id="records kept longer"),
    pytest.param(put(f"{API_KEY}/Properties/GenerateSecretString/PasswordLength", 64), id="a longer key"),
    pytest.param(put(f"{SELECTION}/Resources", [{"Fn::Sub": "arn:${AWS::Partition}:dynamodb:*:*:table/sparta-*"}]),
                 id="tables selected by the beginning of their names"),
    pytest.param(put(POLICY, _expiring(tagStatus="any", countType="imageCountMoreThan", countNumber=20)), id="images"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
