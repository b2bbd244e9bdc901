"""What comes with a request: JSON, or a form with JSON and files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import MIMEPart
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Upload:
    """One file of a form."""

    filename: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Body:
    """``value`` is the parsed JSON, ``None`` when there is none; ``files`` have the numbers of their form fields."""

    value: Any = None
    files: dict[str, Upload] = field(default_factory=dict)


async def read(request: web.Request) -> Body:
    """The body of a request; may be called again."""
    content = await request.read()
    if request.content_type != "multipart/form-data":
        return Body(_parsed(content))
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    form = message_from_bytes(head + content, policy=policy.HTTP)
    value, files = None, {}
    for part in form.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes), name
        if name == "payload_json":
            value = _parsed(data)
        elif found := re.fullmatch(r"files\[([0-9]+)\]", name):
            files[found[1]] = Upload(part.get_filename() or "", data, _kind(part))
    return Body(value, files)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _kind(part: MIMEPart) -> str:
    """Discord looks at the name, not at what the sender calls it."""
    kinds = {"png": "image/png", "gif": "image/gif", "txt": "text/plain; charset=utf-8", "csv": "text/csv"}
    return kinds.get((part.get_filename() or "").rpartition(".")[2].lower(), part.get_content_type())
