"""Operators: unique by id, wallet and username; found by each; counted."""

from __future__ import annotations

from functools import partial
from itertools import chain

import pytest

from sparta.addresses import checksum_address
from sparta.errors import Conflict, InvalidInput, NotFound
from sparta.models import Operator, Preferences
from sparta.stores import Stores
from sparta.stores.tokens import LIFETIME_SECONDS
from tests.sparta.stores.world import Ticks, address, at_once, counted, pages, register, told

MIXED = checksum_address("0x" + "abcdef0123" * 4)


def test_an_operator_is_found_by_id_wallet_and_username(stores: Stores) -> None:
    """Whoever registers is found by each of the three, the wallet in any case, and answered as registered."""
    made = stores.operators.create("7", MIXED, "leonidas#1")
    assert stores.operators.get("7") == made
    assert stores.operators.by_wallet(MIXED.lower()) == made
    assert stores.operators.by_username("leonidas#1") == made
    assert made.wallet_address == MIXED
    assert (made.is_approved, made.was_slashed, made.validators) == (False, False, [])


def test_nobody_is_found_where_nobody_is(stores: Stores) -> None:
    """Absence is None for a look-up and 404 for a change."""
    assert stores.operators.get("7") is None
    assert stores.operators.by_wallet(MIXED) is None
    assert stores.operators.by_username("leonidas") is None
    for change in (
        partial(stores.operators.approve, "7", approved=True),
        partial(stores.operators.forgive, "7"),
        partial(stores.operators.mark_slashed, "7"),
        partial(stores.operators.update_wallet, "7", MIXED),
        partial(stores.operators.delete, "7"),
        partial(stores.operators.preferences, "7"),
    ):
        with pytest.raises(NotFound, match="Operator not found"):
            change()


@pytest.mark.parametrize(
    ("discord_id", "wallet", "username", "reason"),
    [
        ("1", MIXED, "new", "Discord id is registered"),
        ("2", address(10_001).upper().replace("0X", "0x"), "new", "wallet belongs"),
        ("2", MIXED, "user-1", "username user-1 belongs"),
    ],
)
def test_id_wallet_and_username_are_each_taken_once(
    stores: Stores, discord_id: str, wallet: str, username: str, reason: str
) -> None:
    """Each of the three alone is enough for a refusal that says which, and nothing of the refused one stays."""
    register(stores, 1)
    with pytest.raises(Conflict, match=reason):
        stores.operators.create(discord_id, wallet, username)
    assert stores.operators.get("2") is None
    assert stores.operators.by_wallet(MIXED) is None
    assert stores.operators.by_username("new") is None
    assert told(stores) == (1, 1)


def test_of_a_hundred_who_register_one_wallet_at_once_one_wins(stores: Stores) -> None:
    """100 concurrent registrations of the same wallet: one is made, 99 are told that it is taken."""
    results = at_once(partial(stores.operators.create, str(n), MIXED, f"user-{n}") for n in range(100))
    assert sum(isinstance(result, Operator) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 99
    assert told(stores) == counted(stores) == (1, 1)


def test_all_of_fifty_who_register_at_once_are_counted(stores: Stores) -> None:
    """Different people do not get in each other's way, though they share the counters."""
    results = at_once(partial(register, stores, n) for n in range(50))
    assert sorted(map(str, results)) == sorted(str(n) for n in range(50))
    assert told(stores) == counted(stores) == (50, 50)


def test_approval_and_slashing(stores: Stores) -> None:
    """Slashing withdraws approval; forgiving does not give it back; each change is stamped."""
    register(stores, 1)
    approved = stores.operators.approve("1", approved=True)
    slashed = stores.operators.mark_slashed("1")
    forgiven = stores.operators.forgive("1")
    assert (approved.is_approved, slashed.is_approved, forgiven.is_approved) == (True, False, False)
    assert (approved.was_slashed, slashed.was_slashed, forgiven.was_slashed) == (False, True, False)
    assert approved.created_at < approved.updated_at < slashed.updated_at < forgiven.updated_at
    assert stores.operators.get("1") == forgiven


def test_a_new_wallet_frees_the_old_one(stores: Stores) -> None:
    """After a change the old wallet can be registered by another and the new one cannot."""
    register(stores, 1)
    changed = stores.operators.update_wallet("1", MIXED)
    assert stores.operators.by_wallet(MIXED) == changed == stores.operators.get("1")
    assert stores.operators.by_wallet(address(10_001)) is None
    with pytest.raises(Conflict, match="wallet belongs"):
        stores.operators.create("2", MIXED.lower(), "other")
    stores.operators.create("2", address(10_001), "other")


def test_a_wallet_of_another_is_refused_and_ones_own_is_no_change(stores: Stores) -> None:
    """The same wallet in another case keeps the form first registered."""
    first = stores.operators.create("1", MIXED, "one")
    register(stores, 2)
    assert stores.operators.update_wallet("1", MIXED.lower()) == first
    with pytest.raises(Conflict, match="wallet belongs"):
        stores.operators.update_wallet("1", address(10_002))
    assert stores.operators.get("1") == first


def test_two_who_want_one_wallet_at_once_do_not_both_get_it(stores: Stores) -> None:
    """Twenty change to the same wallet at once: one has it, and its lock leads to that one."""
    for number in range(20):
        register(stores, number)
    results = at_once(partial(stores.operators.update_wallet, str(n), MIXED) for n in range(20))
    (winner,) = [result for result in results if isinstance(result, Operator)]
    assert stores.operators.by_wallet(MIXED) == winner
    for number in range(20):
        held = stores.operators.by_wallet(address(10_000 + number))
        assert (held is None) == (str(number) == winner.discord_id)


def test_a_person_who_changed_their_name_frees_the_old_one(stores: Stores) -> None:
    """Found by the new name only; whoever has the old name now can register; a name that is taken is refused."""
    register(stores, 1), register(stores, 2)
    renamed = stores.operators.rename("1", "leonidas")
    assert stores.operators.by_username("leonidas") == renamed == stores.operators.get("1")
    assert stores.operators.rename("1", "leonidas") == renamed
    stores.operators.create("3", MIXED, "user-1")
    with pytest.raises(Conflict, match="username user-2 belongs"):
        stores.operators.rename("1", "user-2")
    with pytest.raises(NotFound, match="Operator not found"):
        stores.operators.rename("9", "nobody")
    stores.operators.delete("1")
    assert stores.operators.by_username("leonidas") is None


def test_a_deleted_operator_leaves_nothing(stores: Stores) -> None:
    """Id, wallet and username are free again, and the counters know."""
    register(stores, 1)
    stores.operators.delete("1")
    assert told(stores) == counted(stores) == (0, 0)
    register(stores, 1)
    assert told(stores) == (1, 1)


def test_an_operator_with_validators_is_not_deleted(stores: Stores) -> None:
    """Deleting is refused with what to do first, also when the validator is registered at the same moment."""
    for number in range(10):
        register(stores, number)
    tasks = [partial(stores.validators.register, address(n), str(n)) for n in range(10)]
    at_once([*tasks, *(partial(stores.operators.delete, str(n)) for n in range(10))])
    for number in range(10):
        validator = stores.validators.get(address(number))
        assert (validator is None) == (stores.operators.get(str(number)) is None)
        if validator:
            with pytest.raises(Conflict, match="1 validator"):
                stores.operators.delete(str(number))
    assert told(stores) == counted(stores)


def test_preferences_are_kept(stores: Stores) -> None:
    """What an operator wants to hear of is stored and can be reset; at first it is everything."""
    register(stores, 1)
    assert stores.operators.preferences("1") == Preferences()
    wanted = Preferences(kinds=["recovered"], miss_rate_threshold=0.35, muted_until=5)
    stores.operators.set_preferences("1", wanted)
    assert stores.operators.preferences("1") == wanted
    stores.operators.set_preferences("1", Preferences())
    assert stores.operators.preferences("1") == Preferences()


def test_the_list_has_every_operator_once_in_pages_of_a_hundred(stores: Stores) -> None:
    """Locks and counters in the same table neither show nor shorten a page."""
    for number in range(205):
        register(stores, number)
    found = pages(stores)
    assert [len(page) for page in found] == [100, 100, 5]
    assert sorted(chain.from_iterable(found)) == sorted(str(number) for number in range(205))


def test_an_old_or_spoilt_token_is_refused(stores: Stores, clock: Ticks) -> None:
    """A token with one character changed, cut, made up, or older than a day is refused, not taken for page 1."""
    for number in range(101):
        register(stores, number)
    token = stores.operators.page().next_page_token
    assert token
    spoilt = [f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}" for at in range(len(token))]
    for each in [*spoilt, token[:-1], token + "A", "", "1", "é", "A" * 5000]:
        with pytest.raises(InvalidInput, match="pageToken is not one"):
            stores.operators.page(each)
    assert len(stores.operators.page(token).operators) == 1
    clock.forward(LIFETIME_SECONDS + 1)
    with pytest.raises(InvalidInput, match="older than a day"):
        stores.operators.page(token)
