"""Task environment and configuration: what is missing, misspelt, another program's or another value is named."""

from __future__ import annotations

import pytest

from templates.rules import check_system, load_rules
from templates.rules.contract import BY_NAME, PROGRAMS, VARIABLES, Need, meant_by
from templates.rules.system import render
from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, emitted, put, remove, values
from tests.templates.rules.variables import more, renamed, value, without

API = "services/Resources/ApiTask/Properties/ContainerDefinitions/0"
BOT = "services/Resources/BotTask/Properties/ContainerDefinitions/0"
MONITOR = "monitor/Resources/MonitorFunction/Properties"
ROTATION = "monitor/Resources/RotationFunction/Properties"
COMPUTE = """
    contract_environment contract_values contract_programs contract_settings ecs_tasks ecs_services ecs_bot ecs_scaling
    ecs_discovery load_balancer load_balancer_targets load_balancer_names functions functions_schedule
    functions_rotation names
""".split()
VARIABLES_OF_MONITOR = f"{MONITOR}/Environment/Variables"
SECRET = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:sparta/"


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def secret(name: str) -> dict[str, str]:
    return {"Fn::Sub": f"{SECRET}{name}"}


GIVEN = [
    case("the API without its tables", "services ApiTask variable-given", without(API, "OPERATORS_TABLE_NAME")),
    case("the API without its port", "services ApiTask variable-given", without(API, "API_PORT")),
    case("the API without its host", "services ApiTask variable-given", without(API, "API_HOST")),
    case("the API without the private key", "services ApiTask variable-given", without(API, "SPARTA_PRIVATE_KEY")),
    case("the API without its key", "services ApiTask variable-given", without(API, "BACKEND_API_KEY_SECRET")),
    case("the API without a node", "services ApiTask variable-given", without(API, "AZTEC_RPC_URL")),
    case("the API with no secrets at all", "services ApiTask variable-given", remove(f"{API}/Secrets")),
    case("the API without any contract", "services ApiTask variable-given",
         without(API, "STAKING_ASSET_HANDLER_ADDRESS")),
    case("the bot without a role", "services BotTask variable-given", without(BOT, "ROLE_GUARDIAN_ID")),
    case("the bot without its token", "services BotTask variable-given", without(BOT, "BOT_TOKEN")),
    case("the bot without the API", "services BotTask variable-given", without(BOT, "API_URL")),
    case("the bot without its environment", "services BotTask variable-given", without(BOT, "ENVIRONMENT")),
    case("the monitor without its token", "monitor MonitorFunction variable-given",
         remove(f"{VARIABLES_OF_MONITOR}/BOT_TOKEN_SECRET")),
    case("the monitor without a channel", "monitor MonitorFunction variable-given",
         remove(f"{VARIABLES_OF_MONITOR}/CHANNEL_MODERATORS_ID")),
    case("the monitor without variables", "monitor MonitorFunction variable-given", remove(f"{MONITOR}/Environment")),
    case("the rotation without its environment", "monitor RotationFunction variable-given",
         remove(f"{ROTATION}/Environment/Variables/ENVIRONMENT")),
    case("given only when it is a secret", "services ApiTask variable-given",
         put("services/Conditions/HasEthereumHostSecret", {"Fn::Not": [{"Fn::Equals": [ref("Environment"), ""]}]}),
         without(API, "SPARTA_PRIVATE_KEY")),
    case("a misspelt variable", "services ApiTask variable-known", renamed(API, "L1_CHAIN_ID", "L1_CHAINID")),
    case("a variable of another name", "monitor MonitorFunction variable-known",
         put(f"{VARIABLES_OF_MONITOR}/DISCORD_TOKEN_SECRET", secret("${Environment}/bot-token"))),
    case("a misspelt secret", "services BotTask variable-known", renamed(BOT, "BOT_TOKEN", "BOTTOKEN")),
    case("the bot with a table", "services BotTask variable-of-this-program",
         more(BOT, "OPERATORS_TABLE_NAME", ref("OperatorsTableName"))),
    case("the bot with the private key", "services BotTask variable-of-this-program",
         more(BOT, "SPARTA_PRIVATE_KEY", secret("${Environment}/ethereum-private-key"), "Secrets")),
    case("the monitor with the private key", "monitor MonitorFunction variable-of-this-program",
         put(f"{VARIABLES_OF_MONITOR}/SPARTA_PRIVATE_KEY_SECRET", secret("${Environment}/ethereum-private-key"))),
    case("the monitor with the API key", "monitor MonitorFunction variable-of-this-program",
         put(f"{VARIABLES_OF_MONITOR}/BACKEND_API_KEY_SECRET", secret("${Environment}/api-key"))),
    case("the API with the bot's roles", "services ApiTask variable-of-this-program",
         more(API, "ROLE_GUARDIAN_ID", ref("RoleGuardianId"))),
    case("the rotation with the bot's token", "monitor RotationFunction variable-of-this-program",
         put(f"{ROTATION}/Environment/Variables/BOT_TOKEN_SECRET", secret("${Environment}/bot-token"))),
    case("a stand-in for Discord", "services BotTask no-stand-in-deployed",
         more(BOT, "DISCORD_API_URL", "http://10.10.1.7:8080")),
    case("a stand-in for one AWS service", "services ApiTask no-stand-in-deployed",
         more(API, "AWS_ENDPOINT_URL_S3", "http://localhost:4566")),
    case("a stand-in for all of AWS", "monitor MonitorFunction no-stand-in-deployed",
         put(f"{VARIABLES_OF_MONITOR}/AWS_ENDPOINT_URL", "http://localhost:4566")),
    case("Lambda told of its region", "monitor MonitorFunction variable-not-reserved",
         put(f"{VARIABLES_OF_MONITOR}/AWS_REGION", ref("AWS::Region"))),
    case("Lambda told of its handler", "monitor RotationFunction variable-not-reserved",
         put(f"{ROTATION}/Environment/Variables/_HANDLER", "functions.other.handler")),
    case("an empty list of channels", "services BotTask variable-not-empty", value(BOT, "CHANNEL_AUDIT_ID", "")),
    case("an empty URL where a secret holds it", "monitor MonitorFunction variable-not-empty",
         put(f"{VARIABLES_OF_MONITOR}/AZTEC_RPC_URL", ref("AztecRpcUrl")),
         AztecRpcUrl="", AztecRpcUrlSecretArn="arn:aws:secretsmanager:eu-west-2:123456789012:secret:node-AbCdEf"),
    case("the branches of a condition swapped", "services ApiTask variable-not-empty",
         put("services/Conditions/HasRollupAddress", {"Fn::Equals": [ref("RollupAddress"), ""]})),
    case("a URL both plain and by its secret", "monitor MonitorFunction variable-in-one-form",
         put(f"{VARIABLES_OF_MONITOR}/AZTEC_RPC_URL_SECRET", secret("${Environment}/api-key"))),
    case("a key injected at the start", "services ApiTask secret-given-in-its-form",
         more(API, "BACKEND_API_KEY", secret("${Environment}/api-key"), "Secrets")),
    case("an id injected as a secret", "services BotTask secret-given-in-its-form",
         more(BOT, "GUILD_ID", secret("${Environment}/bot-token"), "Secrets")),
    case("the name of a secret injected", "services ApiTask secret-given-in-its-form",
         more(API, "BOT_TOKEN_SECRET", secret("${Environment}/bot-token"), "Secrets")),
    case("variables from a file", "services ApiTask no-environment-files",
         put(f"{API}/EnvironmentFiles", [{"Type": "s3", "Value": {"Fn::Sub": "arn:${AWS::Partition}:s3:::a/b.env"}}])),
]  # fmt: skip

VALUES = [
    case("the other role", "services BotTask variable-from-its-parameter",
         value(BOT, "ROLE_APPRENTICE_ID", ref("RoleGuardianId"))),
    case("a channel that has the same id in production", "services BotTask variable-from-its-parameter",
         value(BOT, "CHANNEL_MODERATORS_ID", ref("ChannelAuditId"))),
    case("server and bot swapped", "monitor MonitorFunction variable-from-its-parameter",
         put(f"{VARIABLES_OF_MONITOR}/GUILD_ID", ref("BotClientId"))),
    case("the other URL", "services ApiTask variable-from-its-parameter",
         value(API, "ETHEREUM_HOST", ref("AztecRpcUrl"))),
    case("a contract that is another's", "monitor MonitorFunction variable-from-its-parameter",
         put(f"{VARIABLES_OF_MONITOR}/STAKING_ASSET_HANDLER_ADDRESS", ref("SpartaAddress"))),
    case("the account that is a contract's", "services ApiTask variable-from-its-parameter",
         value(API, "SPARTA_ADDRESS", ref("StakingAssetHandlerAddress"))),
    case("a chain fixed in the template", "services ApiTask variable-from-its-parameter",
         value(API, "L1_CHAIN_ID", "11155111")),
    case("a log level fixed in the template", "services BotTask variable-from-its-parameter",
         value(BOT, "LOG_LEVEL", "debug")),
    case("an environment fixed in the template", "services ApiTask variable-from-its-parameter",
         value(API, "ENVIRONMENT", "production")),
    case("crossed on the way through root", "services BotTask variable-from-its-parameter",
         put("root/Resources/Services/Properties/Parameters/GuildId", ref("BotClientId"))),
    case("not passed on by root", "services BotTask variable-from-its-parameter",
         put("services/Parameters/GuildId/Default", "1144692727120937080"),
         remove("root/Resources/Services/Properties/Parameters/GuildId")),
    case("the secret of the other URL", "services ApiTask variable-from-its-parameter",
         value(API, "AZTEC_RPC_URL", ref("EthereumHostSecretArn")), EthereumHost="", AztecRpcUrl="",
         EthereumHostSecretArn="arn:aws:secretsmanager:eu-west-2:123456789012:secret:rpc-AbCdEf",
         AztecRpcUrlSecretArn="arn:aws:secretsmanager:eu-west-2:123456789012:secret:node-AbCdEf"),
    case("the other table", "services ApiTask variable-names-its-own",
         value(API, "VALIDATORS_TABLE_NAME", ref("ValidatorHistoryTableName"))),
    case("the other table's output", "monitor MonitorFunction variable-names-its-own",
         put("data/Outputs/AlertsTableName/Value", ref("ConfigTable"))),
    case("another environment's table", "services ApiTask variable-names-its-own",
         value(API, "CONFIG_TABLE_NAME", "sparta-config-production"), environment="staging"),
    case("the private key for a token", "services BotTask variable-names-its-own",
         value(BOT, "BOT_TOKEN", secret("${Environment}/ethereum-private-key"))),
    case("the token for the private key", "services ApiTask variable-names-its-own",
         value(API, "SPARTA_PRIVATE_KEY", secret("${Environment}/bot-token"))),
    case("another environment's key", "services BotTask variable-names-its-own",
         value(BOT, "BACKEND_API_KEY_SECRET", secret("staging/api-key"))),
    case("an ARN as policies write it", "services BotTask variable-names-its-own",
         value(BOT, "BOT_TOKEN", secret("${Environment}/bot-token-??????"))),
    case("a secret of another account", "monitor MonitorFunction variable-names-its-own",
         put(f"{VARIABLES_OF_MONITOR}/BOT_TOKEN_SECRET",
             "arn:aws:secretsmanager:eu-west-2:999999999999:secret:sparta/production/bot-token")),
    case("an API for itself only", "services ApiTask variable-as-fixed", value(API, "API_HOST", "127.0.0.1")),
    case("another region", "services BotTask variable-as-fixed", value(BOT, "AWS_REGION", "eu-west-1")),
    case("logs for people in production", "services ApiTask production-logs-json",
         value(API, "LOG_PRETTY_PRINT", "true")),
]  # fmt: skip

RUNNING = [
    case("a misspelt module", "services BotTask program-known", put(f"{BOT}/Command", ["python", "-m", "sparta.bott"])),
    case("an application that is not called", "services ApiTask program-known",
         put(f"{API}/Command", ["gunicorn", "sparta.api:create_app"])),
    case("no command", "services BotTask program-known", remove(f"{BOT}/Command")),
    case("a handler of nobody", "monitor MonitorFunction program-known",
         put(f"{MONITOR}/Handler", "functions.monitor.handler")),
    case("a shell instead of the bot", "services BotTask program-known", put(f"{BOT}/Command", ["sleep", "infinity"])),
    case("the bot that only registers commands", "services BotTask program-without-extras",
         put(f"{BOT}/Command/+", "sync")),
    case("the API twice, the bot never", "services BotTask program-runs-once",
         put(f"{BOT}/Command", ["gunicorn", "sparta.api:create_app()"])),
    case("no bot", "root - program-runs-once", put(f"{BOT}/Command", ["gunicorn", "sparta.api:create_app()"])),
    case("the API's service runs the bot", "services BotService program-runs-once",
         put("services/Resources/ApiService/Properties/TaskDefinition", ref("BotTask"))),
    case("the bot beside the API in one task", "services BotTask program-runs-once",
         put("services/Resources/ApiTask/Properties/ContainerDefinitions/+",
             {"Name": "bot", "Image": ref("ImageUri"), "Command": ["python", "-m", "sparta.bot"]})),
    case("no monitor", "root - program-runs-once", remove("monitor/Resources/MonitorFunction")),
    case("the rotation's code in the monitor", "monitor MonitorFunction function-has-its-code",
         put(f"{MONITOR}/Code/S3Key", ref("RotationCodeKey"))),
    case("a key fixed in the template", "monitor RotationFunction function-has-its-code",
         put(f"{ROTATION}/Code/S3Key", "functions/api_key_rotation.zip")),
    case("another bucket", "monitor MonitorFunction function-has-its-code",
         put(f"{MONITOR}/Code/S3Bucket", "my-own-bucket")),
    case("the bot in the API's log", "services BotTask program-logs-where-people-look",
         put(f"{BOT}/LogConfiguration/Options/awslogs-group", ref("ApiLogGroup"))),
    case("a log group of another name", "services ApiTask program-logs-where-people-look",
         put("services/Resources/ApiLogGroup/Properties/LogGroupName", {"Fn::Sub": "/ecs/api${NameSuffix}"})),
    case("the rotation in the monitor's log", "monitor RotationFunction program-logs-where-people-look",
         put(f"{ROTATION}/LoggingConfig/LogGroup", ref("MonitorLogGroup"))),
]  # fmt: skip

SETTINGS = [
    case("a size fixed in the template", "services ApiTask setting-from-its-parameter",
         put("services/Resources/ApiTask/Properties/Cpu", "1024")),
    case("the bot's size for the API", "services ApiTask setting-from-its-parameter",
         put("services/Resources/ApiTask/Properties/Memory", ref("BotMemory"))),
    case("a number of tasks fixed in the template", "services ApiService setting-from-its-parameter",
         put("services/Resources/ApiService/Properties/DesiredCount", 2)),
    case("highest and lowest swapped", "services ApiScaling setting-from-its-parameter",
         put("services/Resources/ApiScaling/Properties/MinCapacity", ref("ApiMaxCount"))),
    case("a schedule fixed in the template", "monitor MonitorSchedule setting-from-its-parameter",
         put("monitor/Resources/MonitorSchedule/Properties/ScheduleExpression", "rate(5 minutes)")),
    case("days of another kind", "monitor ApiKeyRotation setting-from-its-parameter",
         put("monitor/Resources/ApiKeyRotation/Properties/RotationRules/AutomaticallyAfterDays",
             ref("LogRetentionDays"))),
    case("an image fixed in the template", "services BotTask setting-from-its-parameter",
         put(f"{BOT}/Image", "123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta@sha256:" + "0" * 64)),
]  # fmt: skip

CASES = [*GIVEN, *VALUES, *RUNNING, *SETTINGS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about programs and their settings stands without a mistake that it sees."""
    modules = ("contract_environment", "contract_values", "contract_programs", "contract_settings")
    assert not unproven(CASES, *modules)


HARMLESS = [
    pytest.param(more(API, "TZ", "UTC"), id="a variable of the system's own"),
    pytest.param(more(BOT, "PYTHONUNBUFFERED", "1"), id="a variable of Python's"),
    pytest.param(more(API, "GUNICORN_CMD_ARGS", "--workers=2"), id="a variable of gunicorn's"),
    pytest.param(put(f"{API}/Command", ["gunicorn", "--workers", "4", "sparta.api:create_app()"]), id="more workers"),
    pytest.param(put(f"{BOT}/Command", ["/usr/local/bin/python3", "-m", "sparta.bot"]), id="a path before python"),
    pytest.param(value(BOT, "BOT_TOKEN", secret("${Environment}/bot-token:::")), id="a secret's whole value"),
    pytest.param(without(API, "CORS_ALLOWED_ORIGINS"), id="no origin for browsers"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))


@pytest.mark.parametrize("stack", list(emitted()))
def test_a_part_of_the_system_is_not_blamed_for_the_rest(stack: str) -> None:
    """A folder with one of our stacks only is checked for what it holds; what the others would give it is open."""
    system = render({stack: emitted()[stack]}, values("production"))
    rules = {name for name, rule in load_rules().items() if rule.check.__module__.rpartition(".")[2] in COMPUTE}
    assert not {finding for finding in check_system(system) if finding.rule in rules}


def test_contract_is_a_table() -> None:
    """Each variable stands there once, belongs to a program, and says what a deployment fills it with."""
    assert len(BY_NAME) == len(VARIABLES)
    for variable in VARIABLES:
        sources = [variable.parameter, variable.table, variable.kept_as, variable.value]
        derived = variable.name in ("API_URL", "AWS_REGION") or variable.need is Need.LOCAL
        assert variable.used_by
        assert set(variable.used_by) <= set(PROGRAMS)
        assert len([source for source in sources if source]) == (0 if derived else 1), variable.name
        assert variable.about.endswith(".")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BOT_TOKEN", "BOT_TOKEN"),
        ("BOT_TOKEN_SECRET", "BOT_TOKEN"),
        ("ETHEREUM_HOST_SECRET", "ETHEREUM_HOST"),
        ("GUILD_ID_SECRET", None),
        ("SECRET", None),
        ("", None),
    ],
)
def test_a_name_means_a_row(name: str, meant: str | None) -> None:
    """A secret may come under its own name or as <NAME>_SECRET; other settings have no such form."""
    row = meant_by(name)
    assert (row.name if row else None) == meant
