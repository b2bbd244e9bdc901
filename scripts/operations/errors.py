"""How a command of the runbook fails: with one sentence that a tired person can act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
SLOW_DOWN = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}
AWAY = (
    EndpointConnectionError,
    ConnectTimeoutError,
    ReadTimeoutError,
    ConnectionClosedError,
    ProxyConnectionError,
    SSLError,
)
SIGN_IN = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)


class OperationError(Exception):
    """The command cannot do its work; the text says what happened, what state that leaves, and what to do."""


class RefusedError(OperationError):
    """Nothing was changed: nobody agreed to what would have been done."""


def explain(error: Exception) -> str | None:
    """One sentence for what AWS or the way to it answered; ``None`` for what is our own mistake."""
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            return sentence(error)
    return None


def code(error: ClientError) -> str:
    """AWS's name for the error: ``AccessDenied``."""
    return error.response.get("Error", {}).get("Code", "")


def message(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Message", "") or str(error)


def _refused(error: ClientError) -> str:
    name, said = code(error), message(error).strip().rstrip(".")
    if name in EXPIRED:
        return "The AWS credentials have expired. Sign in again (for example `aws sso login`) and repeat the command."
    if name in UNKNOWN:
        return f"AWS does not know these credentials ({name}). Sign in to the right account and try again."
    if name in DENIED:
        return f"AWS refused {error.operation_name}: {said}. The credentials lack that right; use the role that has it."
    if name in SLOW_DOWN:
        return f"AWS asks to be called less often ({error.operation_name}). Wait a minute and repeat the command."
    return f"AWS refused {error.operation_name} ({name}): {said}."


SENTENCES: dict[Any, Callable[[Any], str]] = {
    OperationError: str,
    ClientError: _refused,
    ProfileNotFound: lambda error: f"{error}. Name one that exists (AWS_PROFILE), or sign in anew.",
    SIGN_IN: lambda _: (
        "There are no AWS credentials that work here. Sign in (for example `aws sso login`) and try again."
    ),
    AWAY: lambda error: (
        f"AWS could not be reached: {error} Look at the network, a proxy, and AWS_ENDPOINT_URL if it is set."
    ),
    BotoCoreError: lambda error: f"The request to AWS was not made: {error}",
}
"""The first kind that fits speaks."""
