"""The API's key, read as it rotates."""

from __future__ import annotations

from sparta import secret_store
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey
from tests.rights import api
from tests.rights.account import Account, at_work


def test_its_key_is_read_as_it_is_and_as_it_was(account: Account) -> None:
    """During a rotation both open the API, by the name of the secret that the task is told."""
    environment = account.task_environment(api.FAMILY)
    for key in ("the key before", "the key since"):
        account.set_secret("sparta/production/api-key", key)
    with at_work(account, api.ROLE, environment):
        settings = ApiKey()
        keys = ApiKeys(settings, SecretStore(lambda: secret_store.connect(settings)))
        assert [key.get_secret_value() for key in keys.all()] == ["the key since", "the key before"]
        assert keys.current().get_secret_value() == "the key since"
