"""``/api/node``: whether others can reach an operator's node."""

from __future__ import annotations

from flask import Response

from sparta.api.answers import answer, current, routes_with_key
from sparta.contract import NodeReadiness, NodeReadinessAnswer, PortState, Problem, ReadinessCheck

routes = routes_with_key("node", "/api/node", "Nodes")


@routes.post("/readiness", responses={"200": NodeReadinessAnswer, "429": Problem})
def readiness(body: ReadinessCheck) -> Response:
    """Knock at ports 8080 and 40400 of a public address

    Private, reserved and special addresses are refused, names are not resolved, and a person may ask five times in ten
    minutes.
    """
    address, found = current().node_readiness.check(body.ip_address, body.discord_id)
    ports = [PortState(port=port, open=is_open) for port, is_open in found.items()]
    data = NodeReadiness(ip_address=address, ready=all(found.values()), ports=ports)
    return answer(NodeReadinessAnswer(data=data))
