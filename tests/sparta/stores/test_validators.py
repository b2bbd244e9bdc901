"""Validators: one operator each, with counts that stay exact."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from sparta.addresses import checksum_address
from sparta.errors import Conflict, InvalidInput, NotFound
from sparta.models import Duty, Validator, ValidatorStats
from sparta.stores import Stores
from sparta.stores.table import Transaction, commit_all
from sparta.stores.validators import Row
from tests.sparta.stores.world import address, at_once, counted, register, told

MIXED = checksum_address("0x" + "abcdef0123" * 4)
STATS = ValidatorStats(
    total_slots=15,
    missed_attestations_count=12,
    missed_attestations_current_streak=12,
    missed_attestations_rate=0.8,
    missed_proposals_count=0,
    missed_proposals_current_streak=0,
    last_attestation=Duty(slot=109, timestamp=1_763_856_000),
)


def test_a_registered_validator_is_found_by_address_and_by_operator(stores: Stores) -> None:
    """In any case of its letters, answered in the form registered."""
    register(stores, 1)
    made = stores.validators.register(MIXED, "1", is_active=True)
    assert stores.validators.get(MIXED.lower()) == made
    assert stores.validators.of_operator("1") == [made] == list(stores.validators.all())
    assert (made.address, made.operator_id, made.is_active) == (MIXED, "1", True)
    assert told(stores) == counted(stores) == (1, 0)


def listed(stores: Stores, operator_id: str) -> list[tuple[str, bool]]:
    """The validators that the operator's own record shows."""
    operator = stores.operators.get(operator_id)
    assert operator
    assert operator.validators is not None
    assert {each.operator_id for each in operator.validators} <= {operator_id}
    return [(each.address, each.is_active) for each in operator.validators]


def test_an_operators_record_shows_its_validators_at_once(stores: Stores) -> None:
    """As registered, with what the monitor says of the set, in the order of addresses; gone when they are gone."""
    register(stores, 1), register(stores, 2)
    assert listed(stores, "1") == []
    stores.validators.see([address(2)])
    stores.validators.set_active(address(2), active=True)
    stores.validators.register(MIXED, "1"), stores.validators.register(address(2), "1")
    assert listed(stores, "1") == [(address(2), True), (MIXED, False)]
    stores.validators.set_active(MIXED.lower(), active=True)
    stores.validators.set_active(address(2), active=False)
    assert listed(stores, "1") == [(address(2), False), (MIXED, True)]
    stores.validators.transfer(MIXED.lower(), "1", "2")
    stores.validators.remove(address(2), "1")
    assert (listed(stores, "1"), listed(stores, "2")) == ([], [(MIXED, True)])


def test_a_set_that_changes_while_a_validator_is_claimed(stores: Stores) -> None:
    """Whatever happens first, the two records say the same in the end."""
    for number in range(20):
        register(stores, number)
    everyone = [address(n) for n in range(20)]
    stores.validators.see(everyone)
    claims = [partial(stores.validators.register, each, str(n)) for n, each in enumerate(everyone)]
    at_once([*claims, *(partial(stores.validators.set_active, each, active=True) for each in everyone)])
    for number, each in enumerate(everyone):
        assert listed(stores, str(number)) == [(each, True)]
        known = stores.validators.get(each)
        assert known
        assert known.is_active


def test_an_operator_has_no_more_validators_than_its_record_holds(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is refused with what to do, and is nobody's."""
    monkeypatch.setattr("sparta.stores.validators.MOST", 2)
    register(stores, 1)
    for number in range(2):
        stores.validators.register(address(number), "1")
    with pytest.raises(Conflict, match="has 2 validators, which is the most"):
        stores.validators.register(address(2), "1")
    assert stores.validators.get(address(2)) is None


def test_a_validator_has_one_operator(stores: Stores) -> None:
    """A second registration is refused, by its own operator too, in whatever case."""
    register(stores, 1), register(stores, 2)
    stores.validators.register(MIXED, "1")
    for operator in ("1", "2"):
        with pytest.raises(Conflict, match="already registered"):
            stores.validators.register(MIXED.lower(), operator)
    assert told(stores) == counted(stores) == (2, 1)


def test_one_validator_wanted_by_many_at_once_goes_to_one(stores: Stores) -> None:
    """Thirty operators register the same validator at once: one has it, and only that one is counted."""
    for number in range(30):
        register(stores, number)
    results = at_once(partial(stores.validators.register, MIXED, str(n)) for n in range(30))
    assert sum(isinstance(result, Validator) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 29
    assert told(stores) == counted(stores) == (30, 29)


def test_fifty_validators_of_one_operator_at_once(stores: Stores) -> None:
    """All are registered, and removing all at once ends at none."""
    register(stores, 1)
    at_once(partial(stores.validators.register, address(n), "1") for n in range(50))
    assert len(stores.validators.of_operator("1")) == 50
    assert told(stores) == counted(stores) == (1, 0)
    at_once(partial(stores.validators.remove, address(n), "1") for n in range(50))
    assert stores.validators.of_operator("1") == []
    assert told(stores) == counted(stores) == (1, 1)
    stores.operators.delete("1")


def test_nobody_registers_for_nobody(stores: Stores) -> None:
    """An unknown operator is named as what is missing, and no validator stays behind."""
    with pytest.raises(NotFound, match="Operator not found"):
        stores.validators.register(MIXED, "1")
    assert stores.validators.get(MIXED) is None


def test_validators_seen_on_chain_wait_for_their_operator(stores: Stores) -> None:
    """The set makes them known without an operator; whoever claims one decides how it is written."""
    assert stores.validators.see([MIXED.lower(), *(address(n) for n in range(150))]) == 151
    register(stores, 1)
    claimed = stores.validators.register(MIXED, "1")
    assert claimed.address == MIXED
    assert stores.validators.see([MIXED.lower(), address(500)]) == 1
    assert stores.validators.get(MIXED) == claimed
    unclaimed = stores.validators.get(address(3))
    assert unclaimed
    assert (unclaimed.operator_id, unclaimed.is_active) == (None, False)


def test_claims_survive_a_monitor_that_sees_the_set_at_the_same_moment(stores: Stores) -> None:
    """Registering and seeing at once: every claim stands."""
    register(stores, 1)
    everyone = [address(n) for n in range(20)]
    claims = [partial(stores.validators.register, each, "1") for each in everyone]
    at_once([*claims, *(partial(stores.validators.see, everyone) for _ in range(5))])
    assert [each.operator_id for each in stores.validators.all()] == ["1"] * 20
    assert len(stores.validators.of_operator("1")) == 20


def test_a_transfer_moves_the_count(stores: Stores) -> None:
    """From the first operator to the second; the label, which was the first one's, does not go along."""
    register(stores, 1), register(stores, 2)
    stores.validators.register(MIXED, "1")
    stores.validators.set_label(MIXED, "1", "Thermopylae")
    moved = stores.validators.transfer(MIXED, "1", "2")
    assert (moved.operator_id, moved.label) == ("2", None)
    assert stores.validators.of_operator("1") == []
    assert told(stores) == counted(stores) == (2, 1)
    stores.operators.delete("1")
    assert told(stores) == counted(stores) == (1, 0)


@pytest.mark.parametrize(
    ("from_id", "to_id", "kind", "sentence"),
    [
        ("2", "1", NotFound, "This operator has no such validator"),
        ("1", "9", NotFound, "Operator not found"),
        ("9", "1", NotFound, "Operator not found"),
        ("1", "1", InvalidInput, "the same operator"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    stores: Stores, from_id: str, to_id: str, kind: type[Exception], sentence: str
) -> None:
    """Nothing moves when the giver does not have it, or one of the two is unknown, or both are the same."""
    register(stores, 1), register(stores, 2)
    made = stores.validators.register(MIXED, "1")
    with pytest.raises(kind, match=sentence):
        stores.validators.transfer(MIXED, from_id, to_id)
    assert stores.validators.get(MIXED) == made
    assert told(stores) == counted(stores) == (2, 1)


def test_only_its_operator_removes_or_names_a_validator(stores: Stores) -> None:
    """Another's and an unknown validator are told apart."""
    register(stores, 1), register(stores, 2)
    stores.validators.register(MIXED, "1")
    with pytest.raises(NotFound, match="This operator has no such validator"):
        stores.validators.remove(MIXED, "2")
    with pytest.raises(NotFound, match="This operator has no such validator"):
        stores.validators.set_label(MIXED, "2", "mine")
    with pytest.raises(NotFound, match="Validator not found"):
        stores.validators.remove(address(1), "2")
    assert stores.validators.set_label(MIXED, "1", "Thermopylae").label == "Thermopylae"
    assert stores.validators.set_label(MIXED, "1", None).label is None


def test_activity_and_stats_are_kept(stores: Stores) -> None:
    """What the monitor learns stands in the record; an unknown validator is not made by it."""
    stores.validators.see([MIXED])
    stores.validators.record_stats(MIXED, STATS)
    kept = stores.validators.set_active(MIXED, active=True)
    assert (kept.is_active, kept.stats) == (True, STATS)
    assert stores.validators.get(MIXED) == kept
    with pytest.raises(NotFound, match="Validator not found"):
        stores.validators.set_active(address(1), active=True)
    assert stores.validators.get(address(1)) is None


def test_what_the_monitor_learns_touches_nobodys_claim(stores: Stores) -> None:
    """One act for many validators, known or not; whose they are and how they are called stays."""
    register(stores, 1)
    claimed = stores.validators.register(MIXED, "1", is_active=True)
    stores.validators.set_label(MIXED, "1", "Thermopylae")
    groups = [Transaction(stores.database) for _ in range(150)]
    for number, group in enumerate(groups):
        stores.validators.add_to(group, address(number), is_active=True, stats=STATS)
    last = Transaction(stores.database)
    stores.validators.add_to(last, MIXED.lower(), is_active=False)
    commit_all(stores.database, [*groups, last])
    kept = stores.validators.get(MIXED)
    assert kept == claimed.model_copy(
        update={"is_active": False, "label": "Thermopylae", "updated_at": kept and kept.updated_at}
    )
    new = stores.validators.get(address(149))
    assert new
    assert (new.operator_id, new.is_active, new.stats) == (None, True, STATS)
    rows = {row.address: row for row in stores.validators.rows()}
    assert len(rows) == 151
    assert rows[MIXED.lower()] == Row(MIXED.lower(), "1", "Thermopylae", is_active=False, stats=None)
    assert ValidatorStats.model_validate(rows[address(3)].stats) == STATS


@pytest.mark.parametrize("seed", range(3))
def test_counters_are_exact_after_any_mixture(stores: Stores, seed: int) -> None:
    """Whatever 160 random changes by 16 at once leave behind, the counters say what counting says."""
    chance = random.Random(seed)  # noqa: S311 - the same changes on every run
    for number in range(6):
        register(stores, number)
    for _ in range(10):
        at_once([_any_change(stores, chance) for _ in range(16)])
        assert told(stores) == counted(stores)


def _any_change(stores: Stores, chance: random.Random) -> Callable[[], object]:
    """Few people and few validators, so that they meet."""
    one, other, validator = chance.randrange(8), chance.randrange(8), address(chance.randrange(8))
    changes: list[Callable[[], object]] = [
        partial(register, stores, one),
        partial(stores.operators.delete, str(one)),
        partial(stores.operators.update_wallet, str(one), address(10_000 + other)),
        partial(stores.validators.register, validator, str(one)),
        partial(stores.validators.remove, validator, str(one)),
        partial(stores.validators.transfer, validator, str(one), str(other)),
        partial(stores.validators.see, [validator]),
    ]
    return chance.choice(changes)
