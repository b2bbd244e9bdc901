"""What the rollup logged of validators' stake: the same events in all generations, but for one that was renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sparta.chain.rpc import Call, RpcError

What = Literal["slashed", "withdrawing", "withdrawn", "queued"]
TOPICS: dict[str, What] = {
    "0x4ed05e9673c26d2ed44f7ef6a7f2942df0ee3b5e1e17db4b99f9dcd261a339cd": "slashed",
    "0x1577e4658cc494bc5768745d541f9bcc8be48a5a33a380b62ee4e89730d2bb62": "withdrawing",
    "0x66c8566b2b2f6e94c4aeb1a2b19fb4453fe9ed72ac3c4e152f257d655c13b5bf": "withdrawn",
    "0x72454d8aaed6ae02f8c53e38ea0eb6b262eae6125e7dafbd4ab27103101f2122": "withdrawn",
    "0x676247b4195b3fe545499177befc02b4b4bebd3805a2283b30defcae63d54661": "queued",
}
"""Slashed(address,uint256), WithdrawInitiated(address,address,uint256), WithdrawFinalised and WithdrawFinalized of the
same, ValidatorQueued(address,address)."""
_RANGE = 2000
"""Blocks a question; most providers answer so many."""


@dataclass(frozen=True, slots=True)
class StakeEvent:
    """``attester`` in lower case, ``amount`` in the smallest unit, 0 where there is none."""

    what: What
    attester: str
    block: int
    amount: int


def calls(rollup: str, first: int, last: int) -> list[Call]:
    """The requests for the blocks from ``first`` to ``last``. Only the rollup's: other contracts log alike."""
    return [
        (
            "eth_getLogs",
            (
                {
                    "address": rollup,
                    "fromBlock": hex(start),
                    "toBlock": hex(min(start + _RANGE - 1, last)),
                    "topics": [list(TOPICS)],
                },
            ),
        )
        for start in range(max(first, 0), last + 1, _RANGE)
    ]


def read(answers: list[Any]) -> list[StakeEvent] | None:
    """From the answers to ``calls``, in order; None when the node did not tell all: then nothing follows from them."""
    found: list[StakeEvent] = []
    for answer in answers:
        if isinstance(answer, RpcError) or not isinstance(answer, list):
            return None
        try:
            found += [_event(log) for log in answer if not log.get("removed")]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return None
    return found


def _event(log: Any) -> StakeEvent:
    data = log["data"]
    return StakeEvent(
        what=TOPICS[log["topics"][0]],
        attester=f"0x{int(log['topics'][1], 16):040x}",
        block=int(log["blockNumber"], 16),
        amount=int(data[:66], 16) if len(data) >= 66 else 0,
    )
