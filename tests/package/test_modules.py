"""What of our own goes into a zip is read from the source."""

from pathlib import Path

import pytest

from scripts.package import modules
from scripts.package.errors import PackageError
from scripts.package.functions import REPOSITORY
from tests.functions import sample


def test_only_what_is_imported_comes_along(tmp_path: Path) -> None:
    """Modules imported at the top, inside a function, as a package's part; their packages, and the data listed."""
    checkout = sample.checkout(tmp_path)
    found = modules.files(checkout, modules.needed(checkout, "functions.sample"))
    assert sorted(found) == [
        "functions/__init__.py",
        "functions/sample.py",
        "shop/__init__.py",
        "shop/greeting.py",
        "shop/punctuation.py",
        "shop/words.json",
    ]


def test_the_stores_bring_their_tables() -> None:
    """The project's own data are listed where the packager looks for them."""
    found = modules.files(REPOSITORY, modules.needed(REPOSITORY, "sparta.stores"))
    assert "sparta/stores/tables.json" in found


def test_services_are_those_the_source_names() -> None:
    """The stores need DynamoDB and no more, the secrets Secrets Manager."""
    for module, service in (("sparta.stores.database", "dynamodb"), ("sparta.secret_store", "secretsmanager")):
        path = modules.needed(REPOSITORY, module)[module]
        assert modules.services([path]) == {service}


@pytest.mark.parametrize("call", ["boto3.client(name)", "boto3.client()", "boto3.client(service_name='sqs')"])
def test_a_service_known_at_run_time_only_is_refused(tmp_path: Path, call: str) -> None:
    """Nobody would know what to package, and the function would fail on Lambda only."""
    path = tmp_path / "any.py"
    path.write_text(f"import boto3\n{call}\n", encoding="utf-8")
    with pytest.raises(PackageError, match=r"any\.py:2: boto3\.client is to be called with the name of a service"):
        modules.services([path])
