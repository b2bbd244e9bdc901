"""Gives each service what it works with: the one place that knows which parts a program is made of."""

from __future__ import annotations

from dataclasses import dataclass

from sparta import secret_store
from sparta.chain.aztec import AztecNode
from sparta.chain.contract import newest_block
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.chain.signer import Signer
from sparta.chain.writer import Writer
from sparta.errors import DependencyFailed
from sparta.secret_store import ApiKeys, SecretStore, resolve, resolve_urls
from sparta.services.chain_info import ChainInfo
from sparta.services.health import HealthService
from sparta.services.messages import MessageService
from sparta.services.operators import OperatorService
from sparta.services.readiness import NodeReadinessService
from sparta.services.validators import ValidatorService
from sparta.settings import ApiSettings, Chain, Common
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect

API_THREADS = 48
"""Requests that one API process serves at once, each with a connection to the database. An add waits for its block,
half a minute at most, and must not keep the health check waiting."""
API_TIMEOUT = 4.0
"""Seconds for one answer of Ethereum or of the Aztec node; a caller waits, a load balancer for a minute."""


@dataclass(frozen=True, slots=True)
class Api:
    """The services behind the REST API."""

    keys: ApiKeys
    operators: OperatorService
    validators: ValidatorService
    chain: ChainInfo
    messages: MessageService
    node_readiness: NodeReadinessService
    health: HealthService
    cors_allowed_origins: tuple[str, ...] = ()


def api(settings: ApiSettings) -> Api:
    """The API's services; nothing is asked yet but secrets, where the settings name them.

    :raises DependencyFailed: a secret cannot be read
    """
    # One of its own for the start: gunicorn's workers must not inherit the connection of the process that started them.
    secrets, at_run_time = _secret_store(settings), _secret_store(settings)
    stores = open_stores(connect(settings, threads=API_THREADS), settings)
    rpc, node = _ethereum(settings, secrets), _aztec(settings, secrets)
    contracts = Contracts(
        rpc,
        handler=settings.staking_asset_handler_address,
        rollup=settings.rollup_address,
        registry=settings.registry_address,
    )
    return Api(
        keys=ApiKeys(settings, at_run_time),
        operators=OperatorService(stores.operators, node),
        validators=ValidatorService(
            stores.validators, stores.history, contracts, _writer(settings, secrets, rpc, contracts, stores)
        ),
        chain=ChainInfo(contracts, settings.l1_chain_id or 0),  # Never 0: without it the settings are refused.
        messages=MessageService(stores.alerts),
        node_readiness=NodeReadinessService(stores.config),
        health=HealthService(
            {
                "DynamoDB": stores.operators.stats,
                "Ethereum": lambda: newest_block(rpc),
                "Aztec node": lambda: _check_node(node),
            }
        ),
        cors_allowed_origins=settings.cors_allowed_origins,
    )


def _secret_store(settings: Common) -> SecretStore:
    return SecretStore(lambda: secret_store.connect(settings))


def _ethereum(settings: Chain, secrets: SecretStore) -> JsonRpc:
    urls = resolve_urls(settings.ethereum_host, settings.ethereum_host_secret, secrets)
    return JsonRpc([url.get_secret_value() for url in urls], chain_id=settings.l1_chain_id, timeout=API_TIMEOUT)


def _aztec(settings: Chain, secrets: SecretStore) -> AztecNode:
    urls = resolve_urls(settings.aztec_rpc_url, settings.aztec_rpc_url_secret, secrets)
    return AztecNode([url.get_secret_value() for url in urls], timeout=API_TIMEOUT)


def _writer(
    settings: ApiSettings, secrets: SecretStore, rpc: JsonRpc, contracts: Contracts, stores: Stores
) -> Writer | None:
    key = resolve(settings.sparta_private_key, settings.sparta_private_key_secret, secrets)
    address, chain_id = settings.sparta_address, settings.l1_chain_id
    if key is None or address is None or chain_id is None:
        return None
    journal = stores.journal(f"{chain_id}:{address.lower()}")
    return Writer(rpc, contracts, Signer(key, address, chain_id), journal)


def _check_node(node: AztecNode) -> None:
    if not node.ready():
        raise DependencyFailed(
            "The Aztec node says that it is not ready. Wait until it has caught up; when it lasts, look at its log.",
            dependency="Aztec node",
        )
