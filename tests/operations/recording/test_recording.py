"""The runbook as a person goes through it, on a real terminal: it works, and the page of it is true.

The scenes check what they did in the account by themselves; here it is compared what they showed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tests.operations.recording.page import FILE, section, sections, text
from tests.operations.recording.scenes import SCENES, played
from tests.operations.recording.stage import Step

# All scenes are played before the first test: it has their time.
pytestmark = pytest.mark.timeout(900)
Recorded = Mapping[str, Sequence[Step]]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return played(tmp_path_factory.mktemp("recording"))


@pytest.mark.parametrize("title", SCENES)
def test_a_scene_looks_as_the_page_shows_it(recorded: Recorded, title: str) -> None:
    """Whoever changes what a command says records the page anew in the same change."""
    shown = sections(FILE.read_text(encoding="utf-8"))
    assert shown.get(title) == section(title, recorded[title]), "run make recordings"


def test_the_page_has_every_scene_and_nothing_else(recorded: Recorded) -> None:
    assert FILE.read_text(encoding="utf-8") == text(recorded), "run make recordings"
