"""The REST API: ``gunicorn 'sparta.api:create_app()'``."""

from __future__ import annotations

from sparta.api.app import create_app

__all__ = ["create_app"]
