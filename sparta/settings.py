"""Every setting, read once at start from the environment and ``.env``; the environment wins.

The variables are the fields' names in capitals. A part's settings are the union of the groups it uses. All mistakes
are reported together, one line each, and no line holds a secret.
"""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Self, overload

import dotenv
from pydantic import Field, SecretStr, ValidationError, ValidatorFunctionWrapHandler, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sparta import settings_types as types
from sparta.addresses import Address
from sparta.errors import SettingsError
from sparta.settings_types import Missing


class Part(Enum):
    """A program, which decides what settings it needs."""

    API = "API"
    BOT = "bot"
    MONITOR = "monitor"
    ROTATION = "rotation"
    STORES = "stores"


class _Group(BaseSettings):
    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        """What lacks among ``given``: the rules that look at more than one variable."""
        del given
        return []

    @model_validator(mode="wrap")
    @classmethod
    def _report_all_at_once(cls, values: dict[str, Any], handler: ValidatorFunctionWrapHandler) -> Self:
        """Without this a wrong value would hide what is missing."""
        given = types.without_blanks(values)
        mistakes = [types.missing_line(each) for each in cls.missing(given)]
        try:
            built: Self = handler(given)
        except ValidationError as error:
            mistakes += [types.mistake_line(each) for each in error.errors()]
        else:
            if not mistakes:
                return built
        # Outside of the handler: pydantic's error, which knows the input, does not follow as this one's context.
        raise SettingsError(sorted(set(mistakes)))


class Common(_Group):
    """What every program has."""

    environment: types.EnvironmentName = "development"
    log_level: types.LogLevel = "info"
    log_pretty_print: bool = False
    aws_region: types.Region = "eu-west-2"
    aws_endpoint_url: types.Url | None = None


class Tables(Common):
    """The names of the tables; by default they follow from the environment."""

    aws_endpoint_url_dynamodb: types.Url | None = None
    operators_table_name: types.TableName = ""
    validators_table_name: types.TableName = ""
    validator_history_table_name: types.TableName = ""
    network_stats_table_name: types.TableName = ""
    config_table_name: types.TableName = ""
    alerts_table_name: types.TableName = ""

    @model_validator(mode="before")
    @classmethod
    def _default_names(cls, values: dict[str, Any]) -> dict[str, Any]:
        environment = str(values.get("environment") or "development")
        if not re.fullmatch(types.ENVIRONMENT, environment):
            return values  # One wrong value is one mistake, not seven.
        names = {f"{table.replace('-', '_')}_table_name": table for table in types.TABLES}
        return {field: f"sparta-{table}-{environment}" for field, table in names.items()} | values

    def table_name(self, table: str) -> str:
        """The name on AWS of one of the six tables, e.g. ``validator-history``."""
        return str(getattr(self, f"{table.replace('-', '_')}_table_name"))

    @property
    def dynamodb_url(self) -> str | None:
        """Where DynamoDB is, unless it is AWS's own."""
        return self.aws_endpoint_url_dynamodb or self.aws_endpoint_url


class ApiKey(Common):
    """The key of the API, or the secret that holds it."""

    backend_api_key: types.Secret | None = None
    backend_api_key_secret: types.SecretId | None = None

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        return [*super().missing(given), *types.one_of(given, "backend_api_key", "backend_api_key_secret")]


class Discord(Common):
    """The bot's account. Whoever has a token needs to know whose, and in which guild."""

    bot_token: types.Secret | None = None
    bot_token_secret: types.SecretId | None = None
    bot_client_id: types.Snowflake | None = None
    guild_id: types.Snowflake | None = None
    discord_api_url: types.Url = "https://discord.com/api/v10"

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        has_token = not types.one_of(given, "bot_token", "bot_token_secret")
        return [*super().missing(given), *(types.each_of(given, "bot_client_id", "guild_id") if has_token else [])]


class Sender(Discord):
    """For programs that are of no use without Discord."""

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        return [
            *super().missing(given),
            *types.one_of(given, "bot_token", "bot_token_secret"),
            *types.each_of(given, "bot_client_id", "guild_id"),
        ]


class OperatorsChannel(Common):
    """Where operators' threads are, and where those who cannot be reached otherwise are mentioned."""

    channel_operators_id: types.Snowflake = "1367196595866828982"


class Guild(OperatorsChannel):
    """Roles and channels of the guild."""

    role_apprentice_id: types.Snowflake = "1366916508072148992"
    role_guardian_id: types.Snowflake = "1366921013350371328"
    moderator_role_ids: types.Snowflakes = ("1144693819015700620", "1362901049803018513", "1146246812299165817")
    channel_moderators_id: types.Snowflake = "1367117045963161685"
    channel_audit_id: types.Snowflake = "1367117045963161685"


class Chain(Common):
    """Where the chains are. The URLs are secrets: most carry a provider's key."""

    ethereum_host: types.SecretUrls = ()
    ethereum_host_secret: types.SecretId | None = None
    l1_chain_id: Annotated[int | None, Field(ge=1)] = None
    staking_asset_handler_address: Address | None = None
    rollup_address: Address | None = None
    registry_address: Address | None = None
    sparta_address: Address | None = None
    aztec_rpc_url: types.SecretUrls = ()
    aztec_rpc_url_secret: types.SecretId | None = None

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        return [
            *super().missing(given),
            *types.one_of(given, "ethereum_host", "ethereum_host_secret"),
            *types.one_of(given, "aztec_rpc_url", "aztec_rpc_url_secret"),
            *types.each_of(given, "l1_chain_id"),
            *types.one_of(given, "staking_asset_handler_address", "rollup_address", "registry_address"),
        ]


class ApiSettings(Tables, ApiKey, Discord, OperatorsChannel, Chain):
    """What the API needs. Without a bot token it sends nothing, without a private key it only reads the chain."""

    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=1, le=65535)] = 3000
    cors_allowed_origins: types.Origins = ()
    sparta_private_key: types.PrivateKey | None = None
    sparta_private_key_secret: types.SecretId | None = None

    @classmethod
    def missing(cls, given: dict[str, Any]) -> list[Missing]:
        signs = not types.one_of(given, "sparta_private_key", "sparta_private_key_secret")
        return [*super().missing(given), *(types.each_of(given, "sparta_address") if signs else [])]


class Caller(Common):
    """Where the API is, for those who call it."""

    api_url: types.Url = "http://127.0.0.1:3000"
    validators_per_operator: Annotated[int, Field(ge=1, le=1000)] = 1
    """That operators add themselves; moderators add more. Every validator takes from a quota that all share."""


class BotSettings(ApiKey, Sender, Guild, Caller):
    """What the bot needs: Discord, and the API over HTTP."""


class RotationSettings(Caller):
    """What the rotation of the API's key needs: the API that has to know the new one."""


class MonitorSettings(Tables, Sender, Guild, Chain):
    """What a run of the monitor needs."""

    miss_rate_alert_threshold: Annotated[float, Field(gt=0, le=1)] = 0.2


Settings = ApiSettings | BotSettings | MonitorSettings | RotationSettings | Tables
PARTS: dict[Part, type[Settings]] = {
    Part.API: ApiSettings,
    Part.BOT: BotSettings,
    Part.MONITOR: MonitorSettings,
    Part.ROTATION: RotationSettings,
    Part.STORES: Tables,
}


@overload
def load(part: Literal[Part.API], env_file: Path | None = ...) -> ApiSettings: ...
@overload
def load(part: Literal[Part.BOT], env_file: Path | None = ...) -> BotSettings: ...
@overload
def load(part: Literal[Part.MONITOR], env_file: Path | None = ...) -> MonitorSettings: ...
@overload
def load(part: Literal[Part.ROTATION], env_file: Path | None = ...) -> RotationSettings: ...
@overload
def load(part: Literal[Part.STORES], env_file: Path | None = ...) -> Tables: ...
@overload
def load(part: Part, env_file: Path | None = ...) -> Settings: ...
def load(part: Part, env_file: Path | None = Path(".env")) -> Settings:
    """The settings of one program.

    :raises SettingsError: with every mistake
    """
    if env_file:
        _tell_botocore(env_file)
    return PARTS[part](_env_file=env_file)


def _tell_botocore(env_file: Path) -> None:
    """botocore reads credentials from the environment only, so those of ``.env`` are put there."""
    for name, value in dotenv.dotenv_values(env_file).items():
        if name.startswith("AWS_") and value:
            os.environ.setdefault(name, value)


def secret_values(settings: Settings) -> list[str]:
    """Every secret that came with the settings, to be masked wherever it might be written."""
    found: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        secrets = value if isinstance(value, tuple) else (value,)
        found += [each.get_secret_value() for each in secrets if isinstance(each, SecretStr)]
    return found
