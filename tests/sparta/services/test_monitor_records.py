"""What a run of the monitor stores, measures and shows, and what it does not write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_account import Account

from scripts.devnet.validators import add_validators, withdraw
from scripts.devnet.votes import next_round, slashing_proposer, vote
from sparta.models import Delivery, Sending
from sparta.services import monitor
from sparta.services.monitor import Task
from tests.sparta.services.network import CHANNEL, SLOT, Network, active, ready


def test_everybody_on_chain_is_known(network: Network) -> None:
    """Without an operator until somebody claims them; records say who is in the set, and how duties are done."""
    ready(network)
    strangers = network.join(2)
    network.pass_time(minutes=10)
    network.run()
    network.stores.operators.create("8", "0x" + "8" * 40, "operator-8")
    network.stores.validators.register(strangers[0], "8")
    kept = network.stores.validators.get(strangers[0])
    assert kept
    assert (kept.is_active, kept.operator_id) == (True, "8")
    assert kept.stats
    assert kept.stats.total_slots > 0
    assert kept.stats.missed_attestations_rate == 0
    assert kept.stats.last_attestation
    assert kept.stats.last_duty_slot == network.node.world.last_slot


def test_history_and_network_statistics(network: Network) -> None:
    """Each slot once, also those that the node has forgotten by now; one row per epoch."""
    one, absent, *_ = ready(network)
    network.node.world.offline.add(absent)
    slots: set[int] = set()
    epochs: set[int] = set()
    for _ in range(4):
        network.pass_time(minutes=1)
        network.run()
        slots |= {slot for slot, _ in network.node.world.duties[one]}
        epochs.add(network.node.world.last_slot // 4)
    kept = network.stores.history.last(one, 1000)
    assert {slot for history in kept for slot in history.slots} >= slots
    assert all(slot // 4 == history.epoch for history in kept for slot in history.slots)
    stats = network.stores.network_stats.last(100)
    assert {row.epoch for row in stats} >= epochs
    assert (stats[0].validators_in_set, stats[0].validators_active, stats[0].attested_last_day) == (3, 2, 3)
    assert stats[0].attestation_miss_rate
    assert 0.1 < stats[0].attestation_miss_rate < 0.5


def test_only_new_slots_are_written(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is recorded already is not sent to the database again."""
    ready(network)
    written: list[str] = []
    call = network.stores.database.call

    def spy(operation: str, **parameters: Any) -> dict[str, Any]:
        for part in parameters.get("TransactItems", []):
            update = part.get("Update", {})
            if "validator-history" in update.get("TableName", ""):
                written.extend(name[1:] for name in update["ExpressionAttributeNames"] if name[1:].isdigit())
        return call(operation, **parameters)

    monkeypatch.setattr(network.stores.database, "call", spy)
    before = network.node.world.last_slot
    network.pass_time(minutes=1)
    network.run()
    new = range(before + 1, network.node.world.last_slot + 1)
    assert sorted(written) == sorted(str(slot) for slot in new for _ in range(3))


def test_an_unchanged_world_writes_next_to_nothing(network: Network) -> None:
    """A run that learns nothing stores how far it got, in one request."""
    ready(network)
    before = network.stores.database.requests
    run = network.run()
    assert run.recorded == 0
    assert network.stores.database.requests - before == 4


def test_what_could_not_be_delivered_is_named(network: Network) -> None:
    """To the moderators, once."""
    ready(network)
    lost = Sending(key="digest/x", route="operator", target="2", content="x", created_at=1, updated_at=1)
    task = network.task
    failing = Task(task.sources, lambda: Delivery(sent=3, given_up=[lost]), task.audience)
    run = monitor.run(failing)
    monitor.run(failing)
    assert (run.sent, run.given_up) == (3, 1)
    (message,) = network.told(CHANNEL)
    assert "**operator\\-2**" in message


def test_numbers_for_the_alarms(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """Each metric that an alarm or a graph watches, with its unit; the run's own record beside them."""
    _, absent, _ = ready(network)
    network.node.world.offline.add(absent)
    network.pass_time(minutes=5)
    capsys.readouterr()
    network.run()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"level"')]
    metrics = {
        metric["Name"]: (line[metric["Name"]], metric["Unit"])
        for line in lines
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert metrics.pop("MonitorDuration")[1] == "Milliseconds"
    age, unit = metrics.pop("StatsAgeSeconds")
    assert (age < 60, unit) == (True, "Seconds")
    assert 9_000 < metrics.pop("SignerBalance")[0] <= 10_000
    assert metrics == {
        "ValidatorsInSet": (3, "Count"),
        "ValidatorsMissing": (1, "Count"),
        "AlertsSent": (0, "Count"),
        "MonitorHeartbeat": (1, "Count"),
    }


def test_looking_changes_nothing(network: Network) -> None:
    """What a run would tell can be asked without telling it."""
    _, absent, _ = ready(network)
    network.node.world.offline.add(absent)
    network.pass_time(minutes=5)
    reading, verdict = monitor.look(network.task)
    (decision,) = monitor.decisions(reading, verdict)
    assert [alert.address for alert in decision.alerts] == [absent, absent]
    assert network.outbox() == {}
    assert network.run().operators_told == 1


@pytest.mark.parametrize("generation", ["2.0.3", "4.1.2"])
def test_a_slashing_is_told_before_it_happens(network: Network) -> None:
    """Its operator is warned when the vote reaches its quorum, once; and told when it was executed."""
    keys = {Account.from_key(f"0x{number:064x}").address.lower(): f"0x{number:064x}" for number in range(2001, 2005)}
    add_validators(network.deployed, list(keys))
    for number, each in enumerate(keys, 1):
        network.operator(str(number), each)
    network.pass_time(minutes=10)
    network.run()
    voted = next_round(network.deployed, SLOT)
    proposer = slashing_proposer(network.deployed)
    accused = vote(network.deployed, keys, proposer.read("QUORUM"), SLOT)
    network.run()
    network.run()
    (operator_id,) = {message.target for message in network.outbox().values()} - {CHANNEL}
    assert list(keys)[int(operator_id) - 1] == accused
    (warning,) = network.told(operator_id)
    assert "🔴 **Slashing announced** (critical)" in warning
    assert "100 tokens of stake, from <t:" in warning
    operator = network.stores.operators.get(operator_id)
    assert operator
    assert operator.is_approved

    network.pass_time(minutes=4)
    committees = proposer.read("getSlashTargetCommittees", voted)
    proposer.send(network.deployed.deployer, "executeRound", voted, committees)
    network.run()
    assert "**Slashed and out of the set**" in network.told(operator_id)[1]


def test_a_validator_that_comes_back(network: Network) -> None:
    """Leaves, is told, returns, is told: and our records follow."""
    _, _, leaving = ready(network)
    withdraw(network.deployed, leaving)
    network.run()
    assert active(network, leaving) == [False]
    assert "Leaving the set" in network.told("3")[0]
    # Its waiting time is over after a day; then it may stake anew.
    network.pass_time(hours=24 * 2)
    network.deployed.rollup.send(network.deployed.deployer, "finaliseWithdraw", leaving)
    network.run()
    assert len(network.told("3")) == 1
    add_validators(network.deployed, [leaving])
    network.run()
    assert "🟢 **Back in the set**" in network.told("3")[1]
    assert active(network, leaving) == [True]
