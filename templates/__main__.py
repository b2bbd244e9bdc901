"""``python -m templates``: write the CloudFormation templates, and check a folder of them."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

OUTPUT = Path("build/templates")

EPILOG = """\
examples:
  python -m templates                          write build/templates/*.yaml, say what is in them, check them
  python -m templates check my-edited-copy     check templates edited by hand
  python -m templates check build/templates --parameters my-environment.json
"""


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 when all is well, 1 when something was found, 2 when the command line is wrong."""
    options = _parser().parse_args(arguments)
    if options.command == "check":
        return _check(options.folder, options.parameters)
    return _build(options.out, check=options.check)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m templates",
        description="Sparta's CloudFormation templates.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", title="commands")
    build = commands.add_parser("build", help="write the templates, summarise and check them (the default)")
    for each in (parser, build):
        each.add_argument("--out", type=Path, default=OUTPUT, help=f"folder to write to (default {OUTPUT})")
        each.add_argument("--no-check", dest="check", action="store_false", help="only write them")
    check = commands.add_parser("check", help="check a folder of templates: cfn-lint and this project's rules")
    check.add_argument("folder", type=Path, nargs="?", default=OUTPUT, help=f"the folder (default {OUTPUT})")
    check.add_argument(
        "--parameters",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="parameter file of an environment, may be repeated (default: the shipped environments)",
    )
    return parser


def _build(out: Path, *, check: bool) -> int:
    gc.disable()  # all of it lives until the end; collecting costs a tenth of the time
    from templates import emit, registry
    from templates.stack import BuildError

    try:
        trees = registry.build()
    except BuildError as error:
        print(f"templates: {error}", file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    for stale in set(out.glob("*.yaml")) - {out / f"{name}.yaml" for name in trees}:
        stale.unlink()
    for name, tree in trees.items():
        (out / f"{name}.yaml").write_text(emit.to_yaml(name, tree), encoding="utf-8", newline="\n")
    _summarise(out, trees)
    gc.freeze()  # nor need the interpreter look through it all once more before it ends
    return _check(out, []) if check else 0


def _summarise(out: Path, trees: dict[str, dict[str, dict[str, object]]]) -> None:
    """What a person wants to know: how much there is, and how far from CloudFormation's limits."""
    row = "{:<14} {:>9} {:>10} {:>7} {:>9}"
    print(row.format("stack", "resources", "parameters", "outputs", "size"))
    sections = ("Resources", "Parameters", "Outputs")
    total = [0, 0, 0, 0]
    for name, tree in trees.items():
        counts = [*(len(tree.get(section, {})) for section in sections), (out / f"{name}.yaml").stat().st_size]
        total = [before + count for before, count in zip(total, counts, strict=True)]
        print(row.format(name, *counts[:3], f"{counts[3] / 1000:.1f} kB"))
    print(row.format("all", *total[:3], f"{total[3] / 1000:.1f} kB"))
    print(f"written to {out}/")


def _check(folder: Path, files: list[Path]) -> int:
    from templates import gate

    if not folder.is_dir():
        print(f"templates: there is no folder {folder}; name one that holds templates.", file=sys.stderr)
        return 2
    if not gate.templates_in(folder):
        print(f"templates: {folder} holds no templates; name a folder of .yaml files.", file=sys.stderr)
        return 2
    if gate.passed(folder, files):
        print("checked: no finding (unchanged since the last check)")
        return 0
    findings = gate.check(folder, files)
    for finding in findings:
        print(finding)
    if findings:
        print(f"templates: {len(findings)} finding{'s' if len(findings) > 1 else ''}.", file=sys.stderr)
        return 1
    print("checked: no finding")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
