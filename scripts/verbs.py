"""The commands of the runbook by name, and where each is written. To add one: a line here, a verb in the Makefile."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "cost": "scripts.cost.command:cost",
    "changeset": "scripts.changeset.command:changeset",
    "bootstrap": "scripts.changeset.bootstrap:bootstrap",
    "backup": "scripts.backup.commands:backup",
    "backups": "scripts.backup.commands:backups",
    "restore": "scripts.backup.commands:restore",
    "putback": "scripts.backup.putback:putback",
    "export": "scripts.backup.commands:export",
    "migrate": "scripts.migrate.commands:migrate",
    "migrations": "scripts.migrate.commands:migrations",
    "secrets": "scripts.secrets.commands:secrets",
    "secret": "scripts.secrets.commands:secret",
    "rotate": "scripts.secrets.commands:rotate",
    "difference": "scripts.difference:difference",
    "scale": "scripts.services:scale",
    "restart": "scripts.services:restart",
    "stop": "scripts.services:stop",
    "disable": "scripts.services:disable",
    "logs": "scripts.logs:logs",
    "errors": "scripts.logs:errors",
    "metrics": "scripts.metrics:metrics",
    "audit": "scripts.audit:audit",
    "drift": "scripts.drift:drift",
    "troubleshoot": "scripts.troubleshoot:troubleshoot",
    "deploy": "scripts.deploy.command:deploy",
    "release": "scripts.deploy.release:release",
    "rollback": "scripts.deploy.release:rollback",
    "destroy": "scripts.deploy.destroy:destroy",
    "verify": "scripts.deploy.verify:verify",
}
"""``make`` verb: ``module:name`` of its click command. Loaded when called, so that ``--help`` is quick."""
