"""Gives each service of the API what it works with: the one place that knows which parts it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import BoundedSemaphore

from sparta import parts
from sparta.addresses import address_key
from sparta.chain.aztec import AztecNode
from sparta.chain.contract import newest_block
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.chain.signer import Signer
from sparta.chain.writer import Writer
from sparta.errors import DependencyFailed, SettingsError
from sparta.notify.discord import Connection
from sparta.secret_store import ApiKeys, SecretStore, resolve, resolve_urls
from sparta.services.chain_info import ChainInfo
from sparta.services.delivery import GuildIds, deliver
from sparta.services.health import HealthService
from sparta.services.messages import MessageService
from sparta.services.operators import OperatorService
from sparta.services.readiness import NodeReadinessService
from sparta.services.validators import ValidatorService
from sparta.settings import ApiSettings
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect

API_THREADS = 128
"""Of one API process, each with a connection to everything behind it. Nearly all of them only wait."""
API_PLACES = 112
"""Requests that are served at once; the other threads answer health checks, and refuse what is too much."""
API_ADDS = 64
"""Of those, how many may wait for their validator's block; the others serve people who only want to know something."""
API_TIMEOUT = 4.0
"""Seconds for one answer of Ethereum or of the Aztec node."""
DELIVERY_SECONDS = 20.0
"""For one round of sending; what is left waits for the next."""
REQUEST_SECONDS = 45.0
"""For a whole request: nothing is asked after that. What was asked a moment before may take nine more, of DynamoDB, so
that the answer comes before a load balancer stops waiting after a minute."""
RPC_URLS = ("ethereum_host", "aztec_rpc_url")
NEEDED_SECRETS = ("backend_api_key", *RPC_URLS, "sparta_private_key")
"""Settings without which, given or named, the API does not start."""
_UNREADABLE = (
    "{}_SECRET names a secret that cannot be read; check that it exists, that this program may read it, and that "
    "Secrets Manager can be reached"
)


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
    deliver: Callable[[], bool]
    """Sends what waits; whether nothing is left that could be sent soon."""
    cors_allowed_origins: tuple[str, ...] = ()
    connections: tuple[JsonRpc | AztecNode | Connection, ...] = ()

    def close(self) -> None:
        """Let go of the connections that are kept alive."""
        for connection in self.connections:
            connection.close()


def api(settings: ApiSettings) -> Api:
    """The API's services; nothing is asked yet but secrets, where the settings name them.

    :raises DependencyFailed: a secret cannot be read
    """
    # One of its own for the start: gunicorn's workers must not inherit the connection of the process that started them.
    secrets, at_run_time = parts.secrets(settings), parts.secrets(settings)
    stores = open_stores(connect(settings, threads=API_THREADS), settings)
    rpc = parts.ethereum(settings, secrets, timeout=API_TIMEOUT, connections=API_THREADS)
    node = parts.aztec(settings, secrets, timeout=API_TIMEOUT, connections=API_THREADS)
    discord, contracts = parts.discord(settings, secrets), parts.contracts(settings, rpc)
    return Api(
        keys=ApiKeys(settings, at_run_time),
        operators=OperatorService(stores.operators, node),
        validators=ValidatorService(
            stores.validators,
            stores.history,
            contracts,
            _writer(settings, secrets, rpc, contracts, stores),
            BoundedSemaphore(API_ADDS),
        ),
        # Never 0: without it the settings are refused.
        chain=ChainInfo(contracts, stores.network_stats, settings.l1_chain_id or 0),
        messages=MessageService(stores.alerts),
        node_readiness=NodeReadinessService(stores.config),
        deliver=_delivery(settings, discord, stores),
        health=HealthService(
            {
                "DynamoDB": stores.operators.stats,
                "Ethereum": lambda: newest_block(rpc),
                "Aztec node": lambda: _check_node(node),
            }
        ),
        cors_allowed_origins=settings.cors_allowed_origins,
        connections=tuple(each for each in (rpc, node, discord) if each),
    )


def _delivery(settings: ApiSettings, discord: Connection | None, stores: Stores) -> Callable[[], bool]:
    if discord is None or settings.guild_id is None:
        return lambda: True
    guild = GuildIds(settings.guild_id, settings.channel_operators_id)

    def send() -> bool:
        run = discord.run(DELIVERY_SECONDS)
        report = deliver(stores.alerts, stores.conversations, stores.config, run, guild)
        return bool(report.stopped) or not report.left

    return send


def check(settings: ApiSettings) -> None:
    """What the settings alone do not show: that the secrets which they name can be read and hold what they should, and
    whose the private key is.

    :raises SettingsError: with every mistake
    """
    secrets = parts.secrets(settings)
    unreadable = [name for name in NEEDED_SECRETS if not _is_readable(settings, name, secrets)]
    if unreadable:
        raise SettingsError([_UNREADABLE.format(name.upper()) for name in unreadable])
    if mistakes := [mistake for name in RPC_URLS for mistake in _no_urls(settings, name, secrets)]:
        raise SettingsError(mistakes)
    if signer := _signer(settings, secrets):
        signer.check()


def _is_readable(settings: ApiSettings, name: str, secrets: SecretStore) -> bool:
    value, secret_id = getattr(settings, name), getattr(settings, f"{name}_secret")
    try:
        return bool(value or secret_id is None or secrets.value(secret_id))
    except DependencyFailed:
        return False


def _no_urls(settings: ApiSettings, name: str, secrets: SecretStore) -> tuple[str, ...]:
    try:
        resolve_urls(name.upper(), getattr(settings, name), getattr(settings, f"{name}_secret"), secrets)
    except SettingsError as error:
        return error.mistakes
    return ()


def _writer(
    settings: ApiSettings, secrets: SecretStore, rpc: JsonRpc, contracts: Contracts, stores: Stores
) -> Writer | None:
    signer = _signer(settings, secrets)
    if signer is None:
        return None
    return Writer(rpc, contracts, signer, stores.journal(f"{signer.chain_id}:{address_key(signer.address)}"))


def _signer(settings: ApiSettings, secrets: SecretStore) -> Signer | None:
    """None where no key is configured: then the chain is only read."""
    key = resolve(settings.sparta_private_key, settings.sparta_private_key_secret, secrets)
    address, chain_id = settings.sparta_address, settings.l1_chain_id
    if key is None or address is None or chain_id is None:
        return None
    return Signer(key, address, chain_id)


def _check_node(node: AztecNode) -> None:
    if not node.ready():
        raise DependencyFailed(
            "The Aztec node says that it is not ready. Wait until it has caught up; when it lasts, look at its log.",
            dependency="Aztec node",
        )
