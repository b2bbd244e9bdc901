"""Generation and lint of the templates, beside the plain tools."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

from scripts.bench.measure import Run, in_turn, median, ratio

PYTHON = sys.executable
CFN_LINT = str(Path(sysconfig.get_path("scripts")) / "cfn-lint")

TO_YAML = """
from cfn_flip import to_yaml
import json
from templates import registry
for tree in registry.build().values():
    to_yaml(json.dumps(tree), clean_up=False, long_form=False)
"""
LINT = """
import sys
from pathlib import Path
from templates.lint import lint
raise SystemExit(len(lint(sorted(Path(sys.argv[1]).glob("*.yaml")), {})))
"""


def compare(folder: Path, rounds: int) -> dict[str, list[Run]]:
    """All commands in turn; the templates are written to ``folder`` first."""
    out = folder / "templates"
    build = [PYTHON, "-m", "templates", "build", "--no-check", "--out", str(out)]
    generation = {
        "python -c pass": [PYTHON, "-c", "pass"],
        "import troposphere": [PYTHON, "-c", "import troposphere"],
        "generate all templates": build,
        "the same with to_yaml()": [PYTHON, "-c", TO_YAML],
    }
    runs = in_turn(generation, rounds, folder)
    names = [str(path) for path in sorted(out.glob("*.yaml"))]
    linting = {
        "cfn-lint, one plain process": [CFN_LINT, "-r", "eu-west-2", "-c", "I3011", "I3013", "-t", *names],
        "our lint, the same templates": [PYTHON, "-c", LINT, str(out)],
    }
    runs |= in_turn(linting, max(3, rounds // 2), folder)
    # The whole gate: lint with every environment's values, and our own rules; then once more with nothing changed.
    gate = {"whole gate, nothing changed": [PYTHON, "-m", "templates", "check", str(out)]}
    return runs | in_turn(gate, rounds, folder)


def report(runs: dict[str, list[Run]]) -> str:
    """A table for people, then the targets."""
    lines = [f"{'command':<30} {'CPU s':>7} {'wall s':>7} {'peak MiB':>9}"]
    for name, measured in runs.items():
        cpu, wall, peak = (median(measured, figure) for figure in ("cpu", "wall", "peak"))
        lines.append(f"{name:<30} {cpu:>7.3f} {wall:>7.3f} {peak / 2**20:>9.1f}")
    generated = runs["generate all templates"]
    figures = (
        ("generation: CPU of 'import troposphere'", ratio(generated, runs["import troposphere"], "cpu"), 2.0, "x"),
        ("generation: peak memory", median(generated, "peak") / 2**20, 30, " MiB"),
        (
            "generation: CPU of the same with to_yaml()",
            ratio(generated, runs["the same with to_yaml()"], "cpu"),
            1,
            "x",
        ),
        (
            "lint: wall time of one plain cfn-lint",
            ratio(runs["our lint, the same templates"], runs["cfn-lint, one plain process"], "wall"),
            0.7,
            "x",
        ),
        ("gate with nothing changed: wall time", median(runs["whole gate, nothing changed"], "wall"), 0.1, " s"),
    )
    lines.append("")
    for what, value, target, unit in figures:
        verdict = "met" if value <= target else "MISSED"
        lines.append(f"{what:<45} {value:>6.2f}{unit:<4} target {target:g}{unit:<4} {verdict}")
    return "\n".join(lines)
