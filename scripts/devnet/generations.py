"""The later generations of the contracts, for tests of what reads them; validators join them through a queue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.devnet.deploy import (
    GENESIS,
    MANA_TARGET,
    PROVING_COST,
    STAKE,
    Contracts,
    Deployer,
    Options,
    deploy_first,
)
from scripts.devnet.rpc import Contract

NOBODY = "0x" + 40 * "0"
NO_ROOT = bytes(32)


@dataclass(frozen=True)
class Ground:
    """What the later generations build on before the rollup."""

    fee_asset: Contract
    staking_asset: Contract
    registry: Contract
    gse: Contract
    verifier: Contract
    passport: Contract
    governance: Contract


def deploy(generation: str, on: Deployer, owner: str, options: Options) -> Contracts:
    if generation == "0.87.9":
        return deploy_first(on, owner, options)
    return deploy_later(generation, on, owner, options)


def deploy_later(generation: str, on: Deployer, owner: str, options: Options) -> Contracts:
    ground = _ground(generation, on)
    configure = CONFIGURATIONS[generation]
    rollup = on.deploy(
        "Rollup",
        ground.fee_asset.address,
        ground.staking_asset.address,
        ground.gse.address,
        ground.verifier.address,
        ground.governance.address,
        GENESIS,
        configure(options, ground.registry.read("getRewardDistributor")),
    )
    on.send(ground.registry, "addRollup", rollup.address)
    on.send(ground.gse, "addRollup", rollup.address)
    handler = on.deploy("StakingAssetHandler", _handler_arguments(generation, ground, owner, options))
    on.send(ground.staking_asset, "addMinter", handler.address)
    return Contracts(generation, owner, on.account, ground.staking_asset, ground.registry, rollup, handler, ground.gse)


def _ground(generation: str, on: Deployer) -> Ground:
    me = on.account
    fee_asset = on.deploy("TestERC20", "FeeJuice", "FEE", me)
    staking_asset = on.deploy("TestERC20", "Staking", "STK", me)
    thresholds = () if generation == "1.2.1" else (STAKE, STAKE // 2)
    gse = on.deploy("GSE", me, staking_asset.address, *thresholds)
    registry = on.deploy("Registry", me, fee_asset.address)
    proposer = on.deploy("GovernanceProposer", registry.address, gse.address, 6, 10)
    governance = on.deploy(
        "Governance", staking_asset.address, proposer.address, gse.address, _governance_configuration()
    )
    on.send(gse, "setGovernance", governance.address)
    verifier, passport = on.deploy("MockVerifier"), on.deploy("MockZKPassportVerifier")
    return Ground(fee_asset, staking_asset, registry, gse, verifier, passport, governance)


def _governance_configuration() -> tuple[Any, ...]:
    """Minutes where the real one takes days: nobody votes here."""
    lock, minute, percent = (60, 10**24), 60, 10**16
    return (lock, minute, minute, minute, minute, 10 * percent, 4 * percent, 10**21)


def _handler_arguments(generation: str, ground: Ground, owner: str, options: Options) -> tuple[Any, ...]:
    places = (owner, ground.staking_asset.address, ground.registry.address)
    passport = ("sparta.invalid", "devnet", True)
    if generation == "4.1.2":
        return (*places, STAKE, ground.passport.address, [], *passport)
    quota = (owner, options.mint_interval, options.deposits_per_mint)
    return (*places, *quota, NO_ROOT, ground.passport.address, [], *passport, True)


def _second(options: Options, distributor: str) -> tuple[Any, ...]:
    chain = (options.slot_seconds, options.epoch_slots, options.committee_size, 1)
    slashing = (6, 10)
    reward, boost = (distributor, 5000, NOBODY), (200000, 5000000, 5000, 100000, 1000000)
    queue = (0, 0, 48, 2)
    return (*chain, *slashing, MANA_TARGET, 60, PROVING_COST, reward, boost, queue)


def _third(options: Options, distributor: str) -> tuple[Any, ...]:
    chain = (options.slot_seconds, options.epoch_slots, options.committee_size, 1)
    reward, boost = (distributor, 5000, NOBODY, 10**18), (200000, 5000000, 5000, 100000, 1000000)
    queue = (0, 0, 48, 2, 48)
    return (*chain, *_slashing(options), MANA_TARGET, 60, 0, PROVING_COST, reward, boost, queue)


def _fourth(options: Options, distributor: str) -> tuple[Any, ...]:
    chain = (options.slot_seconds, options.epoch_slots, options.committee_size, 2, 1, 1)
    reward, boost = (distributor, 5000, NOBODY, 10**18), (200000, 5000000, 5000, 100000, 1000000)
    queue = (0, 0, 48, 2, 48)
    ends = (STAKE // 2, 0, 1)
    price = 10**7
    disabled_seconds = 3600
    fees = (MANA_TARGET, 60, 0, PROVING_COST, price)
    return (*chain, *_slashing(options), disabled_seconds, *fees, reward, boost, queue, *ends)


def _slashing(options: Options) -> tuple[Any, ...]:
    """Votes of four epochs are tallied (flavor 1): committee size times epochs must be a multiple of 4."""
    round_slots = 4 * options.epoch_slots
    amounts = [STAKE // 10, STAKE // 4, STAKE]
    quorum, lifetime, delay, offset, tally = round_slots // 2 + 1, 5, 0, 1, 1
    return (quorum, round_slots, lifetime, delay, amounts, offset, tally, NOBODY)


CONFIGURATIONS: dict[str, Callable[[Options, str], tuple[Any, ...]]] = {
    "1.2.1": _second,
    "2.0.3": _third,
    "4.1.2": _fourth,
}
