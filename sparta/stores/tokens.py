"""Page tokens: where a list goes on, signed, so that nobody can make one or use it for another list."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable

from sparta.errors import InvalidInput
from sparta.stores.codec import Item

LIFETIME_SECONDS = 24 * 3600
LONGEST = 1024
_MAC_BYTES = 16
REFUSED = (
    "pageToken is not one that this service gave for this list, or it is older than a day. "
    "Ask for the list without pageToken to begin again."
)


class PageTokens:
    """Signs and reads tokens with a key that all tasks share; it is asked for when first needed."""

    def __init__(self, key: Callable[[], bytes], now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def write(self, listing: str, next_key: Item | None) -> str | None:
        """A token for the page of ``listing`` after ``next_key``; ``None`` after the last page."""
        if next_key is None:
            return None
        expires = int(self._now()) + LIFETIME_SECONDS
        payload = json.dumps([listing, expires, next_key], separators=(",", ":")).encode()
        return _text(self._mac(payload) + payload)

    def read(self, listing: str, token: str | None) -> Item | None:
        """The key to go on from; ``None`` without a token.

        :raises InvalidInput: when the token is not ours, not for this list, or expired
        """
        if token is None:
            return None
        named, expires, next_key = self._payload(token)
        if named != listing or expires < self._now():
            raise InvalidInput(REFUSED)
        found: Item = next_key
        return found

    def _payload(self, token: str) -> tuple[str, int, Item]:
        if len(token) > LONGEST or not token.isascii():
            raise InvalidInput(REFUSED)
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise InvalidInput(REFUSED) from None
        if _text(raw) != token:  # The last character has bits to spare: one token has one form.
            raise InvalidInput(REFUSED)
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise InvalidInput(REFUSED)
        listing, expires, next_key = json.loads(payload)
        return listing, expires, next_key

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key(), payload, hashlib.sha256)[:_MAC_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
