"""A small checkout to package: a function that imports of its own, and of packages with code for one processor."""

import shutil
from pathlib import Path

from scripts.package.functions import REPOSITORY, Function

SAMPLE = Function("sample", lock="monitor")
HANDLER = '''
"""A function that does as the event says."""

import json
import os
from pathlib import Path

import boto3
import httpx
import pydantic
import pydantic_settings
import structlog
from Crypto.Hash import keccak

from shop.greeting import greet


def handler(event, context):
    match event["do"]:
        case "greet":
            return {"said": greet(event["name"]), "request": context.aws_request_id != ""}
        case "hash":
            return keccak.new(digest_bits=256, data=event["text"].encode()).hexdigest()
        case "table":
            client = boto3.client("dynamodb", region_name=os.environ["AWS_REGION"], endpoint_url=event["url"])
            return client.list_tables()["TableNames"]
        case "write":
            Path(__file__).with_name("written").touch()
        case "fail":
            raise ValueError("The shop is closed.")
'''
GREETING = """
import json
from pathlib import Path

WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def greet(name):
    from shop import punctuation

    return WORDS["hello"] + " " + name + punctuation.MARK
"""
FILES = {
    "functions/__init__.py": "",
    "functions/sample.py": HANDLER,
    "functions/broken.py": "import flask_openapi\n",
    "shop/__init__.py": "",
    "shop/greeting.py": GREETING,
    "shop/punctuation.py": "MARK = '!'\n",
    "shop/words.json": '{"hello": "Good day,"}\n',
    "shop/unused.py": "import functions.broken\n",
    "shop/notes.txt": "not listed\n",
    "setup.cfg": "[options.package_data]\nshop = *.json\n",
}


def checkout(folder: Path) -> Path:
    """The sample's files and the monitor's real lock, in ``folder``."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (folder / "requirements").mkdir()
    shutil.copy(REPOSITORY / "requirements" / "monitor.txt", folder / "requirements")
    return folder
