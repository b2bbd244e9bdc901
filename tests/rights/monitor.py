"""The monitor at work: runs over a chain, an Aztec node and a Discord where all happens of which it has to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from scripts.devnet.anvil import CHAIN_ID, OWNER, Anvil, deploy_contracts
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.deploy import Contracts
from scripts.devnet.validators import add_validators, slash, withdraw
from sparta import monitor as program
from sparta.models import Sending
from sparta.services import announce, delivery, monitor, operator_threads, outages, reading, records
from sparta.services.monitor import Run
from sparta.settings import MonitorSettings, Part, load
from sparta.stores import Stores, open_stores
from sparta.stores.database import Database
from sparta.stores.expressions import Change
from tests.discord.server import DiscordStandIn
from tests.discord.world import Channel, User
from tests.rights.account import AZTEC_SECRET, ETHEREUM_SECRET, Account, at_work
from tests.rights.comparison import parted_by_name
from tests.rights.programs import Worked, noting_idle_functions
from tests.sparta.services.network import following

ROLE, FUNCTION = "sparta-validator-monitor-role", "sparta-validator-monitor"
OF_LAMBDA = {"WriteLogs", "KeepFailures", "EncryptFailures"}
"""Statements for what Lambda does in the function's name, before, beside and after the program, which asks for none of
it: ``test_lambda.py``."""
USERS_OF_STORES = (announce, delivery, monitor, operator_threads, outages, reading, records)
SLASHED, GONE, ABSENT, FINE, STRANGER = (f"0x{number:040x}" for number in range(0xA77E57E5101, 0xA77E57E5106))
HOUR, BUSY_SECONDS = 3600, 600
_numbers = count(1)


def worked(account: Account) -> Worked:
    """All the monitor does, as its function is told and allowed."""
    with (
        _elsewhere() as scene,
        at_work(account, ROLE, account.function_environment(FUNCTION) | scene.environment) as recorder,
        noting_idle_functions(USERS_OF_STORES) as idle,
    ):
        account.set_secret("sparta/production/bot-token", scene.discord.world.token)
        account.set_secret(ETHEREUM_SECRET, scene.contracts.rpc.url)
        account.set_secret(AZTEC_SECRET, scene.node.url)
        _work(_Monitor(account, load(Part.MONITOR, env_file=None)), scene)
    own, _ = parted_by_name(account.policies(ROLE), OF_LAMBDA)
    return Worked(own, recorder, idle)


@dataclass(frozen=True)
class _Scene:
    """What there is outside of AWS."""

    contracts: Contracts
    node: AztecStandIn
    discord: DiscordStandIn
    operators: Channel
    moderators: Channel

    @property
    def environment(self) -> dict[str, str]:
        """Where it is; all else is as it was deployed."""
        return {
            "L1_CHAIN_ID": str(CHAIN_ID),
            "STAKING_ASSET_HANDLER_ADDRESS": self.contracts.handler.address,
            "SPARTA_ADDRESS": OWNER[0],
            "DISCORD_API_URL": self.discord.url,
            "GUILD_ID": self.discord.world.guild_id,
            "CHANNEL_OPERATORS_ID": self.operators.id,
            "CHANNEL_MODERATORS_ID": self.moderators.id,
        }

    def told(self, words: str) -> bool:
        """Whether somebody could read this."""
        return any(words in message.content for message in self.discord.world.messages)


@contextmanager
def _elsewhere() -> Iterator[_Scene]:
    with Anvil() as chain, DiscordStandIn() as discord:
        discord.limits.rates.clear()
        contracts = deploy_contracts(chain.url)
        channels = [discord.world.add_channel(name) for name in ("operators", "moderators")]
        with AztecStandIn(world=following(contracts)) as node:
            yield _Scene(contracts, node, discord, *channels)


class _Monitor:
    """Runs, each with connections of its own; and tables into which root writes what other programs would."""

    def __init__(self, account: Account, settings: MonitorSettings) -> None:
        self._settings = settings
        self.tables: Stores = open_stores(Database(account.emulator.client("dynamodb")), settings)

    def run(self) -> Run:
        with program.wired(self._settings) as task:
            return monitor.run(task)

    def run_overtaken(self) -> None:
        """Another run tells what this one has read too; so this one looks again at whom it would have told."""
        with program.wired(self._settings) as task:
            seen = monitor.look(task)
            assert monitor.decisions(*seen)
            monitor.run(task)
            assert monitor._tell(task, *seen) == []

    def register(self, user: User, *addresses: str) -> None:
        number = next(_numbers)
        self.tables.operators.create(user.id, f"0x{0xE000 + number:040x}", user.username)
        for address in addresses:
            self.tables.validators.register(address, user.id, is_active=True)

    def hand_in(self, target: str, route: str = "operator", attempts: int = 0) -> None:
        """A message that somebody sends by the API."""
        time, key = self.tables.clock(), f"test/{next(_numbers)}"
        message = {"key": key, "route": route, "target": target, "content": f"Message {key}.", "attempts": attempts}
        self.tables.alerts.add(Sending.model_validate({**message, "created_at": time, "updated_at": time}))

    def make_due(self) -> None:
        """What was put off need not wait."""
        table = self.tables.alerts._table
        for item in table.scan_all():
            if "queue" in item:
                table.update({"pk": item["pk"]}, Change(assign={"notBefore": 0}))


def _work(program: _Monitor, scene: _Scene) -> None:
    users = {name: scene.discord.world.add_user(name) for name in ("ann", "ben", "cat", "dan", "eve")}
    add_validators(scene.contracts, [SLASHED, GONE, ABSENT, FINE, STRANGER])
    for name, address in zip(users, (SLASHED, GONE, ABSENT, FINE), strict=False):
        program.register(users[name], address)
    program.register(users["eve"])
    scene.contracts.rpc.pass_time(HOUR)
    assert program.run().recorded
    _trouble(program, scene)
    _recovery(program, scene, users["cat"])
    _outage(program, scene)
    _deliveries(program, scene, users["dan"], users["eve"])


def _trouble(program: _Monitor, scene: _Scene) -> None:
    """One is slashed, one leaves, one is absent."""
    slash(scene.contracts, SLASHED)
    withdraw(scene.contracts, GONE)
    scene.node.world.offline.add(ABSENT)
    scene.contracts.rpc.pass_time(HOUR)
    program.run_overtaken()
    assert scene.told("Slashed and out of the set")
    assert scene.told("Attestations are missing")


def _recovery(program: _Monitor, scene: _Scene, absent: User) -> None:
    """Told in a new thread: somebody deleted the one there was."""
    channels = scene.discord.world.channels
    (thread,) = (each.id for each in scene.discord.world.threads if absent.id in each.members)
    del channels[thread]
    scene.node.world.offline.clear()
    scene.contracts.rpc.pass_time(HOUR)
    program.run()
    assert scene.told("Attestations are made again")


def _outage(program: _Monitor, scene: _Scene) -> None:
    """The node's, told and over."""
    scene.node.fail("error")
    program.run()
    scene.node.heal()
    scene.contracts.rpc.pass_time(HOUR)
    program.run()
    assert scene.told("🟢 **Over: ")


def _deliveries(program: _Monitor, scene: _Scene, untold: User, left: User) -> None:
    """Put off and looked for, in no thread but directly, in no way but by a mention, and given up."""
    program.hand_in(scene.moderators.id, "channel")
    scene.discord.fail("limited", "POST", times=1, seconds=BUSY_SECONDS)
    program.run()
    program.make_due()
    scene.operators.denied.add("CREATE_PRIVATE_THREADS")
    scene.discord.world.leave(left)
    program.hand_in(untold.id)
    program.hand_in(left.id)
    program.hand_in(left.id, attempts=delivery.MOST_ATTEMPTS + 1)
    finished = program.run()
    assert (finished.given_up, finished.sent) == (1, 3)
    program.run()
