"""Whether somebody has shown that their Aztec node is synced."""

from __future__ import annotations

from sparta.errors import InvalidInput

OLDEST_BLOCKS = 100
"""How far behind the proven tip a block may be: minutes, so nobody can keep a proof for later."""


def check_block(block: int, *, proven: int, latest: int) -> None:
    """The proof is about a block that is recent, and that exists as far as our own node knows.

    :raises InvalidInput: what is wrong with it
    """
    if block > latest:
        raise InvalidInput(
            f"Block {block} does not exist yet: our node's newest is {latest}. Check the block number; if your node is "
            "ahead of ours, try again in a minute."
        )
    if proven > block + OLDEST_BLOCKS:
        raise InvalidInput(
            f"The proof is too old: block {block} is more than {OLDEST_BLOCKS} blocks behind the proven one, {proven}. "
            "Make a new proof of your node's proven block, and use it at once."
        )


def check_proof(given: str, expected: str | None, block: int) -> None:
    """The proof is the one that our own node gives; blanks and quotes from copying do not matter.

    :raises InvalidInput: it is not
    """
    if expected is None:
        raise InvalidInput(
            f"Our node cannot prove block {block}, so your proof cannot be checked. Use your node's proven block, and "
            "a new proof of it."
        )
    if "".join(given.split()).strip("\"'`") != expected:
        raise InvalidInput(
            f"The proof is not the right one for block {block}. Check that your node is synced, that both parameters "
            "of node_getArchiveSiblingPath are that block's number, and that the whole text was copied; then make a "
            "new proof."
        )
