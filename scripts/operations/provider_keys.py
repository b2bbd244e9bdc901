"""URLs of nodes carry their provider's key: what is shown of them goes without it."""

from __future__ import annotations

import re

URL = re.compile(r"\b(?P<scheme>https?|wss?)://(?P<user>[^\s/@'\"]*@)?(?P<host>[^\s/?#'\"]+)(?P<rest>[^\s'\"]*)")
KEY = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{16,}(?![\w-])")
"""As providers make them: 32 to 64 letters and digits; words of a path are shorter or hold no digit."""
OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".aws.amazon.com", ".amazonaws.cn")
"""Paths there are hashes and names of ours, also in the links to the console."""
MASK = "****"


def without_keys(written: str) -> str:
    """A text in which no URL shows who asks: ``https://mainnet.infura.io/v3/****``."""
    return URL.sub(_masked, written)


def holds_key(written: str) -> bool:
    return without_keys(written) != written


def _masked(url: re.Match[str]) -> str:
    if url["host"].endswith(OF_AWS):
        return url[0]
    user = f"{MASK}@" if url["user"] else ""
    return f"{url['scheme']}://{user}{url['host']}{KEY.sub(MASK, url['rest'])}"
