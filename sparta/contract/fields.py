"""What single parameters and fields may be."""

from __future__ import annotations

from typing import Annotated, Any, LiteralString

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from sparta.addresses import Address

LONGEST_MESSAGE = 1900
"""Discord takes 2,000 characters; the rest is for the mention that makes it notify."""
LONGEST_LABEL = 64
LARGEST = 2**53
"""Up to here every JSON reader has the same number."""


def titled(title: LiteralString) -> WrapValidator:
    """A refusal with this title, and the reason as a detail."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise PydanticCustomError("titled", title, {"detail": detail}) from None

    return WrapValidator(check)


def none_if_empty(value: Any) -> Any:
    """What clients send that have nothing."""
    return None if value == "" else value


def whole(value: Any) -> Any:
    """JSON knows one kind of number: 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WalletAddress = Annotated[Address, titled("Invalid wallet address format")]
ValidatorAddress = Annotated[Address, titled("Invalid validator address format")]
MessageText = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE, pattern=r"\S", examples=["Stand ready."])]
PageToken = Annotated[str, Field(max_length=1024)]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL, pattern=r"^\S(.*\S)?$", examples=["London 1"])]
