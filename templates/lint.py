"""The lint gate: cfn-lint over all templates in one process, each shipped environment's values included."""

from __future__ import annotations

import gc
import multiprocessing
import sys
from collections.abc import Iterable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from templates.rules.finding import Finding

REGION = "eu-west-2"
INCLUDED = ("I3011", "I3013")
"""Informational rules that matter here: retention of what is stateful."""

_state: Any = None  # rules and configuration, loaded once and inherited by the forked workers


@dataclass(frozen=True)
class Job:
    """One template, with the values of some environments or none."""

    path: Path
    environments: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


def lint(paths: Iterable[Path], environments: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[Finding]:
    """Findings of cfn-lint, errors and warnings alike.

    :param environments: template stem -> environment's name -> parameter values
    """
    gc.disable()  # what cfn-lint builds stays to the end; collecting and, after a fork, copying it takes a fifth longer
    jobs = [Job(path, _frozen(environments.get(path.stem, {}))) for path in paths]
    _load()
    # Longest first, so that the two workers end at about the same time.
    jobs.sort(key=lambda job: job.path.stat().st_size * (1 + len(job.environments)), reverse=True)
    if sys.platform != "linux" or len(jobs) < 2:  # macOS's system libraries do not survive a fork
        return sorted(finding for job in jobs for finding in _run(job))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sorted(finding for found in pool.imap_unordered(_run, jobs) for finding in found)


def _frozen(environments: Mapping[str, Mapping[str, str]]) -> Any:
    return tuple((name, tuple(values.items())) for name, values in environments.items())


def _load() -> None:
    """Import cfn-lint and its rules: most of its time, and needed once."""
    global _state  # noqa: PLW0603 - see above
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    _state = _state or Runner(ConfigMixIn([], regions=[REGION], include_checks=list(INCLUDED))).rules


def _run(job: Job) -> list[Finding]:
    from cfnlint.config import ConfigMixIn
    from cfnlint.context.parameters import ParameterSet
    from cfnlint.runner.template import run_template_by_file_path

    sets = [ParameterSet(name, dict(values)) for name, values in job.environments]
    options: dict[str, Any] = {"regions": [REGION], "include_checks": list(INCLUDED), "parameters": sets}
    found: list[Finding] = []
    with chdir(job.path.parent):  # cfn-lint follows nested templates below the working directory only
        for given in ({**options, "parameters": []}, options) if sets else (options,):
            matches = run_template_by_file_path(job.path.name, ConfigMixIn([], **given), _state, False)
            found += [_finding(match) for match in matches]
    return list(dict.fromkeys(found))


def _finding(match: Any) -> Finding:
    path = [str(part) for part in getattr(match, "path", None) or []]
    where = path[1] if path[:1] == ["Resources"] and len(path) > 1 else ".".join(path[:2]) or f"line {match.linenumber}"
    return Finding(Path(match.filename).stem, where, " ".join(match.message.split()), match.rule.id)
