"""What the REST API takes and answers: shared by the API, which checks and documents it, and by its clients.

Names outside are camelCase and belong to clients that exist. Unknown query parameters and fields are ignored, as they
always were.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from sparta.addresses import STORED, Address
from sparta.models import (
    AlertKind,
    ChainStatus,
    DiscordId,
    Duty,
    History,
    Milliseconds,
    Model,
    Operator,
    OperatorStats,
    OwnedValidator,
    Preferences,
    Username,
    Validator,
)

LONGEST_MESSAGE = 1900
"""Discord takes 2,000 characters; the rest is for the mention that makes it notify."""
LONGEST_LABEL = 64


def _titled(title: LiteralString) -> WrapValidator:
    """A refusal with this title, and the reason as a detail."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise PydanticCustomError("titled", title, {"detail": detail}) from None

    return WrapValidator(check)


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


WalletAddress = Annotated[Address, _titled("Invalid wallet address format")]
ValidatorAddress = Annotated[Address, _titled("Invalid validator address format")]
MessageText = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE, pattern=r"\S", examples=["Stand ready."])]
Label = Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL, pattern=r"^\S(.*\S)?$", examples=["London 1"])]


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


class OperatorQuery(Request):
    """Which operator: by id, else by username."""

    discord_id: Annotated[DiscordId | None, BeforeValidator(_none_if_empty)] = None
    discord_username: Annotated[Username | None, BeforeValidator(_none_if_empty)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.discord_id is None and self.discord_username is None:
            raise PydanticCustomError("missing_operator", "Missing discordId or discordUsername parameter")
        return self


class PageQuery(Request):
    """Where a list goes on."""

    page_token: Annotated[str | None, BeforeValidator(_none_if_empty), Field(max_length=1024)] = None


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


class SyncProof(Request):
    """A registration by somebody who shows that their Aztec node is synced."""

    discord_id: DiscordId
    discord_username: Username
    wallet_address: WalletAddress
    block_number: int = Field(ge=0, le=2**53, examples=[12345])
    proof: str = Field(
        min_length=1,
        max_length=8192,
        description="node_getArchiveSiblingPath of that block, for that block, in base64",
    )


class PreferencesBody(Request):
    """What an operator wants to hear of; slashing comes through whatever stands here."""

    kinds: list[AlertKind] | None = Field(default=None, description="None: every kind")
    miss_rate_threshold: float | None = Field(default=None, gt=0, le=1, description="None: the system's")
    muted_until: Milliseconds | None = None

    def preferences(self) -> Preferences:
        """As they are stored."""
        return Preferences.model_validate(self.model_dump())


class OperatorMessage(Request):
    """A message to one operator, in a private thread."""

    message: MessageText
    validator_address: ValidatorAddress | None = None
    thread_name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    parent_channel_id: DiscordId | None = None


class ModeratorMessage(Request):
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

    address: Annotated[ValidatorAddress | None, BeforeValidator(_none_if_empty)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.address is None and self.discord_id is None and self.discord_username is None:
            raise PydanticCustomError("missing_validator", "Missing address, discordId or discordUsername parameter")
        return self


class NewValidator(Request):
    """A validator to be added."""

    validator_address: ValidatorAddress
    skip_on_chain: bool = Field(default=False, strict=True, description="Only record it: it is on the chain already")


class ValidatorTransfer(Request):
    """A validator that changes hands."""

    validator_address: ValidatorAddress
    from_discord_id: DiscordId
    to_discord_id: DiscordId


class OwnedValidatorQuery(Request):
    """A validator and its operator."""

    validator_address: ValidatorAddress
    discord_id: DiscordId


class ValidatorLabel(OwnedValidatorQuery):
    """The name an operator gives a validator; none takes it away."""

    label: Label | None = None


class HistoryQuery(Request):
    """How far back."""

    address: ValidatorAddress
    epochs: int = Field(default=10, ge=1, le=100)


class ReadinessCheck(Request):
    """Whose node to knock at."""

    ip_address: str = Field(min_length=1, max_length=64, examples=["198.51.100.7"])
    discord_id: DiscordId


class Problem(Model):
    """Every error, whatever the route: ``error`` says what happened and what to do."""

    success: Literal[False] = False
    error: str = Field(min_length=1)
    detail: str | None = None
    contract_error: str | None = Field(default=None, description="The contract's own name for its refusal")
    until: int | None = Field(default=None, description="Unix seconds: when the contract takes it again")


class Health(Model):
    """The process runs."""

    status: Literal["ok"] = "ok"


class DependencyState(Model):
    """One service that the API stands on."""

    name: Literal["DynamoDB", "Ethereum", "Aztec node"]
    ok: bool
    latency_ms: float = Field(ge=0)
    error: str | None = None


class Readiness(Model):
    """Whether everything that the API stands on answers."""

    status: Literal["ready", "not ready"]
    dependencies: list[DependencyState]


class OperatorStatsAnswer(Model):
    """Numbers of operators."""

    stats: OperatorStats


class Registered(Model):
    """An operator after a proof of being synced."""

    operator: Operator
    created: bool = Field(description="False: it was registered before")


class RegistrationAnswer(Model):
    """A registration that was accepted."""

    success: Literal[True] = True
    data: Registered


class PreferencesAnswer(Model):
    """What an operator wants to hear of."""

    success: Literal[True] = True
    data: Preferences


class ChannelMessageAnswer(Model):
    """A message that will be sent, whatever happens now."""

    success: Literal[True] = True
    message: str


class MessageAnswer(ChannelMessageAnswer):
    """The same, with the id by which it is known."""

    message_id: str


class SetStats(Model):
    """The size of a set of validators."""

    total_validators: int = Field(ge=0)


class ValidatorSet(Model):
    """Addresses of validators."""

    validators: list[str]
    stats: SetStats


class ValidatorSets(Model):
    """The chain's set, and those of it that belong to a registered operator."""

    blockchain_validators: ValidatorSet
    known_validators: ValidatorSet


class ValidatorSetsAnswer(Model):
    """Both sets."""

    success: Literal[True] = True
    data: ValidatorSets


class ValidatorDetails(Model):
    """Everything about one validator; the statistics of its duties, where there are any, among its own fields."""

    address: str
    operator_id: str | None = None
    is_active: bool
    label: str | None = None
    operator: Operator | None = None
    operator_info: Operator | None = None
    created_at: Milliseconds
    updated_at: Milliseconds
    total_slots: int | None = None
    missed_attestations_count: int | None = None
    missed_attestations_current_streak: int | None = None
    missed_attestations_rate: float | None = None
    missed_proposals_count: int | None = None
    missed_proposals_current_streak: int | None = None
    missed_proposals_rate: float | None = None
    last_attestation: Duty | None = None
    last_proposal: Duty | None = None

    @classmethod
    def of(cls, validator: Validator, operator: Operator | None) -> Self:
        """From the two records. ``operator`` and ``operatorInfo`` are the same under the names that clients know."""
        known = validator.model_dump(exclude={"stats"})
        stats = validator.stats.model_dump() if validator.stats else {}
        return cls.model_validate({**known, **stats, "operator": operator, "operator_info": operator}, context=STORED)


class OperatorValidators(Model):
    """An operator and its validators."""

    operator: Operator
    validators: list[OwnedValidator]


class ValidatorAnswer(Model):
    """A validator by its address, or the validators of an operator."""

    success: Literal[True] = True
    data: ValidatorDetails | OperatorValidators


class DetailsAnswer(Model):
    """Everything about each validator of an operator."""

    success: Literal[True] = True
    data: list[ValidatorDetails]


class AddedValidator(Model):
    """A validator that is in the set and on record."""

    address: str
    operator_id: str
    operator_info: Operator


class AddedValidatorAnswer(Model):
    """It was added."""

    success: Literal[True] = True
    data: AddedValidator


class ValidatorChangedAnswer(Model):
    """A validator after a change."""

    success: Literal[True] = True
    data: ValidatorDetails


class HistoryAnswer(Model):
    """What happened in a validator's last epochs on duty, newest first."""

    success: Literal[True] = True
    data: list[History]


class AddressesAnswer(Model):
    """Addresses of the chain."""

    success: Literal[True] = True
    data: list[str]


class Network(Model):
    """Where on Ethereum the validators' rollup is."""

    l1_chain_id: int = Field(ge=1)
    rollup_address: Address


class NetworkAnswer(Model):
    """Which network this is."""

    success: Literal[True] = True
    data: Network


class ChainStatusAnswer(Model):
    """Where the chain stands."""

    success: Literal[True] = True
    data: ChainStatus


class PortState(Model):
    """One port of a node."""

    port: int
    open: bool


class NodeReadiness(Model):
    """Whether others can reach a node."""

    ip_address: str
    ready: bool
    ports: list[PortState]


class NodeReadinessAnswer(Model):
    """What knocking showed."""

    success: Literal[True] = True
    data: NodeReadiness
