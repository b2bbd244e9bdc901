"""Where people look at the chains in a browser."""

from __future__ import annotations

from sparta.contract import Network

_ETHERSCAN = {1: "https://etherscan.io", 11155111: "https://sepolia.etherscan.io"}
_AZTECSCAN = {1: "https://aztecscan.xyz", 11155111: "https://testnet.aztecscan.xyz"}


def links(network: Network) -> str:
    """As Markdown; nothing for a chain that no explorer shows, such as one on this machine."""
    found = []
    if base := _AZTECSCAN.get(network.l1_chain_id):
        found.append(f"[Aztec]({base})")
    if base := _ETHERSCAN.get(network.l1_chain_id):
        found.append(f"[Rollup on Ethereum]({base}/address/{network.rollup_address})")
    return " · ".join(found)


def validator(network: Network, address: str) -> str | None:
    """A validator's account on Ethereum."""
    base = _ETHERSCAN.get(network.l1_chain_id)
    return f"{base}/address/{address}" if base else None
