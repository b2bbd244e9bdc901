"""The writer over the journal on DynamoDB: what the API does when it adds validators, on a real chain."""

from __future__ import annotations

from functools import partial

from scripts.devnet.anvil import OWNER, Anvil, deploy_contracts
from sparta.chain.journal import IntentState
from sparta.chain.rpc import JsonRpc
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import Database
from tests.sparta.chain.world import make_writer, nonce_of
from tests.sparta.stores.world import address, at_once


def test_several_writers_add_each_validator_once(database: Database, settings: Tables) -> None:
    """Three writers that share only the journal add twelve validators, each asked for twice at once: twelve
    transactions, twelve closed intents, none open.
    """
    stores: Stores = open_stores(database, settings)
    journal = stores.journal("31337:owner")
    wanted = [address(0xA77E57E5000 + number) for number in range(12)]
    with Anvil() as chain:
        deployed = deploy_contracts(chain.url)
        rpc = JsonRpc([chain.url], chain_id=31337)
        before = nonce_of(rpc, OWNER)
        writers = [make_writer(rpc, deployed, journal) for _ in range(3)]
        tasks = [partial(writers[number % 3].add_validator, each) for number, each in enumerate(wanted * 2)]
        at_once(tasks)
        assert nonce_of(rpc, OWNER) - before == 12
        rpc.close()
    closed = [journal.get(each) for each in wanted]
    assert [each and each.state for each in closed] == [IntentState.DONE] * 12
    assert journal.pending() == []
