"""Calls to MiniStack's services from inside its own process.

A resource handler runs on the thread that serves requests: calling the server over HTTP would wait for itself. So the
service's request handler is called directly, with the request an AWS client would have sent.
"""

import importlib
import json
import re
from collections.abc import Coroutine, Mapping
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


class CallError(ValueError):
    """A service refused; the text is its answer. CloudFormation reports it as the resource's failure."""


def module(name: str) -> Any:
    """A module of MiniStack. Imported by name at run time since the tests' own interpreter does not have it."""
    return importlib.import_module(f"ministack.{name}")


def region() -> str:
    return str(module("core.responses").get_region())


def account() -> str:
    return str(module("core.responses").get_account_id())


def query(service: str, action: str, parameters: Mapping[str, Any]) -> str:
    """Call a service that takes form parameters (EC2, IAM, CloudWatch); returns the XML it answers."""
    form = {"Action": action} | {k: _form_value(v) for k, v in parameters.items() if v is not None}
    return _send(service, "POST", "/", {}, urlencode(form).encode())


def post(service: str, action: str, payload: Json) -> Json:
    """Call a service that takes JSON under an action's name (Secrets Manager, CloudTrail, WAF)."""
    return _as_json(_send(service, "POST", "/", {"x-amz-target": f"{service}.{action}"}, json.dumps(payload).encode()))


def rest(service: str, method: str, path: str, payload: Json | None = None) -> Json:
    """Call a service that takes a path (AWS Backup)."""
    return _as_json(_send(service, method, path, {}, json.dumps(payload or {}).encode()))


def ecs(action: str, payload: Json) -> Json:
    """Call ECS past its request handler, which would hand the call to another thread and wait for it."""
    return _as_json(_answer("ecs", module("services.ecs")._dispatch_action(action, payload)))


def element(xml: str, name: str) -> str:
    """Text of the first XML element of that name."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    if found is None:
        raise CallError(f"MiniStack answered no <{name}>: {xml}")
    return found[1]


def tag_parameters(resource_type: str, tags: list[Json]) -> Json:
    """Tags in the form that EC2's create calls take."""
    if not tags:
        return {}
    parameters = {"TagSpecification.1.ResourceType": resource_type}
    for number, tag in enumerate(tags, 1):
        parameters[f"TagSpecification.1.Tag.{number}.Key"] = tag["Key"]
        parameters[f"TagSpecification.1.Tag.{number}.Value"] = tag["Value"]
    return parameters


def members(name: str, values: list[str]) -> Json:
    """A list in the form that IAM and CloudWatch take: ``Name.member.1``, ``Name.member.2``, ..."""
    return {f"{name}.member.{number}": value for number, value in enumerate(values, 1)}


def _send(service: str, method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    handler = module(f"services.{service}").handle_request
    return _answer(service, _finished(handler(method, path, headers, body, {})))


def _finished(call: Coroutine[Any, Any, Any]) -> Any:
    """Result of a coroutine that never waits; these services are coroutines in name only."""
    try:
        call.send(None)
    except StopIteration as done:
        return done.value
    call.close()
    raise CallError("The service waits for something; it cannot be called from inside a resource handler.")


def _answer(service: str, response: tuple[int, Mapping[str, str], bytes | str]) -> str:
    status, _, body = response
    text = body.decode() if isinstance(body, bytes) else body
    if status >= 400:
        raise CallError(f"{service}: {text}")
    return text


def _as_json(text: str) -> Json:
    return dict(json.loads(text)) if text else {}


def _form_value(value: Any) -> str:
    """Booleans travel as CloudFormation writes them, in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
