"""What each program is told by its environment; the names are fixed by the configuration page of the docs.

No value here is a secret. Names that end in ``_SECRET`` hold the ARN of a secret that the program reads itself, so
that a rotation needs no restart; ECS injects the remaining secrets when a task starts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from troposphere import If, NoValue, Ref, Sub
from troposphere.ecs import Environment, Secret

from templates.policies import secret_arn


class Variable(NamedTuple):
    """One variable; it is left out where ``unless`` holds or ``when`` does not (names of conditions)."""

    name: str
    value: Any
    when: str | None = None
    unless: str | None = None

    def choose(self, present: Any) -> Any:
        """``present``, or nothing when the conditions say so."""
        if self.when:
            return If(self.when, present, NoValue)
        return If(self.unless, NoValue, present) if self.unless else present


_COMMON = (
    Variable("ENVIRONMENT", Ref("Environment")),
    Variable("LOG_LEVEL", Ref("LogLevel")),
    Variable("LOG_PRETTY_PRINT", Ref("LogPrettyPrint")),
)
_REGION = (Variable("AWS_REGION", Ref("AWS::Region")),)  # Lambda sets it itself and refuses to be told.
_API_KEY = (Variable("BACKEND_API_KEY_SECRET", secret_arn("api-key")),)
_API_URL = (Variable("API_URL", Sub("http://api.sparta-${Environment}.internal:${ApiPort}")),)
_GUILD = (Variable("BOT_CLIENT_ID", Ref("BotClientId")), Variable("GUILD_ID", Ref("GuildId")))
_OPERATORS_CHANNEL = (Variable("CHANNEL_OPERATORS_ID", Ref("ChannelOperatorsId")),)
_ROLES_AND_CHANNELS = (
    Variable("ROLE_APPRENTICE_ID", Ref("RoleApprenticeId")),
    Variable("ROLE_GUARDIAN_ID", Ref("RoleGuardianId")),
    Variable("MODERATOR_ROLE_IDS", Ref("ModeratorRoleIds")),
    *_OPERATORS_CHANNEL,
    Variable("CHANNEL_MODERATORS_ID", Ref("ChannelModeratorsId")),
    Variable("CHANNEL_AUDIT_ID", Ref("ChannelAuditId")),
)
_CHAIN = (
    Variable("ETHEREUM_HOST", Ref("EthereumHost"), unless="HasEthereumHostSecret"),
    Variable("AZTEC_RPC_URL", Ref("AztecRpcUrl"), unless="HasAztecRpcUrlSecret"),
    Variable("L1_CHAIN_ID", Ref("L1ChainId")),
    Variable("STAKING_ASSET_HANDLER_ADDRESS", Ref("StakingAssetHandlerAddress"), when="HasStakingAssetHandler"),
    Variable("ROLLUP_ADDRESS", Ref("RollupAddress"), when="HasRollupAddress"),
    Variable("REGISTRY_ADDRESS", Ref("RegistryAddress"), when="HasRegistryAddress"),
    Variable("SPARTA_ADDRESS", Ref("SpartaAddress")),
)
_TABLES = tuple(
    Variable(f"{variable}_TABLE_NAME", Ref(f"{title}TableName"))
    for variable, title in (
        ("OPERATORS", "Operators"),
        ("VALIDATORS", "Validators"),
        ("VALIDATOR_HISTORY", "ValidatorHistory"),
        ("NETWORK_STATS", "NetworkStats"),
        ("CONFIG", "Config"),
        ("ALERTS", "Alerts"),
    )
)
_RPC_SECRETS = (
    ("ETHEREUM_HOST", "EthereumHostSecretArn", "HasEthereumHostSecret"),
    ("AZTEC_RPC_URL", "AztecRpcUrlSecretArn", "HasAztecRpcUrlSecret"),
)

API = (
    *_COMMON,
    *_REGION,
    Variable("API_HOST", "0.0.0.0"),
    Variable("API_PORT", Ref("ApiPort")),
    Variable("CORS_ALLOWED_ORIGINS", Ref("CorsAllowedOrigins"), when="HasCorsAllowedOrigins"),
    *_API_KEY,
    *_GUILD,
    *_OPERATORS_CHANNEL,
    *_CHAIN,
    *_TABLES,
)
BOT = (
    *_COMMON,
    *_REGION,
    *_API_URL,
    *_API_KEY,
    *_GUILD,
    *_ROLES_AND_CHANNELS,
    Variable("VALIDATORS_PER_OPERATOR", Ref("ValidatorsPerOperator")),
)
MONITOR = (
    *_COMMON,
    *_GUILD,
    *_ROLES_AND_CHANNELS,
    *_CHAIN,
    *_TABLES,
    Variable("MISS_RATE_ALERT_THRESHOLD", Ref("MissRateAlertThreshold")),
    Variable("BOT_TOKEN_SECRET", secret_arn("bot-token")),
    *(Variable(f"{name}_SECRET", Ref(parameter), when=condition) for name, parameter, condition in _RPC_SECRETS),
)
ROTATION = (*_COMMON, *_API_URL)

API_SECRETS = (
    Variable("BOT_TOKEN", secret_arn("bot-token")),
    Variable("SPARTA_PRIVATE_KEY", secret_arn("ethereum-private-key")),
    *(Variable(name, Ref(parameter), when=condition) for name, parameter, condition in _RPC_SECRETS),
)
BOT_SECRETS = (Variable("BOT_TOKEN", secret_arn("bot-token")),)


def for_container(variables: tuple[Variable, ...]) -> list[Any]:
    """As a container definition wants them."""
    return [v.choose(Environment(Name=v.name, Value=v.value)) for v in sorted(variables, key=lambda v: v.name)]


def secrets_for_container(variables: tuple[Variable, ...]) -> list[Any]:
    """Secrets that ECS fetches when the task starts."""
    return [v.choose(Secret(Name=v.name, ValueFrom=v.value)) for v in sorted(variables, key=lambda v: v.name)]


def for_function(variables: tuple[Variable, ...]) -> dict[str, Any]:
    """As a Lambda function wants them."""
    return {v.name: v.choose(v.value) for v in sorted(variables, key=lambda v: v.name)}
