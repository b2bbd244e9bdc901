"""Gives each service what it works with: the one place that knows which parts a program is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from sparta import secret_store
from sparta.addresses import address_key
from sparta.chain.aztec import AztecNode
from sparta.chain.contract import newest_block
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.chain.signer import Signer
from sparta.chain.writer import Writer
from sparta.errors import DependencyFailed, SettingsError
from sparta.models import Delivery
from sparta.notify.discord import Connection
from sparta.rules.facts import Policy
from sparta.secret_store import ApiKeys, SecretStore, resolve, resolve_urls
from sparta.services.announce import Audience
from sparta.services.chain_info import ChainInfo
from sparta.services.delivery import GuildIds, deliver
from sparta.services.health import HealthService
from sparta.services.messages import MessageService
from sparta.services.monitor import Task
from sparta.services.operators import OperatorService
from sparta.services.readiness import NodeReadinessService
from sparta.services.reading import Sources
from sparta.services.validators import ValidatorService
from sparta.settings import ApiSettings, Chain, Common, Discord, MonitorSettings
from sparta.stores import Stores, open_stores
from sparta.stores.database import Limits, connect

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
MONITOR_TIMEOUT = 30.0
"""Seconds for one answer of Ethereum or of the Aztec node: the whole set's statistics are megabytes."""
MONITOR_LIMITS = Limits(read=20.0, busy=30.0)
MONITOR_DELIVERY_SECONDS = 90.0
"""The function that runs the monitor has 240 s in all."""
NEEDED_SECRETS = ("backend_api_key", "ethereum_host", "aztec_rpc_url", "sparta_private_key")
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
    secrets, at_run_time = _secrets(settings), _secrets(settings)
    stores = open_stores(connect(settings, threads=API_THREADS), settings)
    rpc, node, discord = _ethereum(settings, secrets), _aztec(settings, secrets), _discord(settings, secrets)
    contracts = _contracts(settings, rpc)
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
        chain=ChainInfo(contracts, settings.l1_chain_id or 0),  # Never 0: without it the settings are refused.
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


def _discord(settings: Discord, secrets: SecretStore) -> Connection | None:
    """None without a token: then messages wait for the monitor's next run."""
    token = resolve(settings.bot_token, settings.bot_token_secret, secrets)
    return Connection(settings.discord_api_url, token) if token else None


def _delivery(settings: ApiSettings, discord: Connection | None, stores: Stores) -> Callable[[], bool]:
    if discord is None or settings.guild_id is None:
        return lambda: True
    guild = GuildIds(settings.guild_id, settings.channel_operators_id)

    def send() -> bool:
        run = discord.run(DELIVERY_SECONDS)
        report = deliver(stores.alerts, stores.conversations, stores.config, run, guild)
        return bool(report.stopped) or not report.left

    return send


@contextmanager
def monitor(settings: MonitorSettings) -> Iterator[Task]:
    """What a run of the monitor needs; nothing is asked yet but secrets, where the settings name them.

    :raises DependencyFailed: a secret cannot be read
    """
    secrets = _secrets(settings)
    stores = open_stores(connect(settings, limits=MONITOR_LIMITS), settings)
    rpc, discord = _ethereum(settings, secrets, MONITOR_TIMEOUT), _discord(settings, secrets)
    node = _aztec(settings, secrets, MONITOR_TIMEOUT)
    with ExitStack() as stack:
        for connection in (rpc, node, discord):
            if connection is not None:
                stack.callback(connection.close)
        yield Task(
            sources=Sources(stores, rpc, _contracts(settings, rpc), node, settings.sparta_address),
            deliver=lambda: _delivered(settings, discord, stores),
            audience=Audience(settings.channel_moderators_id, settings.l1_chain_id or 0),
            policy=Policy(miss_rate=settings.miss_rate_alert_threshold),
        )


def _delivered(settings: MonitorSettings, discord: Connection | None, stores: Stores) -> Delivery:
    if discord is None or settings.guild_id is None:
        return Delivery()
    guild = GuildIds(settings.guild_id, settings.channel_operators_id)
    run = discord.run(MONITOR_DELIVERY_SECONDS)
    report = deliver(stores.alerts, stores.conversations, stores.config, run, guild)
    return Delivery(sent=len(report.sent), given_up=report.failed, fell_back=report.fell_back)


def check(settings: ApiSettings) -> None:
    """What the settings alone do not show: that the secrets which they name can be read, and whose the private key is.

    :raises SettingsError: with every mistake
    """
    secrets = _secrets(settings)
    unreadable = [name for name in NEEDED_SECRETS if not _is_readable(settings, name, secrets)]
    if unreadable:
        raise SettingsError([_UNREADABLE.format(name.upper()) for name in unreadable])
    if signer := _signer(settings, secrets):
        signer.check()


def _is_readable(settings: ApiSettings, name: str, secrets: SecretStore) -> bool:
    value, secret_id = getattr(settings, name), getattr(settings, f"{name}_secret")
    try:
        return bool(value or secret_id is None or secrets.value(secret_id))
    except DependencyFailed:
        return False


def _secrets(settings: Common) -> SecretStore:
    return SecretStore(lambda: secret_store.connect(settings))


def _ethereum(settings: Chain, secrets: SecretStore, timeout: float = API_TIMEOUT) -> JsonRpc:
    urls = resolve_urls(settings.ethereum_host, settings.ethereum_host_secret, secrets)
    return JsonRpc(
        [url.get_secret_value() for url in urls],
        chain_id=settings.l1_chain_id,
        timeout=timeout,
        connections=API_THREADS,
    )


def _aztec(settings: Chain, secrets: SecretStore, timeout: float = API_TIMEOUT) -> AztecNode:
    urls = resolve_urls(settings.aztec_rpc_url, settings.aztec_rpc_url_secret, secrets)
    return AztecNode([url.get_secret_value() for url in urls], timeout=timeout, connections=API_THREADS)


def _contracts(settings: Chain, rpc: JsonRpc) -> Contracts:
    return Contracts(
        rpc,
        handler=settings.staking_asset_handler_address,
        rollup=settings.rollup_address,
        registry=settings.registry_address,
    )


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
