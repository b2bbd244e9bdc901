"""Deploy the Aztec contracts, linked libraries included, from an account that the node signs for."""

from dataclasses import dataclass
from typing import Any

from scripts.devnet.artifacts import Artifacts
from scripts.devnet.rpc import Contract, Rpc, encode_arguments

# The roots of the first state: any word but zero will do, no block is ever proven here.
GENESIS = ((1).to_bytes(32), (2).to_bytes(32), (3).to_bytes(32))
STAKE = 100 * 10**18
MANA_TARGET = 10**8
PROVING_COST = 100


@dataclass(frozen=True)
class Options:
    """Durations in seconds, an epoch in slots. ``deposits_per_mint`` adds are allowed per ``mint_interval``."""

    slot_seconds: int = 12
    epoch_slots: int = 4
    committee_size: int = 3
    mint_interval: int = 3600
    deposits_per_mint: int = 3


DEFAULTS = Options()


@dataclass(frozen=True)
class Contracts:
    """What was deployed. ``owner`` owns the staking handler; ``gse`` exists from 1.x on."""

    generation: str
    owner: str
    deployer: str
    staking_asset: Contract
    registry: Contract
    rollup: Contract
    handler: Contract
    gse: Contract | None = None

    @property
    def rpc(self) -> Rpc:
        return self.rollup.rpc

    @property
    def addresses(self) -> dict[str, str]:
        return {
            "staking_asset": self.staking_asset.address,
            "registry": self.registry.address,
            "rollup": self.rollup.address,
            "handler": self.handler.address,
        }


class Deployer:
    """Deploys by name; a library that others need is deployed once."""

    def __init__(self, rpc: Rpc, artifacts: Artifacts, account: str) -> None:
        self.rpc = rpc
        self.account = account
        self._artifacts = artifacts
        self._libraries: dict[str, str] = {}

    def deploy(self, name: str, *arguments: Any) -> Contract:
        artifact = self._artifacts(name)
        for library in artifact.links:
            if library not in self._libraries:
                self._libraries[library] = self.deploy(library).address
        code = artifact.linked(self._libraries) + encode_arguments(artifact.constructor, arguments)
        receipt = self.rpc.transact(self.account, code)
        return Contract(self.rpc, receipt["contractAddress"], artifact.abi)

    def at(self, name: str, address: str) -> Contract:
        """A contract that another one has deployed."""
        return Contract(self.rpc, address, self._artifacts(name).abi)

    def send(self, contract: Contract, name: str, *arguments: Any) -> None:
        contract.send(self.account, name, *arguments)


def deploy_first(on: Deployer, owner: str, options: Options) -> Contracts:
    """The generation of 0.85 to 0.87: whoever may call the handler adds a validator, at once.

    Of the real deployment only what the handler and the rollup reach is there: no governance, no portals.
    """
    me = on.account
    fee_asset = on.deploy("TestERC20", "FeeJuice", "FEE", me)
    staking_asset = on.deploy("TestERC20", "Staking", "STK", me)
    registry = on.deploy("Registry", me, fee_asset.address)
    rollup = on.deploy(
        "Rollup",
        fee_asset.address,
        registry.read("getRewardDistributor"),
        staking_asset.address,
        me,
        GENESIS,
        _configuration(options),
    )
    on.send(registry, "addRollup", rollup.address)
    handler = on.deploy(
        "StakingAssetHandler",
        owner,
        staking_asset.address,
        registry.address,
        me,
        options.mint_interval,
        options.deposits_per_mint,
        [],
    )
    on.send(staking_asset, "addMinter", handler.address)
    return Contracts("0.87.9", owner, me, staking_asset, registry, rollup, handler)


def _configuration(options: Options) -> tuple[int, ...]:
    quorum, round_size = 6, 10
    window = 2 * options.epoch_slots
    times = (options.slot_seconds, options.epoch_slots, options.committee_size, window)
    return (*times, STAKE, quorum, round_size, MANA_TARGET, PROVING_COST)
