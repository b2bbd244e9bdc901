"""A task of its own: ``python -m tests.sparta.chain.adder <ethereum> <handler> <dynamodb> <address>...`` adds them all,
four at a time, over the journal in DynamoDB, and writes a line for each."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from pydantic import SecretStr

from scripts.devnet.anvil import CHAIN_ID, OWNER
from sparta import telemetry
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.chain.signer import Signer
from sparta.chain.turn import Pace
from sparta.chain.writer import Writer
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect


def stores(dynamodb: str) -> Stores:
    """The stores in the tables of the environment ``processes``."""
    tables = Tables.model_validate({"environment": "processes", "aws_endpoint_url_dynamodb": dynamodb})
    return open_stores(connect(tables), tables)


def main(ethereum: str, handler: str, dynamodb: str, *attesters: str) -> None:
    """Add all of them."""
    telemetry.configure(level="error")
    rpc = JsonRpc([ethereum], chain_id=CHAIN_ID)
    signer = Signer(SecretStr(OWNER[1]), OWNER[0], CHAIN_ID)
    journal = stores(dynamodb).journal(f"{CHAIN_ID}:{OWNER[0]}")
    writer = Writer(rpc, Contracts(rpc, handler=handler), signer, journal, Pace(lease=2.0, patience=60))
    writer.resume()
    with ThreadPoolExecutor(4) as pool:
        for added in pool.map(writer.add_validator, attesters):
            print(added.attester, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
