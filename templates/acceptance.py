"""Findings that are accepted, written down beside their resource with the reason."""

from __future__ import annotations

import re
from typing import Any

_CFN_LINT_RULE = re.compile(r"[EWI][0-9]{4}")


def accepted(*rules_and_reasons: str) -> dict[str, Any]:
    """Metadata of a resource: pairs of a rule, ours or cfn-lint's, and why its finding is no mistake here."""
    pairs = list(zip(rules_and_reasons[::2], rules_and_reasons[1::2], strict=True))
    metadata: dict[str, Any] = {"Accepted": [{"Rule": rule, "Reason": reason} for rule, reason in pairs]}
    ignored = [rule for rule, _ in pairs if _CFN_LINT_RULE.fullmatch(rule)]
    if ignored:
        metadata["cfn-lint"] = {"config": {"ignore_checks": ignored}}
    return metadata
