"""Whether a value can be what it is given as. What is said of a wrong one never holds any part of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from scripts.changeset.parameters import is_example
from scripts.operations.errors import OperationError
from sparta.addresses import address_key
from sparta.secp256k1 import account_of

SHORTEST_KEY = 32
TOKEN = re.compile(r"[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}", re.ASCII)


def check(name: str, value: str, parameters: Mapping[str, str]) -> str:
    """What can be said of a good value without giving it away.

    :raises OperationError: when it is none
    """
    if not value:
        raise OperationError("No value was given, so nothing was changed. It comes from the prompt or standard input.")
    if not value.isprintable() or re.search(r"\s", value):
        raise OperationError(f"The {name} has blanks or line breaks inside. Nothing was changed; copy it again.")
    return SHAPES[name](value, parameters)


def _bot_token(value: str, parameters: Mapping[str, str]) -> str:
    if not TOKEN.fullmatch(value):
        raise OperationError(
            "That is no bot token: it has three parts with dots between, without `Bot` or quotes. Nothing was changed. "
            "The Developer Portal shows it once, under Bot, Reset Token."
        )
    bot, wanted = _bot_id(value.partition(".")[0]), parameters.get("BotClientId", "")
    if not bot:
        return "a bot token by its form"
    return f"a token of bot {bot}" + ("" if bot == wanted else f", while BotClientId is {wanted}: is it the right bot?")


def _bot_id(part: str) -> str:
    """The public id that a token begins with, where it can be read."""
    try:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if re.fullmatch(r"\d{15,20}", text) else ""


def _private_key(value: str, parameters: Mapping[str, str]) -> str:
    wanted = parameters.get("SpartaAddress", "")
    try:
        account = account_of(value)
    except ValueError as error:
        raise OperationError(f"That is no private key: {error}. Nothing was changed.") from None
    if is_example(wanted):
        raise OperationError(
            f"That is the private key of {account}, and SpartaAddress is still the example {wanted}. Nothing was "
            "changed: put the account's own address into the environment's file, then set its key."
        )
    if wanted and address_key(account) != address_key(wanted):
        raise OperationError(
            f"That is the private key of {account}, and SpartaAddress is {wanted}. Nothing was changed: give the key "
            "of that address, or deploy the other address first."
        )
    return f"the private key of {account}"


def _api_key(value: str, _: Mapping[str, str]) -> str:
    if len(value) < SHORTEST_KEY or not value.isascii():
        raise OperationError(
            f"A key of the API has {SHORTEST_KEY} characters or more, ASCII only. Nothing was changed. "
            "`make rotate NAME=api-key` makes a good one."
        )
    return f"a key of {len(value)} characters"


def _urls(value: str, _: Mapping[str, str]) -> str:
    urls = [each for each in value.split(",") if each]
    for number, url in enumerate(urls, 1):
        if not _is_url(url):
            raise OperationError(
                f"There is no http or https URL in place {number} of {len(urls)}. Nothing was changed."
            )
    return f"{len(urls)} URL{'s' if len(urls) > 1 else ''}"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


SHAPES: dict[str, Callable[[str, Mapping[str, str]], str]] = {
    "bot-token": _bot_token,
    "ethereum-private-key": _private_key,
    "api-key": _api_key,
    "ethereum-host": _urls,
    "aztec-rpc-url": _urls,
}
