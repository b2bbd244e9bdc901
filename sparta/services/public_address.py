"""Which addresses may be knocked at: those of the public internet, and nothing else."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from sparta.errors import InvalidInput

Address = IPv4Address | IPv6Address

_REFUSED_4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",
    )
]  # fmt: skip
"""IANA's special-purpose registry, multicast, and a cloud's metadata service that has a public address."""
_PUBLIC_6 = IPv6Network("2000::/3")
"""The only part of IPv6 that is handed out as global unicast."""
_REFUSED_6 = [
    IPv6Network(text)
    for text in (
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
]  # fmt: skip
"""IANA's special-purpose registry within it; tunnels lead to IPv4 addresses that nobody has checked."""


def public_address(text: str) -> Address:
    """The address; names are not resolved, so nobody can make a name lead elsewhere after the check.

    :raises InvalidInput: no address, or none of the public internet
    """
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise InvalidInput(
            "ipAddress is not an IP address. Give the public address of your node, for example 8.8.8.8, not a name."
        ) from None
    if not _is_public(address):
        raise InvalidInput(
            f"{address} is not an address of the public internet (private, reserved or special), so others cannot "
            "reach a node there. Give your node's public address: run `curl ifconfig.me` on its machine."
        )
    return address


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    return address in _PUBLIC_6 and not address.scope_id and not any(address in network for network in _REFUSED_6)
