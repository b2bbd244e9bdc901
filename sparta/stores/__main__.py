"""``python -m sparta.stores``: create the tables on an empty DynamoDB, by the definition that the templates use."""

from __future__ import annotations

import sys

from sparta.errors import SpartaError
from sparta.settings import Part, Tables, load
from sparta.stores.database import connect
from sparta.stores.definitions import create

REFUSED = (
    "Nothing was created: AWS_ENDPOINT_URL_DYNAMODB is not set, and on AWS itself the tables belong to the data stack "
    "(make deploy). Set it to a local DynamoDB, for example AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000"
)


def main() -> int:
    """Exit status: 0 when all tables exist."""
    try:
        settings = load(Part.STORES)
        if not settings.dynamodb_url:
            print(REFUSED, file=sys.stderr)
            return 1
        created = create_tables(settings)
    except SpartaError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    print("\n".join(f"created {name}" for name in created) or "All tables exist; nothing to do.")
    return 0


def create_tables(settings: Tables) -> list[str]:
    """Those that did not exist."""
    return create(connect(settings), settings.table_name)


if __name__ == "__main__":
    sys.exit(main())
