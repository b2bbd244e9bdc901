"""The kinds of values that settings have, and how a wrong one is described in one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode

TABLES = ("operators", "validators", "validator-history", "network-stats", "config", "alerts")


ENVIRONMENT = r"[a-z][a-z0-9-]{0,30}"
EXAMPLES = {
    "environment": "production",
    "log_level": "info",
    "log_pretty_print": "false",
    "aws_region": "eu-west-2",
    "aws_endpoint_url": "http://127.0.0.1:4566",
    "aws_endpoint_url_dynamodb": "http://127.0.0.1:8000",
    "api_host": "127.0.0.1",
    "api_port": "3000",
    "api_url": "http://127.0.0.1:3000",
    "backend_api_key": "a-long-random-text",
    "backend_api_key_secret": "sparta/production/api-key",
    "cors_allowed_origins": "https://sparta.example,http://localhost:5173",
    "bot_token": "the-token-of-the-developer-portal",
    "bot_token_secret": "sparta/production/bot-token",
    "bot_client_id": "1329079356785688616",
    "guild_id": "1144692727120937080",
    "discord_api_url": "https://discord.com/api/v10",
    "role_apprentice_id": "1366916508072148992",
    "role_guardian_id": "1366921013350371328",
    "moderator_role_ids": "1144693819015700620,1362901049803018513",
    "validators_per_operator": "1",
    "channel_operators_id": "1367196595866828982",
    "channel_moderators_id": "1367117045963161685",
    "channel_audit_id": "1367117045963161685",
    "ethereum_host": "https://one.example,https://two.example:8545",
    "ethereum_host_secret": "sparta/production/ethereum-host",
    "l1_chain_id": "11155111",
    "staking_asset_handler_address": "0xF739D03e98e23A7B65940848aBA8921fF3bAc4b2",
    "rollup_address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "registry_address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "sparta_address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "sparta_private_key": "0x-and-the-64-hex-digits-of-the-key",
    "sparta_private_key_secret": "sparta/production/ethereum-private-key",
    "aztec_rpc_url": "https://one.example:8080,https://two.example:8080",
    "aztec_rpc_url_secret": "sparta/production/aztec-rpc-url",
    "miss_rate_alert_threshold": "0.2",
} | {f"{table.replace('-', '_')}_table_name": f"sparta-{table}-production" for table in TABLES}
"""What each variable may look like, for the line that says it is wrong. Secrets have a description instead."""


class Missing(NamedTuple):
    """Variables of which one is needed."""

    names: tuple[str, ...]


def split(value: Any) -> Any:
    """A text at its commas; anything else as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _matching(pattern: str, sentence: str) -> AfterValidator:
    """Says in words what a regular expression asks for."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _check_url(text: str) -> str:
    if not _is_url(text):
        raise ValueError("is not an http or https URL")
    return text.rstrip("/")


def check_secret_urls(urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """As they are; the sentence names the place, never the URL: it may hold a key.

    :raises ValueError: one of them is none, or there is none
    """
    for number, url in enumerate(urls, 1):
        if not _is_url(url.get_secret_value()):
            raise ValueError(f"has no http or https URL in place {number}")
    if not urls:
        raise ValueError("holds no URL")
    return urls


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and not (_is_url(origin) and not (parts.path or parts.query or parts.fragment)):
            raise ValueError("has an entry that is no origin: scheme, host and port only, no path")
    return origins


def _check_private_key(key: SecretStr) -> SecretStr:
    digits = key.get_secret_value().removeprefix("0x")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        raise ValueError("is not a private key of 64 hex digits (its value is not shown)")
    return key


_is_snowflake = _matching(r"[0-9]{1,20}", "is no id of Discord: digits only (Developer Mode, right-click, Copy ID)")

Url = Annotated[str, AfterValidator(_check_url)]
SecretUrls = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(split), AfterValidator(check_secret_urls)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split), AfterValidator(_check_origins)]
Snowflake = Annotated[str, _is_snowflake]
Snowflakes = Annotated[tuple[Annotated[str, _is_snowflake], ...], NoDecode, BeforeValidator(split)]
Secret = SecretStr
SecretId = Annotated[str, _matching(r"[A-Za-z0-9_/+=.@:-]{1,512}", "is neither the name nor the ARN of a secret")]
PrivateKey = Annotated[SecretStr, AfterValidator(_check_private_key)]
TableName = Annotated[
    str, _matching(r"[A-Za-z0-9_.-]{3,255}", "is no name of a table: 3 to 255 letters, digits and _ . -")
]
EnvironmentName = Annotated[
    str, _matching(ENVIRONMENT, "is no name: up to 31 small letters, digits and -, a letter first")
]
Region = Annotated[str, _matching(r"[a-z]{2}(-[a-z]+)+-[0-9]", "is no name of an AWS region")]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]


def without_blanks(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is really given: texts without blanks around them, empty ones left out."""
    stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: value for name, value in stripped.items() if value != ""}


def one_of(given: Mapping[str, Any], *names: str) -> list[Missing]:
    """Something lacks when none of ``names`` is given."""
    return [] if any(given.get(name) for name in names) else [Missing(names)]


def each_of(given: Mapping[str, Any], *names: str) -> list[Missing]:
    """Something lacks for each name that is not given."""
    return [Missing((name,)) for name in names if not given.get(name)]


def missing_line(missing: Missing) -> str:
    """One line for people: the variable, what is wrong, an example."""
    first, *others = (name.upper() for name in missing.names)
    instead = f" (or set {' or '.join(others)})" if others else ""
    return f"{first} is missing{instead}; for example {first}={EXAMPLES[missing.names[0]]}"


def mistake_line(error: ErrorDetails) -> str:
    """The same for a value that is there and wrong. It never holds the value: it may be a secret."""
    field = str(error["loc"][0])
    reason = error["msg"].removeprefix("Value error, ")
    sentence = reason if reason.startswith(("is ", "has ", "holds ")) else f"is wrong: {reason[:1].lower()}{reason[1:]}"
    return f"{field.upper()} {sentence}; for example {field.upper()}={EXAMPLES[field]}"
