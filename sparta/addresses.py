"""Ethereum addresses: ``0x`` and 40 hex digits, compared without case, checked by EIP-55 where the case is mixed."""

from __future__ import annotations

import re
from typing import Annotated

from Crypto.Hash import keccak
from pydantic import AfterValidator, Field, ValidationInfo

ADDRESS_PATTERN = r"^0x[0-9a-fA-F]{40}$"
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def keccak256(data: bytes) -> bytes:
    """Ethereum's hash: Keccak-256, the padding of before SHA-3 became a standard."""
    return keccak.new(digest_bits=256, data=data).digest()


def checksum_address(address: str) -> str:
    """``address`` with the case that EIP-55 gives it. 20 µs or so: only for what is shown."""
    digits = address[2:].lower()
    nibbles = keccak256(digits.encode("ascii")).hex()
    return "0x" + "".join(d.upper() if int(n, 16) > 7 else d for d, n in zip(digits, nibbles, strict=False))


def address_key(address: str) -> str:
    """The form in which addresses are compared and stored as keys."""
    return address.lower()


STORED = {"stored": True}
"""Validation context for what comes from our own tables: checked when it went in, and a checksum costs 25 µs."""


def _check_new(text: str, info: ValidationInfo) -> str:
    return text if info.context is STORED else check_address(text)


def check_address(text: str) -> str:
    """``text`` itself, when it is an address.

    :raises ValueError: with the sentence a person reads
    """
    if not _ADDRESS.fullmatch(text):
        raise ValueError("an address is 0x and 40 hex digits")
    digits = text[2:]
    mixed = digits not in {digits.lower(), digits.upper()}
    if mixed and checksum_address(text) != text:
        raise ValueError(
            "its upper and lower case do not agree with its checksum (EIP-55), so a character is probably wrong: "
            "copy the address again, or give it all in lower case"
        )
    return text


Address = Annotated[
    str,
    AfterValidator(_check_new),
    Field(
        description="Ethereum address; mixed case must pass EIP-55; compared without case",
        examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
        json_schema_extra={"pattern": ADDRESS_PATTERN},
    ),
]
