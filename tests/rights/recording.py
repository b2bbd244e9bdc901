"""What clients ask AWS for, as IAM sees it: actions on ARNs, whatever the operation that holds them is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import boto3

from tests.emulator.emulator import REGION
from tests.rights.comparison import Right

PARTS = {"ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Put": "PutItem", "Update": "UpdateItem"}
"""By what IAM authorises the parts of a transaction, for which it has no action."""
OF_NOTHING = {("ecr", "GetAuthorizationToken"), ("secretsmanager", "GetRandomPassword")}
"""Operations that are on no resource."""
OTHERWISE_NAMED = {("lambda", "Invoke"): "InvokeFunction"}


class UnknownCallError(Exception):
    """An operation of which nobody has said what IAM asks for; say it in ``Recorder.rights``."""


class Request(NamedTuple):
    """One call of a client."""

    service: str
    operation: str
    parameters: Mapping[str, Any]


@dataclass
class Recorder:
    """Of each action and ARN the first request that needed it; ``secret_arn`` finds what clients call a secret by."""

    account_id: str
    secret_arn: Callable[[str], str]
    requests: dict[Right, Request] = field(default_factory=dict)

    def watch(self, session: boto3.Session) -> None:
        """Note the calls of all clients that the session makes from now on."""
        session.events.register("provide-client-params.*.*", self._note)

    @property
    def calls(self) -> set[Right]:
        """All that was needed."""
        return set(self.requests)

    def rights(self, request: Request) -> list[Right]:
        """What IAM asks for before it lets a request pass.

        :raises UnknownCallError: this module does not know
        """
        service, operation, parameters = request
        if service == "dynamodb":
            return self._of_tables(operation, parameters)
        name = OTHERWISE_NAMED.get((service, operation), operation)
        return [(f"{service}:{name}", self._arn(request))]

    def _note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        request = Request(model.service_model.service_name, model.name, params)
        for right in self.rights(request):
            self.requests.setdefault(right, request)

    def _of_tables(self, operation: str, parameters: Mapping[str, Any]) -> list[Right]:
        if operation == "TransactWriteItems":
            parts = [part for item in parameters["TransactItems"] for part in item.items()]
            return [(f"dynamodb:{PARTS[verb]}", self._table(part["TableName"])) for verb, part in parts]
        tables = parameters.get("RequestItems") or [parameters["TableName"]]
        index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
        return [(f"dynamodb:{operation}", self._table(name) + index) for name in tables]

    def _table(self, name: str) -> str:
        return self._in_account("dynamodb", f"table/{name}")

    def _arn(self, request: Request) -> str:
        service, operation, parameters = request
        if (service, operation) in OF_NOTHING:
            return "*"
        match service:
            case "secretsmanager":
                return self.secret_arn(parameters["SecretId"])
            case "ecr":
                return self._in_account("ecr", f"repository/{parameters['repositoryName']}")
            case "lambda":
                return self._in_account("lambda", f"function:{parameters['FunctionName']}")
            case "sqs":
                return self._in_account("sqs", parameters["QueueUrl"].rpartition("/")[2])
            case "logs":
                stream = f"{parameters['logGroupName']}:log-stream:{parameters['logStreamName']}"
                return self._in_account("logs", f"log-group:{stream}")
        raise UnknownCallError(f"What does IAM ask for before {service} does {operation}?")

    def _in_account(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{REGION}:{self.account_id}:{resource}"
