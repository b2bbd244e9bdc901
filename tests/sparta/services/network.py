"""A small network of real parts: contracts on a real chain, DynamoDB, a node; and runs of the monitor over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from scripts.devnet.anvil import CHAIN_ID, OWNER
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World as NodeWorld
from scripts.devnet.deploy import Contracts as Deployed
from scripts.devnet.validators import add_validators
from sparta.chain.aztec import AztecNode
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.models import Delivery, Sending
from sparta.rules.facts import Policy
from sparta.services import monitor
from sparta.services.announce import Audience
from sparta.services.monitor import Run, Task
from sparta.services.reading import Sources
from sparta.stores import Stores
from sparta.stores.table import Table

CHANNEL = "1367117045963161685"
SLOT = 12
ADDRESSES = count(0xA77E57E5000)


def attester() -> str:
    """One that no test had before."""
    return f"0x{next(ADDRESSES):040x}"


def following(deployed: Deployed) -> NodeWorld:
    """The network of a node that follows the chain."""
    rollup = deployed.rollup
    world = NodeWorld(chain_id=CHAIN_ID, genesis_time=rollup.read("getGenesisTime"), slot_seconds=SLOT)
    world.l1_addresses = {"rollupAddress": rollup.address}

    def follow(seen: NodeWorld) -> None:
        number = rollup.read("getActiveAttesterCount")
        attesters = [rollup.read("getAttesterAtIndex", index) for index in range(number)]
        seen.follow(rollup.read("getCurrentSlot"), attesters)

    world.source = follow
    return world


@dataclass
class Network:
    """``clock`` is the chain's: time passes when the test says so."""

    deployed: Deployed
    node: AztecStandIn
    rpc: JsonRpc
    client: AztecNode
    stores: Stores
    settle: Callable[[], None] = lambda: None
    policy: Policy = field(default_factory=Policy)

    @property
    def task(self) -> Task:
        contracts = Contracts(self.rpc, rollup=self.deployed.rollup.address)
        sources = Sources(self.stores, self.rpc, contracts, self.client, OWNER[0])
        return Task(sources, self.deliver, Audience(CHANNEL, CHAIN_ID), self.policy)

    def run(self) -> Run:
        """One run of the monitor."""
        return monitor.run(self.task)

    def deliver(self) -> Delivery:
        """Nobody fetches the messages: the tests look at what waits."""
        return Delivery()

    def pass_time(self, *, minutes: float = 0, hours: float = 0) -> None:
        self.deployed.rpc.pass_time(int(minutes * 60 + hours * 3600))

    def join(self, number: int) -> list[str]:
        """Validators of the set."""
        attesters = [attester() for _ in range(number)]
        add_validators(self.deployed, attesters)
        return attesters

    def operator(self, discord_id: str, *attesters: str) -> None:
        """Registered and approved, with these validators."""
        number = int(discord_id)
        self.stores.operators.create(discord_id, f"0x{number:040x}", f"operator-{discord_id}")
        self.stores.operators.approve(discord_id, approved=True)
        for each in attesters:
            self.stores.validators.register(each, discord_id, is_active=True)

    def outbox(self) -> dict[str, Sending]:
        """Every message there is, by its key."""
        table: Table = self.stores.alerts._table
        rows = [item for item in table.scan_all() if str(item["pk"]).startswith("message#")]
        return {item["key"]: Sending.model_validate(item, extra="ignore") for item in rows}

    def told(self, target: str) -> list[str]:
        """What one operator, or the moderators, will read; in the order in which it was written."""
        messages = [message for message in self.outbox().values() if message.target == target]
        return [message.content for message in sorted(messages, key=lambda each: (each.not_before, each.key))]


def ready(network: Network, number: int = 3) -> list[str]:
    """Validators with one operator each, "1" and so on, known to the monitor as well and active."""
    attesters = network.join(number)
    for place, each in enumerate(attesters, 1):
        network.operator(str(place), each)
    network.pass_time(minutes=10)
    network.run()
    assert network.outbox() == {}
    return attesters


def active(network: Network, *attesters: str) -> list[bool]:
    """Who is in the set, as the store knows it and the operators' own records show it."""
    stored = [each.is_active for address in attesters if (each := network.stores.validators.get(address))]
    operators = network.stores.operators.all()
    shown = {each.address: each.is_active for operator in operators for each in operator.validators or []}
    assert [shown[address] for address in attesters] == stored
    return stored
