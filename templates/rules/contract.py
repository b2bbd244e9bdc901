"""What each program wants from its environment: the contract between task definitions, functions and settings.

The names are fixed: people's .env files, the task definitions and outside checks use them. Documentation and tests
read this table too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Need(Enum):
    """What happens to a deployed program that does not get a variable."""

    REQUIRED = "it does not start"
    STATED = "it takes a default that is made for a developer's machine"
    OPTIONAL = "it works without"
    LOCAL = "it must not get it: the variable points at a stand-in on a developer's machine"


@dataclass(frozen=True)
class Program:
    """Something that runs: in a container by its command, or in Lambda by its handler.

    `memory` is the least a function needs, in MiB; `seconds` the least time one run is given. `code_key` is the
    parameter with the key of a function's zip. `name` and `log_group` are the production names.
    """

    name: str
    entry: tuple[str, ...]
    runs: str
    log_group: str
    memory: int = 0
    seconds: int = 0
    code_key: str = ""

    @property
    def is_function(self) -> bool:
        return bool(self.code_key)


API = Program("api", ("gunicorn", "sparta.api:create_app()"), "sparta-api", "/ecs/sparta-api")
BOT = Program("bot", ("python", "-m", "sparta.bot"), "sparta-discord", "/ecs/sparta-bot")
MONITOR = Program(
    "monitor",
    ("functions.validator_monitor.handler",),
    "sparta-validator-monitor",
    "/aws/lambda/sparta-validator-monitor",
    memory=256,
    seconds=60,
    code_key="MonitorCodeKey",
)
ROTATION = Program(
    "rotation",
    ("functions.api_key_rotation.handler",),
    "sparta-api-key-rotation",
    "/aws/lambda/sparta-api-key-rotation",
    memory=128,
    seconds=15,
    code_key="RotationCodeKey",
)
PROGRAMS = (API, BOT, MONITOR, ROTATION)

HEALTHY_FILE = "/tmp/sparta-bot.healthy"  # noqa: S108 - the task's own volume, nobody else writes there
"""The bot touches it every few seconds while Discord's gateway and the API answer."""


@dataclass(frozen=True)
class Variable:
    """One environment variable and where a deployment takes its value from.

    `parameter`: the deploy-time parameter. `table`: it names that table. `kept_as`: it is a secret, called so after
    ``sparta/<environment>/``. `kept_at`: the parameter with the ARN of a secret that may hold the value instead.
    `read_late`: the program reads the secret at run time, so that a rotation needs no restart. `value`: the same in
    every deployment. `default`: what the program takes by itself.
    """

    name: str
    used_by: tuple[Program, ...]
    about: str
    need: Need = Need.REQUIRED
    default: str = ""
    parameter: str = ""
    table: str = ""
    kept_as: str = ""
    kept_at: str = ""
    value: str = ""
    read_late: bool = False

    @property
    def may_be_secret(self) -> bool:
        """Whether it may come as ``<NAME>_SECRET``, the name or ARN of a secret that holds it."""
        return bool(self.kept_as or self.kept_at)


_TALKERS = (BOT, API, MONITOR)
_CHAIN = (API, MONITOR)
_PEOPLE = (BOT, MONITOR)
_TABLES = ("operators", "validators", "validator-history", "network-stats", "config", "alerts")


def _id(name: str, about: str, used_by: tuple[Program, ...] = _PEOPLE) -> Variable:
    """An id of Discord's: ROLE_APPRENTICE_ID comes from the parameter RoleApprenticeId."""
    parameter = "".join(word.capitalize() for word in name.split("_"))
    return Variable(name, used_by, about, parameter=parameter)


def _contract(name: str, about: str) -> Variable:
    parameter = "".join(word.capitalize() for word in name.split("_"))
    return Variable(name, _CHAIN, about, need=Need.OPTIONAL, parameter=parameter)


def _table(table: str) -> Variable:
    name = f"{table.upper().replace('-', '_')}_TABLE_NAME"
    default = f"sparta-{table}-<environment>"
    return Variable(name, _CHAIN, f"Name of the table {table}.", Need.STATED, default, table=table)


def _local(name: str, about: str, used_by: tuple[Program, ...] = PROGRAMS) -> Variable:
    return Variable(name, used_by, about, need=Need.LOCAL)


ONE_OF = ("STAKING_ASSET_HANDLER_ADDRESS", "ROLLUP_ADDRESS", "REGISTRY_ADDRESS")
"""API and monitor need one of these to find the rollup."""

VARIABLES = (
    Variable(
        "ENVIRONMENT", PROGRAMS, "Name of the deployment.", Need.STATED, default="development", parameter="Environment"
    ),
    Variable("LOG_LEVEL", PROGRAMS, "Least severe message logged.", Need.STATED, default="info", parameter="LogLevel"),
    Variable(
        "LOG_PRETTY_PRINT",
        PROGRAMS,
        "true writes for people, false JSON lines.",
        Need.STATED,
        default="false",
        parameter="LogPrettyPrint",
    ),
    Variable("API_HOST", (API,), "Address to listen on.", Need.STATED, default="127.0.0.1", value="0.0.0.0"),
    Variable("API_PORT", (API,), "Port to listen on.", Need.STATED, default="3000", parameter="ApiPort"),
    Variable("API_URL", (BOT, ROTATION), "Where the API is.", Need.STATED, default="http://127.0.0.1:3000"),
    Variable("BACKEND_API_KEY", (API, BOT), "Key that callers of the API show.", kept_as="api-key", read_late=True),
    Variable(
        "CORS_ALLOWED_ORIGINS",
        (API,),
        "Origins that may call from a browser.",
        Need.OPTIONAL,
        parameter="CorsAllowedOrigins",
    ),
    Variable("BOT_TOKEN", _TALKERS, "Token of the Discord bot.", kept_as="bot-token"),
    _id("BOT_CLIENT_ID", "Application id of the bot.", _TALKERS),
    _id("GUILD_ID", "The Discord server.", _TALKERS),
    _id("ROLE_APPRENTICE_ID", "Role given on registration."),
    _id("ROLE_GUARDIAN_ID", "Role that may add a validator."),
    _id("MODERATOR_ROLE_IDS", "Roles that may use /mod."),
    _id("CHANNEL_OPERATORS_ID", "Channel of the operators' threads, and of mentions.", _TALKERS),
    _id("CHANNEL_MODERATORS_ID", "Channel of the monitor's summaries."),
    _id("CHANNEL_AUDIT_ID", "Channel of moderators' actions."),
    Variable(
        "VALIDATORS_PER_OPERATOR",
        (BOT,),
        "How many validators an operator may add without a moderator.",
        Need.STATED,
        default="1",
        parameter="ValidatorsPerOperator",
    ),
    Variable(
        "ETHEREUM_HOST",
        _CHAIN,
        "RPC URLs of Ethereum.",
        parameter="EthereumHost",
        kept_at="EthereumHostSecretArn",
    ),
    Variable("L1_CHAIN_ID", _CHAIN, "Chain that the RPC URLs must be of.", parameter="L1ChainId"),
    _contract("STAKING_ASSET_HANDLER_ADDRESS", "Contract through which validators are added."),
    _contract("ROLLUP_ADDRESS", "Rollup contract, to read only."),
    _contract("REGISTRY_ADDRESS", "Registry contract, to read only."),
    # The monitor reports the account's balance; it has no key to it.
    Variable("SPARTA_ADDRESS", _CHAIN, "Account that sends transactions.", parameter="SpartaAddress"),
    Variable("SPARTA_PRIVATE_KEY", (API,), "Private key of that account.", kept_as="ethereum-private-key"),
    Variable("AZTEC_RPC_URL", _CHAIN, "URLs of Aztec nodes.", parameter="AztecRpcUrl", kept_at="AztecRpcUrlSecretArn"),
    *(_table(table) for table in _TABLES),
    Variable(
        "MISS_RATE_ALERT_THRESHOLD",
        (MONITOR,),
        "Share of missed attestations that warns.",
        Need.STATED,
        default="0.2",
        parameter="MissRateAlertThreshold",
    ),
    Variable("AWS_REGION", (API, BOT), "Region of the AWS services.", Need.STATED),
    _local("DISCORD_API_URL", "Stand-in for Discord.", _TALKERS),
    _local("AWS_ENDPOINT_URL", "Stand-in for AWS."),
    _local("AWS_ENDPOINT_URL_DYNAMODB", "Stand-in for DynamoDB."),
)
BY_NAME = {variable.name: variable for variable in VARIABLES}


def meant_by(name: str) -> Variable | None:
    """The row for a variable or for its <NAME>_SECRET form; None when the contract knows neither."""
    plain = BY_NAME.get(name.removesuffix("_SECRET"))
    return BY_NAME.get(name) or (plain if plain and plain.may_be_secret else None)
