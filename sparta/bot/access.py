"""Who may do what: by the roles that come with the interaction itself, never by what was remembered of a person."""

from __future__ import annotations

import disnake

from sparta.bot import texts
from sparta.errors import NotPermitted
from sparta.settings import Guild


def role_ids(person: disnake.User | disnake.Member) -> frozenset[str]:
    """The ids as Discord sent them; ``Member.roles`` would leave out those that the cache does not know."""
    return frozenset(map(str, person._roles)) if isinstance(person, disnake.Member) else frozenset()  # noqa: SLF001


def is_moderator(person: disnake.User | disnake.Member, guild: Guild) -> bool:
    """Whether they have one of the roles."""
    return not role_ids(person).isdisjoint(guild.moderator_role_ids)


def require_moderator(person: disnake.User | disnake.Member, guild: Guild) -> None:
    """Discord only hides the command, and administrators may show it to anybody.

    :raises NotPermitted: to others
    """
    if not is_moderator(person, guild):
        raise NotPermitted(texts.MODERATORS_ONLY)


def require_guardian(person: disnake.User | disnake.Member, guild: Guild) -> None:
    """
    :raises NotPermitted: without the role
    """
    if guild.role_guardian_id not in role_ids(person):
        raise NotPermitted(texts.guardians_only(guild.role_guardian_id))
