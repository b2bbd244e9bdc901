"""All migrations in their order. To add one: a module here, with the next number, and its name in the list."""

from __future__ import annotations

from scripts.migrate.model import Migration
from scripts.migrate.versions import v0001_whole_claims

MIGRATIONS: tuple[Migration, ...] = (v0001_whole_claims.MIGRATION,)
