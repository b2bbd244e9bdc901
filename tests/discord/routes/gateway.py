"""Where the gateway is, and how often the bot may still start there today."""

from __future__ import annotations

from tests.discord.routing import Answer, Call, route
from tests.discord.world import STARTS_A_DAY

DAY_MS = 86_400_000


@route("GET", "/gateway/bot")
def of_the_bot(call: Call) -> Answer:
    limit = {
        "total": STARTS_A_DAY,
        "remaining": call.world.starts_left,
        "reset_after": DAY_MS - call.world.clock() % DAY_MS,
        "max_concurrency": 1,
    }
    return Answer({"url": call.world.gateway_url, "shards": 1, "session_start_limit": limit})
