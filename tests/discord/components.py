"""Buttons, menus and other parts of a message: what of them cannot be, and how they are answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.discord.refusals import wrong

BUTTON, MENU, TEXT_INPUT = 2, 3, 4
LINK_STYLE, PREMIUM_STYLE = 5, 6
V2_FLAG = 1 << 15
MOST_ROWS = 5
"""Unless the message says that all of it is components."""


def inside(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each component and all that is in it, in the order in which Discord numbers them."""
    for each in components:
        yield each
        nested = [*(each.get("components") or []), *filter(None, (each.get("component"), each.get("accessory")))]
        yield from inside(nested)


def check(body: Mapping[str, Any]) -> None:
    """What Discord's document does not say of the components in a message or a modal."""
    components, of_components = body.get("components") or [], bool((body.get("flags") or 0) & V2_FLAG)
    if of_components and (body.get("content") or body.get("embeds")):
        text = "The 'content' and 'embeds' fields cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise wrong("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    if len(components) > MOST_ROWS and not of_components:
        raise wrong("components", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_ROWS} in length.")
    seen: set[str] = set()
    for each in inside(components):
        if each.get("type") == BUTTON:
            _check_button(each)
        name = each.get("custom_id")
        if name in seen:
            raise wrong("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen |= {name} if name else set()


def _check_button(button: dict[str, Any]) -> None:
    link = button["style"] == LINK_STYLE
    if link and (not button.get("url") or button.get("custom_id")):
        raise wrong("components", "BUTTON_COMPONENT_URL_REQUIRED", "A link button has a url and no custom id")
    if not link and button["style"] != PREMIUM_STYLE and not button.get("custom_id"):
        raise wrong("components", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id required")
    if not button.get("label") and not button.get("emoji") and button["style"] != PREMIUM_STYLE:
        raise wrong("components", "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or an emoji is required")


def answered(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without what is empty, and each with a number of its own."""
    found = [_copied(each) for each in components]
    taken = {each["id"] for each in inside(found) if each.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    for each in inside(found):
        each["id"] = each.get("id") or next(free)
    return found


def _copied(component: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in component.items() if value is not None}
    for name in ("component", "accessory"):
        if name in found:
            found[name] = _copied(found[name])
    if "components" in found:
        found["components"] = [_copied(each) for each in found["components"]]
    return found
