"""The commands of the runbook by name, and where each is written. To add one: a line here, a verb in the Makefile."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "bootstrap": "scripts.changeset.bootstrap:bootstrap",
    "changeset": "scripts.changeset.command:changeset",
    "deploy": "scripts.deploy.command:deploy",
    "release": "scripts.deploy.release:release",
    "rollback": "scripts.deploy.release:rollback",
    "destroy": "scripts.deploy.destroy:destroy",
    "verify": "scripts.deploy.verify:verify",
    "difference": "scripts.difference:difference",
    "cost": "scripts.cost.command:cost",
    "scale": "scripts.services:scale",
    "restart": "scripts.services:restart",
    "stop": "scripts.services:stop",
    "disable": "scripts.services:disable",
    "logs": "scripts.logs:logs",
    "errors": "scripts.logs:errors",
    "metrics": "scripts.metrics:metrics",
    "troubleshoot": "scripts.troubleshoot:troubleshoot",
    "audit": "scripts.audit:audit",
    "drift": "scripts.drift:drift",
    "backup": "scripts.backup.commands:backup",
    "backups": "scripts.backup.commands:backups",
    "restore": "scripts.backup.commands:restore",
    "putback": "scripts.backup.putback:putback",
    "export": "scripts.backup.commands:export",
    "migrate": "scripts.migrate.commands:migrate",
    "migrations": "scripts.migrate.commands:migrations",
    "secrets": "scripts.secrets.commands:secrets",
    "secret": "scripts.secrets.commands:secret",
    "rotate": "scripts.secrets.rotation:rotate",
}
"""``make`` verb: ``module:name`` of its click command. Loaded when called, so that ``--help`` is quick."""
