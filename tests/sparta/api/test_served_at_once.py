"""Many requests at once through two processes, of which one may die: the chain, the store and the journal agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import httpx
import pytest

from scripts.devnet.network import Devnet
from sparta.settings import ApiSettings
from tests.sparta.api.client import Served, settings_of
from tests.sparta.api.ledger import Ledger, Transaction, add, addresses, approved, wait_until

ASKED_AGAIN = {503}
"""What the API answers with "try again"."""


@pytest.fixture(scope="module")
def pair(net: Devnet) -> Iterator[tuple[Served, Served]]:
    """Two processes over the same database and the same account."""
    with Served(settings_of(net)) as one, Served(settings_of(net)) as other:
        yield one, other


@pytest.fixture
def two(pair: tuple[Served, Served]) -> tuple[Served, Served]:
    """Both of them alive, whatever an earlier test did."""
    for served in pair:
        if not served.is_alive:
            served.start()
    return pair


@pytest.fixture
def ledger(net: Devnet, settings: ApiSettings) -> Ledger:
    """From before the test."""
    return Ledger(net, settings)


def once(served: Served, person: str, address: str) -> int | None:
    """The status; None when the process died before it answered."""
    try:
        return add(served, person, address).status
    except httpx.TransportError:
        return None


def until_answered(served: Served, person: str, address: str) -> int:
    """Ask again while there is no answer, or one that says so."""
    found: list[int] = []

    def is_answered() -> bool:
        status = once(served, person, address)
        if status is not None and status not in ASKED_AGAIN:
            found.append(status)
        return bool(found)

    wait_until(is_answered, 60)
    return found[0]


@contextmanager
def asking(
    ask: Callable[[Served, str, str], int | None], two: tuple[Served, Served], wanted: list[str]
) -> Iterator[list[Future[int | None]]]:
    """Each process is asked for half of them, all at once."""
    person = approved(two[0])
    with ThreadPoolExecutor(len(wanted)) as pool:
        yield [pool.submit(ask, two[number % 2], person, address) for number, address in enumerate(wanted)]


def all_in_order(ledger: Ledger, number: int) -> list[Transaction]:
    """So many transactions that succeeded, with one nonce after the other."""
    return [Transaction(ledger.first_nonce + place, succeeded=True) for place in range(number)]


def test_fifty_at_once(two: tuple[Served, Served], ledger: Ledger) -> None:
    """Each is answered with 201; 50 in the set, 50 on record, 50 transactions with consecutive nonces."""
    wanted = addresses(50)
    with asking(once, two, wanted) as asked:
        assert {future.result() for future in asked} == {201}
    assert ledger.in_set == ledger.recorded == set(wanted)
    assert ledger.transactions == all_in_order(ledger, 50)
    assert ledger.is_closed


def test_one_is_killed_and_its_callers_ask_again(two: tuple[Served, Served], ledger: Ledger) -> None:
    """Whoever got no answer repeats: 50 and 50 and no transaction more, whatever the process was doing as it died."""
    wanted = addresses(50)
    with asking(until_answered, two, wanted) as asked:
        wait_until(lambda: ledger.mined >= ledger.first_nonce + 10, 30)
        two[1].kill()
        two[1].start()
        # 409: it was added and recorded, and only the answer was lost.
        assert {future.result() for future in asked} <= {201, 409}
    assert ledger.in_set == ledger.recorded == set(wanted)
    assert ledger.transactions == all_in_order(ledger, 50)
    assert ledger.is_closed


def test_one_is_killed_and_its_callers_are_gone(two: tuple[Served, Served], ledger: Ledger) -> None:
    """Nobody repeats anything: what had begun is finished by the next start alone, on the chain and on record; what had
    not begun is in neither.
    """
    wanted = addresses(50)
    with asking(once, two, wanted) as asked:
        wait_until(lambda: ledger.mined >= ledger.first_nonce + 10, 30)
        two[1].kill()
        lost = {address for address, future in zip(wanted, asked, strict=True) if future.result() is None}
    assert lost
    two[1].start()
    wait_until(lambda: ledger.is_closed, 30)
    assert ledger.in_set == ledger.recorded
    assert set(wanted) - lost <= ledger.in_set <= set(wanted)
    assert ledger.transactions == all_in_order(ledger, len(ledger.in_set))


@pytest.mark.parametrize("same", ["walletAddress", "discordId", "discordUsername"])
def test_a_hundred_register_the_same(two: tuple[Served, Served], same: str) -> None:
    """One of them is registered, 99 are told that it is taken, and one more is counted."""
    (wallet, *wallets), before = addresses(101), operators(two[0])

    def register(number: int) -> int:
        given = {
            "discordId": f"rival-{same}-{number}",
            "walletAddress": wallets[number],
            "discordUsername": f"rival-{same}-{number}",
        }
        given[same] = wallet if same == "walletAddress" else f"wanted-{same}"
        return two[number % 2].call("POST", f"/api/operator?{urlencode(given)}").status

    with ThreadPoolExecutor(100) as pool:
        found = sorted(pool.map(register, range(100)))
    assert found == [201] + 99 * [409]
    assert operators(two[0]) == before + 1


def operators(served: Served) -> int:
    """How many there are, as the API counts them."""
    return int(served.call("GET", "/api/operator/stats").body["stats"]["totalOperators"])
