"""The parts that programs are made of, as the settings describe them. Each program puts its own together."""

from __future__ import annotations

from sparta import secret_store
from sparta.chain.aztec import AztecNode
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.notify.discord import Connection
from sparta.secret_store import SecretStore, resolve, resolve_urls
from sparta.settings import Chain, Common, Discord


def secrets(settings: Common) -> SecretStore:
    """Reads what settings name instead of giving it."""
    return SecretStore(lambda: secret_store.connect(settings))


def ethereum(settings: Chain, store: SecretStore, *, timeout: float, connections: int) -> JsonRpc:
    """Of the chain that the settings name; nothing is asked yet.

    :raises DependencyFailed: the secret with its URLs cannot be read
    :raises SettingsError: it holds something else
    """
    urls = resolve_urls("ETHEREUM_HOST", settings.ethereum_host, settings.ethereum_host_secret, store)
    return JsonRpc(
        [url.get_secret_value() for url in urls],
        chain_id=settings.l1_chain_id,
        timeout=timeout,
        connections=connections,
    )


def aztec(settings: Chain, store: SecretStore, *, timeout: float, connections: int) -> AztecNode:
    """Nothing is asked yet.

    :raises DependencyFailed: the secret with its URLs cannot be read
    :raises SettingsError: it holds something else
    """
    urls = resolve_urls("AZTEC_RPC_URL", settings.aztec_rpc_url, settings.aztec_rpc_url_secret, store)
    return AztecNode([url.get_secret_value() for url in urls], timeout=timeout, connections=connections)


def contracts(settings: Chain, rpc: JsonRpc) -> Contracts:
    """From the addresses that are given to the others."""
    return Contracts(
        rpc,
        handler=settings.staking_asset_handler_address,
        rollup=settings.rollup_address,
        registry=settings.registry_address,
    )


def discord(settings: Discord, store: SecretStore) -> Connection | None:
    """None without a token: then nothing is sent.

    :raises DependencyFailed: the secret with the token cannot be read
    """
    token = resolve(settings.bot_token, settings.bot_token_secret, store)
    return Connection(settings.discord_api_url, token) if token else None
