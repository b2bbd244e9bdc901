"""Put templates and function packages into the artifact bucket, each under its content's hash."""

from __future__ import annotations

from pathlib import Path

from scripts.operations.target import Target


def templates(target: Target, folder: Path) -> str:
    """Upload root and the templates it nests; returns root's URL."""
    raise NotImplementedError(target, folder)
