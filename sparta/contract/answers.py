"""What the API answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from sparta.addresses import ADDRESS_PATTERN, STORED
from sparta.models import (
    ChainStatus,
    DiscordId,
    Duty,
    History,
    Milliseconds,
    Model,
    NetworkStats,
    Operator,
    OperatorStats,
    OwnedValidator,
    Preferences,
    Validator,
)

ShownAddress = Annotated[
    str, Field(json_schema_extra={"pattern": ADDRESS_PATTERN}, examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
]
"""One that was checked when it came in."""


class Problem(Model):
    """Every error, whatever the route: `error` says what happened and what to do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"success": False, "error": "Operator not found"}]})
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

    validators: list[ShownAddress]
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

    address: ShownAddress
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
    last_duty_slot: int | None = Field(default=None, description="Newest slot with a duty, done or missed")

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

    address: ShownAddress
    operator_id: DiscordId
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
    data: list[ShownAddress]


class Network(Model):
    """Where on Ethereum the validators' rollup is."""

    l1_chain_id: int = Field(ge=1)
    rollup_address: ShownAddress


class NetworkAnswer(Model):
    """Which network this is."""

    success: Literal[True] = True
    data: Network


class NetworkStatsAnswer(Model):
    """The whole set in the last epochs that the monitor saw, newest first."""

    success: Literal[True] = True
    data: list[NetworkStats]


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
