"""A reviewer sees CloudFormation in the diff: what the code emits is what is recorded here.

After an intended change run `make snapshots` and review the difference.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from templates import emit, registry

TREES = registry.build()


class YamlFile(SingleFileSnapshotExtension):
    """One plain file per template."""

    file_extension = "yaml"
    _write_mode = WriteMode.TEXT


@pytest.mark.parametrize("name", TREES)
def test_template(name: str, snapshot: SnapshotAssertion) -> None:
    """It is the recorded one."""
    assert emit.to_yaml(name, TREES[name]) == snapshot.use_extension(YamlFile)
