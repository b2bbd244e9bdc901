"""The commands of the runbook by name, and where each is written. To add one: a line here, a verb in the Makefile."""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "changeset": "scripts.changeset.command:changeset",
    "bootstrap": "scripts.changeset.bootstrap:bootstrap",
    "deploy": "scripts.deploy.command:deploy",
    "release": "scripts.deploy.release:release",
    "rollback": "scripts.deploy.release:rollback",
    "destroy": "scripts.deploy.destroy:destroy",
    "verify": "scripts.deploy.verify:verify",
}
"""``make`` verb: ``module:name`` of its click command. Loaded when called, so that ``--help`` is quick."""
