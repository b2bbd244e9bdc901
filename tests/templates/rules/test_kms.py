"""Keys: who administers them, who encrypts with them, and nobody else; each mistake is said where it was made."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Mistake, put, remove
from tests.templates.rules.statements import adding, further, setting, sub, taking, without

PLACE = "data/EncryptionKey"
KEY = "data/Resources/EncryptionKey/Properties"
OWN, LOGS, ALARMS, TRAIL = "AccountAdministers", "LogGroupsEncrypt", "AlarmsAndEventsPublish", "TrailEncrypts"

CASES = [
    case("a key for ever", "data EncryptionKey key-rotates", put(f"{KEY}/EnableKeyRotation", False)),
    case("rotation not said", "data EncryptionKey key-rotates", remove(f"{KEY}/EnableKeyRotation")),
    case("a key switched off", "data EncryptionKey key-usable", put(f"{KEY}/Enabled", False)),
    case("a key that signs", "data EncryptionKey key-usable", put(f"{KEY}/KeyUsage", "SIGN_VERIFY")),
    case("a key of two halves", "data EncryptionKey key-usable", put(f"{KEY}/KeySpec", "RSA_2048")),
    case("no lock-out check", "data EncryptionKey key-usable", put(f"{KEY}/BypassPolicyLockoutSafetyCheck", True)),
    case("nobody administers", "data EncryptionKey key-administered", setting(PLACE, OWN, Effect="Deny")),
    case("a policy for ever", "data EncryptionKey key-administered", taking(PLACE, OWN, "Action", "PutKeyPolicy")),
    case("an administrator elsewhere", "data EncryptionKey key-administered",
         setting(PLACE, OWN, Principal={"AWS": "arn:aws:iam::999999999999:root"})),
    case("grants without effect", "data EncryptionKey key-leaves-roles-their-rights",
         taking(PLACE, OWN, "Action", "CreateGrant")),
    case("everybody", "data EncryptionKey key-closed-to-strangers", setting(PLACE, OWN, Principal="*")),
    case("everybody in AWS", "data EncryptionKey key-closed-to-strangers",
         further(PLACE, LOGS, Action=["kms:Decrypt"], Resource=["*"], Principal={"AWS": "*"})),
    case("another account", "data EncryptionKey key-closed-to-strangers",
         further(PLACE, LOGS, Action=["kms:Decrypt"], Resource=["*"], Principal={"AWS": "999999999999"})),
    case("nobody named", "data EncryptionKey key-closed-to-strangers", without(PLACE, ALARMS, "Principal")),
    case("a key policy about a table", "data EncryptionKey key-policy-is-about-the-key",
         setting(PLACE, LOGS, Resource=[{"Fn::GetAtt": ["OperatorsTable", "Arn"]}])),
    case("logs left out", "data EncryptionKey key-admits-logs", setting(PLACE, LOGS, Effect="Deny")),
    case("logs of another region", "data EncryptionKey key-admits-logs",
         setting(PLACE, LOGS, Principal={"Service": "logs.us-east-1.amazonaws.com"})),
    case("logs of every region", "data EncryptionKey key-admits-logs",
         setting(PLACE, LOGS, Principal={"Service": "logs.amazonaws.com"})),
    case("logs that cannot be written", "data EncryptionKey key-admits-logs",
         taking(PLACE, LOGS, "Action", "kms:Encrypt")),
    case("some log groups only", "data EncryptionKey key-admits-logs",
         setting(PLACE, LOGS, Condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": sub(
             "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/ecs/*")}})),
    case("no trail", "data EncryptionKey key-admits-trail", setting(PLACE, TRAIL, Effect="Deny")),
    case("another trail", "data EncryptionKey key-admits-trail",
         setting(PLACE, TRAIL, Condition={"StringEquals": {"aws:SourceArn": sub(
             "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/audit")}})),
    case("a service that has no business", "data EncryptionKey key-admits-no-other-service",
         setting(PLACE, ALARMS, Principal={"Service": [
             "cloudwatch.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com"]})),
    case("events that change the policy", "data EncryptionKey key-admits-no-other-service",
         adding(PLACE, ALARMS, "Action", "kms:PutKeyPolicy")),
    case("logs of any account", "data EncryptionKey key-for-this-account", without(PLACE, LOGS, "Condition")),
    case("trails of any account", "data EncryptionKey key-for-this-account", without(PLACE, TRAIL, "Condition")),
    case("a key without a name", "data EncryptionKey key-has-alias", remove("data/Resources/EncryptionKeyAlias")),
    case("a name of another key", "data EncryptionKeyAlias key-has-alias",
         put("data/Resources/EncryptionKeyAlias/Properties/TargetKeyId", "11111111-2222-3333-4444-555555555555")),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about keys stands without a mistake that it sees."""
    assert not unproven(CASES, "kms")


HARMLESS = [
    pytest.param(put(f"{KEY}/PendingWindowInDays", 20), id="twenty days to think again"),
    pytest.param(put(f"{KEY}/MultiRegion", False), id="the default said aloud"),
    pytest.param(setting(PLACE, OWN, Action="kms:*"), id="the account by a pattern, as AWS does by default"),
    pytest.param(taking(PLACE, LOGS, "Action", "WithoutPlaintext"), id="one way of encrypting less"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES} | {"no-wildcard-action"}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change)}
