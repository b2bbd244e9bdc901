"""What people do: type commands, press buttons, fill in forms; and what they see of the bot's answers."""

from __future__ import annotations

from collections.abc import Iterable

from tests.discord.gateway.hub import Gateway
from tests.discord.people.answer import Answer, NoAnswer, Shown
from tests.discord.people.desk import Desk
from tests.discord.people.lines import Impossible
from tests.discord.people.person import Person
from tests.discord.world import TEXT, Channel, Role, User, World

__all__ = ["Answer", "Impossible", "NoAnswer", "People", "Person", "Shown"]


class People:
    """Those of one stand-in."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._desk = Desk(world, gateway)

    def person(
        self,
        name: str,
        *,
        roles: Iterable[Role | str] = (),
        channel: Channel | None = None,
        accepts_dms: bool = True,
    ) -> Person:
        """Somebody of that name in the guild, new or known, who has these roles too (or the ids or names of roles that
        there are). What they do happens in ``channel``, or else in the first one for text.
        """
        user = self._known(name) or self._world.add_user(name, accepts_dms=accepts_dms)
        member = self._world.members[user.id]
        for role in roles:
            found = role if isinstance(role, Role) else self._role(role)
            if found.id not in member.roles:
                member.roles.append(found.id)
        return Person(self._desk, member, channel or self._first_channel())

    def _known(self, name: str) -> User | None:
        members = self._world.members.values()
        return next((each.user for each in members if each.user.username == name), None)

    def _role(self, wanted: str) -> Role:
        found = next((each for each in self._world.roles.values() if wanted in {each.id, each.name}), None)
        assert found is not None, f"there is no role {wanted}"
        return found

    def _first_channel(self) -> Channel:
        channels = self._world.channels.values()
        return next((each for each in channels if each.type == TEXT), None) or self._world.add_channel("general")
