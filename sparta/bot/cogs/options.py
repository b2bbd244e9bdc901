"""The options of commands: what Discord says of each, and what it does not even let people send."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from disnake import OptionChoice, Permissions
from disnake.ext.commands import Param

from sparta.bot import texts
from sparta.bot.replies import Command
from sparta.contract import LONGEST_LABEL
from sparta.models import AlertKind

Offer = Callable[[Any, Command, str], Awaitable[list[OptionChoice]]]
"""A method that makes choices of what was typed so far."""
ADDRESS_LENGTH = 42
LONGEST_PROOF = 6000
"""Discord's limit for a text; a proof has 1,244 characters."""
LARGEST = 2**53 - 1
"""Discord's limit for a number."""
LONGEST_MUTE = 30 * 24
ABOUT_LENGTH = 100
FOR_MODERATORS = Permissions(moderate_members=True)
"""Only what Discord shows to whom; who may is decided when it is called."""


def _address(name: str, about: str, offer: Offer | None = None) -> Any:
    return Param(name=name, description=about, min_length=ADDRESS_LENGTH, max_length=ADDRESS_LENGTH, autocomplete=offer)


def own_validator(offer: Offer) -> Any:
    """One of the caller's."""
    return _address("validator", "One of your validators", offer)


def operators_validator(offer: Offer) -> Any:
    """One of the operator's that is named beside it."""
    return _address("validator-address", "The validator; name the operator first to choose among theirs", offer)


def operator(offer: Offer) -> Any:
    """In place of a member, who may have left."""
    about = "Or the operator's username or id"
    return Param(None, description=about, min_length=1, max_length=64, autocomplete=offer)


def kind(of: AlertKind) -> Any:
    """A kind of alert, on or off."""
    return Param(None, name=of, description=f"Hear when {texts.KINDS[of]}"[:ABOUT_LENGTH])


WALLET: Any = _address("address", "Your Ethereum wallet: 0x and 40 hex digits")
VALIDATOR: Any = _address("validator-address", "The validator's attester address: 0x and 40 hex digits")
BLOCK: Any = Param(name="block-number", description="The proven block that the proof is of", ge=0, le=LARGEST)
PROOF: Any = Param(description="The long line of step 2", min_length=1, max_length=LONGEST_PROOF)
IP_ADDRESS: Any = Param(
    None, name="ip-address", description="Your node's public address, for example 8.8.8.8", min_length=2, max_length=64
)
LABEL: Any = Param(
    None, description="Its new name; leave this out to take its name away", min_length=1, max_length=LONGEST_LABEL
)
MISS_RATE: Any = Param(
    None, name="miss-rate", description="Percent of missed attestations from which on to warn", ge=1, le=100
)
RESET: Any = Param(False, description="Back to the defaults first")
HOURS: Any = Param(description="For how many hours; 0 ends it", ge=0, le=LONGEST_MUTE)
MEMBER: Any = Param(None, description="The operator, if they are on this server")
SKIP_ON_CHAIN: Any = Param(False, name="skip-on-chain", description="Only record it: it is on the chain already")
