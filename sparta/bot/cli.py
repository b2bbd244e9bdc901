"""What the two commands beside the service share: Discord asked once, in order, with a sentence for each failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from pydantic import SecretStr

from sparta.bot import setup_texts as texts
from sparta.bot.acknowledge import AGENT
from sparta.errors import DependencyFailed
from sparta.notify import delivery_text
from sparta.notify.failures import PutOff, Refused, Stopped
from sparta.notify.limits import Limits
from sparta.notify.rest import Deadline, Rest
from sparta.settings import BotSettings

SECONDS = 60.0


@contextmanager
def discord(settings: BotSettings, token: SecretStr) -> Iterator[Rest]:
    """Discord's REST API with the bot's token, for a minute."""
    headers = {"Authorization": f"Bot {token.get_secret_value()}", "User-Agent": AGENT}
    with httpx.Client(base_url=settings.discord_api_url, headers=headers, follow_redirects=False) as client:
        yield Rest(client, Limits(), Deadline(SECONDS))


@contextmanager
def in_a_sentence(what: str) -> Iterator[None]:
    """
    :raises DependencyFailed: in the place of each way to fail; ``what`` says what was tried
    """
    try:
        yield
    except Refused as refused:
        raise DependencyFailed(texts.discord_refused(what, refused.code, str(refused)), dependency="Discord") from None
    except PutOff as put_off:
        raise DependencyFailed(texts.discord_silent(what, str(put_off)), dependency="Discord") from None
    except Stopped as stopped:
        wrong_token = stopped.sentence == delivery_text.UNAUTHORIZED
        sentence = texts.NOT_KNOWN_TO_DISCORD if wrong_token else stopped.sentence
        raise DependencyFailed(sentence, dependency="Discord") from None
