"""Which account a private key belongs to: so much of Ethereum's curve that a wrong key shows at the start.

Signing is left to eth_account, whose import costs more than all else at the start together; nothing here is made for
that, since it takes longer for some keys than for others.
"""

from __future__ import annotations

import re

from sparta.addresses import checksum_address, keccak256

_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_PRIME = 2**256 - 2**32 - 977
_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_Point = tuple[int, int]
_GENERATOR: _Point = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)


def account_of(key: str) -> str:
    """The address, with checksum, of a key of 64 hex digits, with 0x or without. 10 ms or so.

    :raises ValueError: that is no key
    """
    if not _KEY.fullmatch(key) or not 0 < (number := int(key, 16)) < _ORDER:
        raise ValueError("a private key is 0x and 64 hex digits, not all zero and below the order of the curve")
    x, y = _multiple(number)
    return checksum_address("0x" + keccak256(x.to_bytes(32) + y.to_bytes(32))[12:].hex())


def _multiple(number: int) -> _Point:
    """The generator added to itself ``number`` times: doubled once per bit from the highest, plus one where it is 1."""
    point = _GENERATOR
    for bit in f"{number:b}"[1:]:
        point = _on_the_line(point, point, 3 * point[0] ** 2, 2 * point[1])
        if bit == "1":
            point = _on_the_line(point, _GENERATOR, _GENERATOR[1] - point[1], _GENERATOR[0] - point[0])
    return point


def _on_the_line(one: _Point, other: _Point, rise: int, run: int) -> _Point:
    """The sum of two points: where the line through them, of slope rise / run, meets the curve again, mirrored."""
    slope = rise * pow(run, -1, _PRIME) % _PRIME
    x = (slope**2 - one[0] - other[0]) % _PRIME
    return x, (slope * (one[0] - x) - one[1]) % _PRIME
