"""What the API takes, by parameters in the path, the query and the headers, and in bodies."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from sparta.contract.fields import (
    LARGEST,
    Label,
    MessageText,
    PageToken,
    ValidatorAddress,
    WalletAddress,
    none_if_empty,
    whole,
)
from sparta.models import AlertKind, DiscordId, Milliseconds, Preferences, Username

_SCHEMAS: dict[Any, dict[str, Any]] = {}


class Request(BaseModel):
    """What all requests share."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """Made once: the framework asks for it at each request, and it costs as much as reading from the database."""
        key = (cls, args, tuple(sorted(options.items())))
        if key not in _SCHEMAS:
            _SCHEMAS[key] = super().model_json_schema(*args, **options)
        return _SCHEMAS[key]


class Body(Request):
    """What stands in a body: a number is a number there, and not text that looks like one."""

    model_config = ConfigDict(strict=True)


class OperatorQuery(Request):
    """Which operator: by id, else by username."""

    discord_id: Annotated[DiscordId | None, BeforeValidator(none_if_empty)] = Field(
        default=None, description="The operator's id; it decides where the username is given too"
    )
    discord_username: Annotated[Username | None, BeforeValidator(none_if_empty)] = Field(
        default=None, description="The operator's username; needed where no id is given"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.discord_id is None and self.discord_username is None:
            raise PydanticCustomError("missing_operator", "Missing discordId or discordUsername parameter")
        return self


class PageQuery(Request):
    """Where a list goes on."""

    page_token: Annotated[PageToken | None, BeforeValidator(none_if_empty)] = Field(
        default=None, description="nextPageToken of the page before"
    )


class NewOperatorQuery(Request):
    """Who registers."""

    discord_id: DiscordId
    wallet_address: WalletAddress
    discord_username: Username


class WalletQuery(OperatorQuery):
    """An operator's other wallet."""

    wallet_address: WalletAddress


class WalletPath(Request):
    """A wallet in the path."""

    address: WalletAddress


class SyncProof(Body):
    """A registration by somebody who shows that their Aztec node is synced."""

    discord_id: DiscordId
    discord_username: Username
    wallet_address: WalletAddress
    block_number: Annotated[int, BeforeValidator(whole)] = Field(ge=0, le=LARGEST, examples=[12345])
    proof: str = Field(
        min_length=1,
        max_length=8192,
        description="node_getArchiveSiblingPath of that block, for that block, in base64",
    )


class PreferencesBody(Body):
    """What an operator wants to hear of; slashing comes through whatever stands here."""

    kinds: list[AlertKind] | None = Field(default=None, description="None: every kind")
    miss_rate_threshold: float | None = Field(default=None, ge=0.001, le=1, description="None: the system's")
    muted_until: Annotated[Milliseconds, Field(le=LARGEST), BeforeValidator(whole)] | None = None

    def preferences(self) -> Preferences:
        """As they are stored."""
        return Preferences.model_validate(self.model_dump())


class OperatorMessage(Body):
    """A message to one operator, in a private thread."""

    message: MessageText
    validator_address: ValidatorAddress | None = None
    thread_name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    parent_channel_id: DiscordId | None = None


class ModeratorMessage(Body):
    """A message to a channel."""

    message: MessageText
    channel_id: DiscordId


class IdempotencyHeader(Request):
    """Optional: a repetition with the same key is the same message."""

    model_config = ConfigDict(alias_generator=None)
    idempotency_key: str | None = Field(
        default=None, alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_.\-]{1,64}$", examples=["2025-11-23-a7"]
    )


class ValidatorQuery(OperatorQuery):
    """Which validator, or whose."""

    address: Annotated[ValidatorAddress | None, BeforeValidator(none_if_empty)] = Field(
        default=None, description="The validator's; it decides where an operator is given too"
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.address is None and self.discord_id is None and self.discord_username is None:
            raise PydanticCustomError("missing_validator", "Missing address, discordId or discordUsername parameter")
        return self


class NewValidator(Body):
    """A validator to be added."""

    validator_address: ValidatorAddress
    skip_on_chain: bool = Field(default=False, description="Only record it: it is on the chain already")


class ValidatorTransfer(Body):
    """A validator that changes hands."""

    validator_address: ValidatorAddress
    from_discord_id: DiscordId
    to_discord_id: DiscordId


class OwnedValidatorQuery(Request):
    """A validator and its operator."""

    validator_address: ValidatorAddress
    discord_id: DiscordId


class ValidatorLabel(Body):
    """The name an operator gives a validator; none takes it away."""

    validator_address: ValidatorAddress
    discord_id: DiscordId
    label: Label | None = None


class EpochsQuery(Request):
    """How far back."""

    epochs: int = Field(default=10, ge=1, le=100)


class HistoryQuery(EpochsQuery):
    """Of which validator, and how far back."""

    address: ValidatorAddress


class ReadinessCheck(Body):
    """Whose node to knock at."""

    ip_address: str = Field(min_length=1, max_length=64, examples=["198.51.100.7"])
    discord_id: DiscordId
