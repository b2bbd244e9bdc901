"""Let validators into a deployed rollup, and out again, each generation its way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scripts.devnet.deploy import STAKE, Contracts
from scripts.devnet.rpc import Rpc

WEALTH = 10**20


def add_validators(contracts: Contracts, attesters: Sequence[str]) -> None:
    """All of them are in the set when this returns, the entry queue of the later generations flushed."""
    if contracts.gse is None:
        for attester in attesters:
            contracts.handler.send(contracts.owner, "addValidator", attester, attester)
        return
    queue_validators(contracts, attesters)
    contracts.rollup.send(contracts.deployer, "flushEntryQueue")


def queue_validators(contracts: Contracts, attesters: Sequence[str]) -> None:
    """From 1.x on: stake for them, and leave them in the entry queue."""
    me, asset, rollup = contracts.deployer, contracts.staking_asset, contracts.rollup
    total = STAKE * len(attesters)
    asset.send(me, "mint", me, total)
    asset.send(me, "approve", rollup.address, total)
    for number, attester in enumerate(attesters):
        keys = () if contracts.generation == "1.2.1" else registration_keys(contracts, secret=1000 + number)
        rollup.send(me, "deposit", attester, me, *keys, True)


def registration_keys(contracts: Contracts, secret: int) -> tuple[Any, Any, Any]:
    """From 2.x on: the BLS public keys on both curves and the proof that their holder has the secret."""
    from py_ecc.fields import optimized_bn128_FQ as FQ
    from py_ecc.optimized_bn128.optimized_curve import G1, G2, multiply, normalize

    if contracts.gse is None:
        raise ValueError("This generation knows no registration keys.")
    first = normalize(multiply(G1, secret))
    second = normalize(multiply(G2, secret))
    public = (first[0].n, first[1].n)
    digest = contracts.gse.read("getRegistrationDigest", public)
    proof = normalize(multiply((FQ(digest[0]), FQ(digest[1]), FQ(1)), secret))
    coefficients = [int(part) for coordinate in second for part in coordinate.coeffs]
    return public, tuple(coefficients), (proof[0].n, proof[1].n)


def slash(contracts: Contracts, attester: str, amount: int = STAKE) -> None:
    """As the slasher would; losing the whole stake puts a validator out of the set."""
    slasher = contracts.rollup.read("getSlasher")
    with impersonated(contracts.rpc, slasher):
        contracts.rollup.send(slasher, "slash", attester, amount)


def withdraw(contracts: Contracts, attester: str) -> None:
    """Begin the exit of a validator whose withdrawer is the deployer."""
    contracts.rollup.send(contracts.deployer, "initiateWithdraw", attester, contracts.deployer)


@contextmanager
def impersonated(rpc: Rpc, account: str) -> Iterator[None]:
    """Meanwhile the chain takes transactions from an account whose key nobody has."""
    rpc.call("anvil_impersonateAccount", account)
    rpc.call("anvil_setBalance", account, hex(WEALTH))
    try:
        yield
    finally:
        rpc.call("anvil_stopImpersonatingAccount", account)
