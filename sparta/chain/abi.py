"""The little of the contract ABI that Sparta needs: words of 32 bytes, a dynamic list of words, and selectors.

Selectors stand beside the names as numbers, so that nothing is hashed at import; a test computes each from the ABIs of
all generations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparta.addresses import checksum_address

_WORD = 64
"""Hex digits of a word."""


class BadEncoding(ValueError):
    """The bytes are not what the function returns."""


@dataclass(frozen=True, slots=True)
class Function:
    """A contract function; all its inputs are words, or one list of words at the end."""

    selector: str
    signature: str

    def data(self, *arguments: int | str | Sequence[int]) -> str:
        """The call data: addresses as 0x strings, numbers as integers, a list of numbers last."""
        head = [argument for argument in arguments if isinstance(argument, int | str)]
        lists = [argument for argument in arguments if not isinstance(argument, int | str)]
        encoded = "".join(encode_word(argument) for argument in head)
        for numbers in lists:
            encoded += encode_word((len(head) + 1) * 32) + encode_word(len(numbers))
            encoded += "".join(encode_word(number) for number in numbers)
        return self.selector + encoded


def encode_word(value: int | str) -> str:
    """64 hex digits of a number or an address."""
    return f"{int(value, 16) if isinstance(value, str) else value:064x}"


def words(data: object, count: int) -> list[int]:
    """At least ``count`` words as numbers.

    :raises BadEncoding: fewer, or no hex
    """
    if not isinstance(data, str) or not data.startswith("0x") or len(data) < 2 + count * _WORD:
        raise BadEncoding(f"{count} words expected")
    try:
        return [int(data[at : at + _WORD], 16) for at in range(2, len(data) - _WORD + 1, _WORD)]
    except ValueError:
        raise BadEncoding("not hex") from None


def to_address(word: int) -> str:
    """The address in a word, with checksum.

    :raises BadEncoding: the word is larger than an address
    """
    return checksum_address(_plain_address(word))


def address(data: object) -> str:
    """The only word as an address."""
    return to_address(words(data, 1)[0])


def number(data: object) -> int:
    """The only word as a number."""
    return words(data, 1)[0]


def addresses(data: object) -> list[str]:
    """A list of addresses in lower case: a checksum costs 20 µs, which only what is shown is worth."""
    found = words(data, 2)
    start, rest = divmod(found[0], 32)
    if rest or start + 1 > len(found):
        raise BadEncoding("a list starts nowhere")
    items = found[start + 1 : start + 1 + found[start]]
    if len(items) != found[start]:
        raise BadEncoding("a list is shorter than it says")
    return [_plain_address(item) for item in items]


def _plain_address(word: int) -> str:
    if word >> 160:
        raise BadEncoding("not an address")
    return f"0x{word:040x}"
