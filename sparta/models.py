"""The things Sparta knows, one model each: API schema, stored item and the bot's type at once.

camelCase outside (the names of the REST contract), snake_case inside. Times are milliseconds since 1970.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from sparta.addresses import Address

ID_PATTERN = r"^[A-Za-z0-9_.\-]{1,64}$"


def _printable(text: str) -> str:
    if not (1 <= len(text) <= 64 and text.isprintable() and text == text.strip()):
        raise ValueError("a username has 1 to 64 printable characters, and no blank at either end")
    return text


def _id(text: str) -> str:
    if not re.fullmatch(ID_PATTERN, text):
        raise ValueError("an id has 1 to 64 characters of A-Z a-z 0-9 _ . -")
    return text


DiscordId = Annotated[
    str, AfterValidator(_id), Field(examples=["1144692727120937080"], json_schema_extra={"pattern": ID_PATTERN})
]
Username = Annotated[
    str,
    AfterValidator(_printable),
    Field(examples=["leonidas"], json_schema_extra={"minLength": 1, "maxLength": 64}),
]
Milliseconds = Annotated[int, Field(ge=0, examples=[1763856000000])]
DecimalString = Annotated[int, Field(ge=0), PlainSerializer(str, return_type=str)]
"""A number of the chain: an integer inside, a decimal string outside, since JavaScript would round it."""


class Model(BaseModel):
    """What all models share: camelCase outside, immutable, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        ser_json_inf_nan="null",
        hide_input_in_errors=True,
    )

    def to_json(self) -> dict[str, Any]:
        """As the API answers it: camelCase, JSON types, fields without a value left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class OwnedValidator(Model):
    """A validator as its operator's record lists it."""

    address: Address
    operator_id: str | None
    is_active: bool


class Operator(Model):
    """A person who runs validators."""

    discord_id: DiscordId
    wallet_address: Address
    discord_username: Username
    is_approved: bool = False
    was_slashed: bool = False
    created_at: Milliseconds
    updated_at: Milliseconds
    validators: list[OwnedValidator] | None = None


class OperatorPage(Model):
    """Up to 100 operators; ``next_page_token`` while there are more."""

    operators: list[Operator]
    next_page_token: str | None = None


class OperatorStats(Model):
    """How many operators there are. The first two are the same number under the two names clients know."""

    total_count: int
    total_operators: int
    operators_without_validators: int


Trouble = Literal["left-the-set", "slashed", "slashing-announced", "missing-attestations", "missing-proposals"]
"""``slashed`` is a validator that lost stake and stays in the set; ``slashing-announced`` one that is to lose some."""
AlertKind = Literal[Trouble, "recovered"]
ALWAYS_TOLD: frozenset[AlertKind] = frozenset({"slashed", "slashing-announced"})
"""Stake is taken, or about to be: nobody can choose not to hear of it."""
Level = Literal["warning", "critical"]
Cause = Literal["slashed", "exiting", "queued", "gone", "unknown"]
"""Why a validator is not in the set. ``unknown``: nothing on the chain says why."""
Source = Literal["ethereum", "aztec-node", "network"]
Doubt = Literal[
    "silent",
    "stale",
    "wrong-network",
    "set-empty",
    "set-shrank",
    "rollup-changed",
    "sentinel-off",
    "nothing-seen",
    "many-missing",
    "many-left",
]
"""Why nothing is concluded about single validators from what a source answered, or the network does."""


class Preferences(Model):
    """What an operator wants to hear of. Slashing comes through whatever stands here."""

    kinds: list[AlertKind] | None = Field(default=None, description="None: every kind")
    miss_rate_threshold: float | None = Field(default=None, gt=0, le=1, description="None: the system's")
    muted_until: Milliseconds | None = None


class Duty(Model):
    """The last time a validator attested or proposed."""

    slot: int = Field(ge=0)
    timestamp: int = Field(ge=0, description="Unix seconds")


class ValidatorStats(Model):
    """What the Aztec node said of one validator's duties within its window of slots."""

    total_slots: int = Field(ge=0)
    missed_attestations_count: int = Field(ge=0)
    missed_attestations_current_streak: int = Field(ge=0)
    missed_attestations_rate: float | None = Field(default=None, ge=0, le=1, description="None: no such duty")
    missed_proposals_count: int = Field(ge=0)
    missed_proposals_current_streak: int = Field(ge=0)
    missed_proposals_rate: float | None = Field(default=None, ge=0, le=1, description="None: no such duty")
    last_attestation: Duty | None = None
    last_proposal: Duty | None = None
    last_duty_slot: int | None = Field(default=None, ge=0, description="Newest slot with a duty, done or missed")


class Validator(Model):
    """A validator of the chain; ``operator_id`` is None until an operator claims it."""

    address: Address
    operator_id: DiscordId | None = None
    is_active: bool = False
    label: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    created_at: Milliseconds
    updated_at: Milliseconds
    stats: ValidatorStats | None = None


class History(Model):
    """What happened in the slots of one epoch in which a validator had a duty: slot → status."""

    address: Address
    epoch: int = Field(ge=0)
    slots: dict[int, str]


class NetworkStats(Model):
    """The whole set in one epoch."""

    epoch: int = Field(ge=0)
    validators_in_set: int = Field(ge=0)
    validators_active: int = Field(ge=0, description="Attested or proposed within the Aztec node's window of slots")
    attested_last_day: int = Field(ge=0)
    attestation_miss_rate: float | None = Field(default=None, ge=0, le=1)
    proposal_miss_rate: float | None = Field(default=None, ge=0, le=1)
    recorded_at: Milliseconds


class ChainStatus(Model):
    """Where the chain stands; numbers are decimal strings outside."""

    pending_block_num: DecimalString
    proven_block_num: DecimalString
    validators: list[Address]
    committee: list[Address]
    current_epoch: DecimalString
    current_slot: DecimalString
    proposer_now: Address


class Sending(Model):
    """A message to send: a row of the outbox. ``key`` says what it is about, so that it exists once."""

    key: Annotated[str, Field(min_length=1, max_length=512)]
    route: Literal["operator", "channel"]
    target: DiscordId = Field(description="Operator's Discord id, or the channel's")
    content: Annotated[str, Field(min_length=1)]
    details: dict[str, str] = Field(default_factory=dict, description="Validator, thread's name, parent channel")
    status: Literal["pending", "sent", "fell-back", "failed"] = "pending"
    attempts: int = Field(default=0, ge=0)
    put_offs: int = Field(default=0, ge=0, description="Attempts that ended for want of time, and say nothing of it")
    not_before: Milliseconds = 0
    tried_at: Milliseconds | None = Field(default=None, description="Begin of the first attempt")
    channel_id: str | None = Field(default=None, description="Where at Discord it was last about to be written")
    message_id: str | None = None
    created_at: Milliseconds
    updated_at: Milliseconds


class Delivery(Model):
    """What became of the messages that were due: how many were sent, which were given up for good, and which operators
    (ids) could only be mentioned in public.
    """

    sent: int = 0
    given_up: list[Sending] = Field(default_factory=list)
    fell_back: list[str] = Field(default_factory=list)


class AlertState(Model):
    """One trouble, of a validator or of the network: how it stands, and what was last told of it."""

    level: Level
    cause: Cause | Doubt | None = None
    since: Milliseconds
    over: Milliseconds | None = None
    slot: int | None = Field(default=None, description="As of which it was noticed, or over; for a slashing its mark")
    told: Level | None = Field(default=None, description="What people believe; None: nothing, or that it is over")
    told_cause: Cause | Doubt | None = None
    told_at: list[Milliseconds] = Field(default_factory=list, description="The last times, newest last")


States = dict[str, dict[Trouble, AlertState]]
"""By address in lower case; validators without any are not in it."""


class Watch(Model):
    """What an operator was told of his validators, so that the next run says only what is new."""

    version: int = Field(default=0, ge=0)
    states: States = Field(default_factory=dict)


class Monitor(Model):
    """What the monitor remembers from run to run. ``outages`` of each source that moderators were told of.

    ``block`` of L1 up to which logs were read; ``epoch`` of the last network statistics; ``stats_at`` the time of the
    newest slot that a node told of; ``doubted_since`` when a set that shrank was first not believed;
    ``slashing_proposer`` the contract in which slashings are voted for.
    """

    version: int = Field(default=0, ge=0)
    outages: dict[Source, AlertState] = Field(default_factory=dict)
    doubted_since: Milliseconds | None = None
    rollup: Address | None = None
    block: int | None = None
    epoch: int | None = None
    stats_at: Milliseconds | None = None
    slashing_proposer: Address | None = None
