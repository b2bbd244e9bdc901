"""The whole local network: starts together, stops together, leaves nothing behind."""

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.devnet import artifacts
from scripts.devnet.anvil import CHAIN_ID, DEPLOYER, LIMITED, OWNER, Anvil
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World
from scripts.devnet.deploy import DEFAULTS, Contracts, Deployer, Options, deploy_first
from scripts.devnet.dynamodb import DynamoDbLocal
from scripts.devnet.errors import DevnetError
from scripts.devnet.processes import Process
from scripts.devnet.rpc import Contract, Rpc
from scripts.devnet.screen import Say, say

REPOSITORY = Path(__file__).resolve().parents[2]
GENERATION = "0.87.9"
REGION = "eu-west-2"
TABLES = ("operators", "validators", "validator-history", "network-stats", "config", "alerts")
TABLES_SECONDS = 60
FOLLOW_SECONDS = 2.0


class Devnet:
    """DynamoDB with its tables, the chain with the contracts, the Aztec node: each on a port of its own.

    The node's network follows the chain (slots, validators) unless ``world`` gives it another one.
    """

    def __init__(
        self,
        *,
        dialect: str = "0.87",
        options: Options = DEFAULTS,
        block_seconds: int | None = None,
        world: World | None = None,
        say: Say = say,
    ) -> None:
        self._options = options
        self._say = say
        self._contracts: Contracts | None = None
        self._api_key = secrets.token_urlsafe(32)
        self._follows = world is None
        self.dynamodb = DynamoDbLocal(say=say)
        self.chain = Anvil(block_seconds=block_seconds, say=say)
        self.aztec = AztecStandIn(dialect, world or World())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Return when all of it answers; stop what had started when a part fails or we are interrupted."""
        # What must be fetched is fetched here, where an interrupt ends it.
        self.dynamodb.prepare()
        self.chain.prepare()
        code = artifacts.load(GENERATION, self._say)
        pool = ThreadPoolExecutor()
        try:
            for part in [pool.submit(self._start_dynamodb), pool.submit(self._start_chain, code)]:
                part.result()
        except BaseException:
            self.stop()
            pool.shutdown()
            # Once more, for what a part had begun in between.
            self.stop()
            raise
        pool.shutdown()

    def stop(self) -> None:
        self.aztec.stop()
        self.chain.stop()
        self.dynamodb.stop()

    @property
    def dynamodb_url(self) -> str:
        return self.dynamodb.url

    @property
    def ethereum_url(self) -> str:
        return self.chain.url

    @property
    def aztec_url(self) -> str:
        return self.aztec.url

    @property
    def contracts(self) -> Contracts:
        if self._contracts is None:
            raise DevnetError("The local network is not running; use it inside `with Devnet() as net:`.")
        return self._contracts

    @property
    def accounts(self) -> list[str]:
        """Accounts with Ether that the chain signs for."""
        found: list[str] = self.contracts.rpc.call("eth_accounts")
        return found

    @property
    def processes(self) -> list[Process]:
        return [self.dynamodb.process, self.chain.process]

    @property
    def env(self) -> dict[str, str]:
        """Everything API, bot and monitor need but the Discord values."""
        addresses = self.contracts.addresses
        return self._dynamodb_env | {
            "BACKEND_API_KEY": self._api_key,
            "ETHEREUM_HOST": self.ethereum_url,
            "L1_CHAIN_ID": str(CHAIN_ID),
            "STAKING_ASSET_HANDLER_ADDRESS": addresses["handler"],
            "ROLLUP_ADDRESS": addresses["rollup"],
            "REGISTRY_ADDRESS": addresses["registry"],
            "SPARTA_ADDRESS": OWNER[0],
            "SPARTA_PRIVATE_KEY": OWNER[1],
            "SPARTA_ADDRESS_LIMITED": LIMITED[0],
            "SPARTA_PRIVATE_KEY_LIMITED": LIMITED[1],
            "AZTEC_RPC_URL": self.aztec_url,
        }

    @property
    def _dynamodb_env(self) -> dict[str, str]:
        names = {f"{table.upper().replace('-', '_')}_TABLE_NAME": f"sparta-{table}-development" for table in TABLES}
        return {
            "ENVIRONMENT": "development",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "devnet",
            "AWS_SECRET_ACCESS_KEY": "devnet",
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_url,
        } | names

    def _start_dynamodb(self) -> None:
        self.dynamodb.start()
        done = subprocess.run(
            [sys.executable, "-m", "sparta.stores"],
            # Not in the checkout: a .env there is for another run.
            cwd=self.dynamodb.process.home,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)} | self._dynamodb_env,
            capture_output=True,
            text=True,
            timeout=TABLES_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise DevnetError(f"The tables could not be created in the local DynamoDB:\n{done.stderr.strip()[-3000:]}")

    def _start_chain(self, code: artifacts.Artifacts) -> None:
        self.chain.start()
        deployer = Deployer(Rpc(self.chain.url), code, DEPLOYER)
        self._contracts = deploy_first(deployer, OWNER[0], self._options)
        if self._follows:
            self._follow(self._contracts)
        self.aztec.start()

    def _follow(self, contracts: Contracts) -> None:
        world, rollup = self.aztec.world, contracts.rollup
        world.chain_id = CHAIN_ID
        world.rollup_version = rollup.read("getVersion")
        world.genesis_time = rollup.read("getGenesisTime")
        world.slot_seconds = self._options.slot_seconds
        world.l1_addresses = {
            "registryAddress": contracts.registry.address,
            "rollupAddress": rollup.address,
            "stakingAssetAddress": contracts.staking_asset.address,
            "stakingAssetHandlerAddress": contracts.handler.address,
        }
        # Not waiting long: the node must answer while the chain hangs.
        seen = Contract(Rpc(self.chain.url, FOLLOW_SECONDS), rollup.address, rollup.abi)
        world.source = lambda network: network.follow(seen.read("getCurrentSlot"), seen.read("getAttesters"))
