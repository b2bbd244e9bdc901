"""Findings that are accepted, written down beside their resource with the reason."""

from __future__ import annotations

import re
from typing import Any

_CFN_LINT_RULE = re.compile(r"[EWI][0-9]{4}")

OWN_LOGS = "Each request is in the API's own log; the audit trail records who changes what."
NO_SECRETS = "The variables hold no secret, only names and ARNs; Lambda encrypts them with its own key."
AWS_KEY = "Encrypted with the key that AWS manages: a key of ours would have to be granted to every reader."


def accepted(*rules_and_reasons: str) -> dict[str, Any]:
    """Metadata of a resource: pairs of a rule and why its finding is no mistake here.

    Rules are ours, cfn-lint's (``W3002``), or those of the scanner (``CKV_AWS_18``), which reads its own section.
    """
    pairs = list(zip(rules_and_reasons[::2], rules_and_reasons[1::2], strict=True))
    metadata: dict[str, Any] = {"Accepted": [{"Rule": rule, "Reason": reason} for rule, reason in pairs]}
    ignored = [rule for rule, _ in pairs if _CFN_LINT_RULE.fullmatch(rule)]
    if ignored:
        metadata["cfn-lint"] = {"config": {"ignore_checks": ignored}}
    skipped = [{"id": rule, "comment": reason} for rule, reason in pairs if rule.startswith("CKV")]
    if skipped:
        metadata["checkov"] = {"skip": skipped}
    return metadata
