"""Runs of the monitor over real parts: who is told what, once, and what is stored."""

from __future__ import annotations

import pytest

from scripts.devnet.deploy import STAKE
from scripts.devnet.validators import add_validators, queue_validators, slash, withdraw
from sparta.addresses import checksum_address
from sparta.models import Preferences
from sparta.rules.facts import HOUR
from tests.sparta.services.network import CHANNEL, Network, active, attester, ready


def test_three_validators(network: Network) -> None:
    """One slashed, one absent, one fine: the right two are told what happened and what to do, moderators see both;
    then nothing, a reminder a day later, and the recovery; nothing twice."""
    slashed, absent, fine = ready(network)
    slash(network.deployed, slashed)
    network.node.world.offline.add(absent)
    network.pass_time(minutes=5)
    run = network.run()
    assert (run.validators_in_set, run.missing, run.left, run.alerts, run.operators_told) == (2, 1, 1, 3, 2)

    (first,) = network.told("1")
    assert first.startswith("<@1>, news of your validators.\n🔴 **Slashed and out of the set** (critical)\n")
    assert f"`{checksum_address(slashed)}`: 100 tokens of stake taken" in first
    (second,) = network.told("2")
    assert "🔴 **Attestations are missing** (critical)" in second
    assert "🔴 **Block proposals are missing** (critical)" in second
    assert f"`{checksum_address(absent)}`: 100% missed" in second
    assert network.told("3") == []
    (summary,) = network.told(CHANNEL)
    assert "**operator\\-1** (`1`), who lost approval" in summary
    assert checksum_address(absent) in summary
    assert checksum_address(fine) not in summary
    assert [(each.was_slashed, each.is_approved) for each in network.stores.operators.all()] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert active(network, slashed, absent, fine) == [False, True, True]

    told = network.outbox()
    for _ in range(3):
        network.pass_time(minutes=5)
        network.run()
    assert network.outbox() == told

    network.pass_time(hours=24)
    network.run()
    assert [len(network.told(each)) for each in ("1", "2", "3", CHANNEL)] == [2, 2, 0, 2]
    assert "**Still: attestations are missing**" in network.told("2")[1]

    network.node.world.offline.clear()
    network.pass_time(minutes=5)
    network.run()
    assert "🟢 **Attestations are made again**" in network.told("2")[2]
    told = network.outbox()
    network.pass_time(minutes=5)
    network.run()
    assert network.outbox() == told


def test_a_forgiven_operator_stays_forgiven(network: Network) -> None:
    """A slashing is marked once, with its message: what moderators decide afterwards stands."""
    slashed, *_ = ready(network)
    slash(network.deployed, slashed)
    network.run()
    network.stores.operators.forgive("1")
    network.stores.operators.approve("1", approved=True)
    network.pass_time(hours=25)
    network.run()
    operator = network.stores.operators.get("1")
    assert operator
    assert (operator.was_slashed, operator.is_approved) == (False, True)
    assert "**Still: slashed" in network.told("1")[1]


@pytest.mark.parametrize("generation", ["0.87.9", "1.2.1", "2.0.3", "4.1.2"])
def test_each_generations_departures_are_told_apart(network: Network) -> None:
    """Slashed of everything (status NONE from 1.x on), slashed of enough, withdrawn; and slashed but still there."""
    emptied, pushed, leaving, hurt, *_ = ready(network, 9)
    slash(network.deployed, emptied, STAKE)
    slash(network.deployed, pushed, STAKE * 3 // 5)
    withdraw(network.deployed, leaving)
    if network.deployed.generation in {"2.0.3", "4.1.2"}:
        slash(network.deployed, hurt, STAKE // 10)
    network.pass_time(minutes=1)
    network.run()
    assert "**Slashed and out of the set**" in network.told("1")[0]
    assert ": 100 tokens of stake taken" in network.told("1")[0]
    assert ": 60 tokens of stake taken" in network.told("2")[0]
    assert "🟠 **Leaving the set** (warning)" in network.told("3")[0]
    if network.deployed.generation in {"2.0.3", "4.1.2"}:
        assert "**Slashed, still in the set**" in network.told("4")[0]
        assert ": 10 tokens of stake taken" in network.told("4")[0]
    assert [each.was_slashed for each in network.stores.operators.all()] == [True, True] + [False] * 7
    assert active(network, emptied, pushed, leaving, hurt) == [False, False, False, True]
    told = network.outbox()
    network.pass_time(minutes=5)
    network.run()
    assert network.outbox() == told


@pytest.mark.parametrize("generation", ["2.0.3"])
def test_who_waits_in_the_queue_has_not_left(network: Network) -> None:
    """Registered, not in the set yet: no word; in the set later: no word either."""
    waiting = attester()
    queue_validators(network.deployed, [waiting])
    network.stores.operators.create("9", "0x" + "9" * 40, "operator-9")
    network.stores.validators.register(waiting, "9")
    network.run()
    network.pass_time(hours=1)
    network.deployed.rollup.send(network.deployed.deployer, "flushEntryQueue")
    network.run()
    assert network.outbox() == {}
    assert active(network, waiting) == [True]


def test_a_departure_that_nothing_explains(network: Network) -> None:
    """Told at the second look, as what it is: nobody is called slashed, nobody is marked."""
    ready(network, 5)
    ghost = attester()
    network.operator("9", ghost)
    network.run()
    assert network.outbox() == {}
    network.pass_time(minutes=5)
    network.run()
    assert "🔴 **Out of the set** (critical)" in network.told("9")[0]
    assert "neither a slashing nor a withdrawal" in network.told("9")[0]
    assert not any(each.was_slashed for each in network.stores.operators.all())


def test_who_left_before_any_run_saw_it_there_has_left(network: Network) -> None:
    """The chain proves that it was in the set; its next operator is not blamed for what the last run knew."""
    slashed, *_ = network.join(6)
    for number in ("1", "2"):
        network.stores.operators.create(number, f"0x{int(number):040x}", f"operator-{number}")
    network.stores.validators.register(slashed, "1")
    slash(network.deployed, slashed)
    network.run()
    assert "Slashed and out of the set" in network.told("1")[0]
    network.stores.validators.transfer(slashed, "1", "2")
    for _ in range(3):
        network.pass_time(minutes=5)
        network.run()
    assert network.told("2") == []
    assert [each.was_slashed for each in network.stores.operators.all()] == [True, False]


def test_who_was_registered_a_moment_ago_has_not_left(network: Network) -> None:
    """An endpoint that is behind does not know of it yet; that is no departure."""
    ready(network)
    late = attester()
    network.operator("9", late)
    network.run()
    add_validators(network.deployed, [late])
    network.pass_time(minutes=5)
    network.run()
    assert network.outbox() == {}
    assert active(network, late) == [True]


def test_a_muted_operator_hears_of_slashing_only(network: Network) -> None:
    """And of the rest when the time is over."""
    slashed, absent, _ = ready(network)
    network.stores.validators.register(attester(), "1")
    until = network.stores.clock() + 2 * HOUR
    for each in ("1", "2"):
        network.stores.operators.set_preferences(each, Preferences(muted_until=until))
    slash(network.deployed, slashed)
    network.node.world.offline.add(absent)
    network.pass_time(minutes=5)
    network.run()
    assert [len(network.told(each)) for each in ("1", "2")] == [1, 0]
    network.pass_time(hours=2)
    network.run()
    assert [len(network.told(each)) for each in ("1", "2")] == [1, 1]


def test_a_label_names_the_validator(network: Network) -> None:
    """In the digest and in the summary."""
    absent, *_ = ready(network)
    network.stores.validators.set_label(absent, "1", "Thermo*pylae")
    network.node.world.offline.add(absent)
    network.pass_time(minutes=5)
    network.run()
    assert "**Thermo\\*pylae**" in network.told("1")[0]
    assert "**Thermo\\*pylae**" in network.told(CHANNEL)[0]


def test_an_operator_with_many_validators_gets_one_digest(network: Network) -> None:
    """Every absent one is named in it, and it counts as one operator told."""
    attesters = network.join(9)
    network.operator("1", *attesters)
    network.pass_time(minutes=10)
    network.run()
    network.node.world.offline |= set(attesters[:3])
    network.pass_time(minutes=5)
    run = network.run()
    assert run.operators_told == 1
    (digest,) = network.told("1")
    assert [checksum_address(each) in digest for each in attesters] == [True] * 3 + [False] * 6


def test_the_networks_problem_is_told_to_moderators_alone(network: Network) -> None:
    """When most miss their attestations at once; what remains afterwards is told to its operator."""
    attesters = ready(network, 6)
    network.node.world.offline |= set(attesters[:4])
    network.pass_time(minutes=5)
    run = network.run()
    assert (run.doubts, run.missing, run.alerts) == ({"network": "many-missing"}, 4, 0)
    assert [each.target for each in network.outbox().values()] == [CHANNEL]
    network.pass_time(minutes=5)
    network.run()
    assert len(network.outbox()) == 1
    network.node.world.offline -= set(attesters[1:4])
    network.pass_time(minutes=10)
    network.run()
    assert [len(network.told(str(number))) for number in range(1, 7)] == [1, 0, 0, 0, 0, 0]
    began, over, summary = network.told(CHANNEL)
    assert "Most validators miss their attestations." in began
    assert over.startswith("🟢 **Over: Most validators miss")
    assert checksum_address(attesters[0]) in summary
