"""Backup selections, IAM, secrets, scaling, alarms, the trail and the web ACL's association."""

import json
from contextlib import suppress
from typing import Any

from tests.emulator.server.calls import CallError, account, ecs, element, members, post, query, region, rest

Json = dict[str, Any]
Created = tuple[str, Json]


def keep(_physical_id: str, _properties: Json) -> None:
    """Nothing is left behind once the resource it belongs to is gone."""


def create_selection(_name: str, properties: Json) -> Created:
    plan = properties["BackupPlanId"]
    payload = {"BackupSelection": properties["BackupSelection"]}
    selection = rest("backup", "PUT", f"/backup/plans/{plan}/selections", payload)["SelectionId"]
    physical_id = f"{selection}_{plan}"
    return physical_id, {"Id": physical_id, "SelectionId": selection, "BackupPlanId": plan}


def delete_selection(physical_id: str, _properties: Json) -> None:
    selection, _, plan = physical_id.partition("_")
    with suppress(CallError):
        rest("backup", "DELETE", f"/backup/plans/{plan}/selections/{selection}")


def create_oidc_provider(_name: str, properties: Json) -> Created:
    parameters = {"Url": properties["Url"]}
    parameters |= members("ClientIDList", properties.get("ClientIdList", []))
    parameters |= members("ThumbprintList", properties.get("ThumbprintList", []))
    arn = element(query("iam", "CreateOpenIDConnectProvider", parameters), "OpenIDConnectProviderArn")
    return arn, {"Arn": arn}


def delete_oidc_provider(physical_id: str, _properties: Json) -> None:
    with suppress(CallError):
        query("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": physical_id})


def put_role_policy(_name: str, properties: Json) -> Created:
    names = {name: properties[name] for name in ("RoleName", "PolicyName")}
    query("iam", "PutRolePolicy", names | {"PolicyDocument": json.dumps(properties.get("PolicyDocument", {}))})
    return f"{names['PolicyName']}|{names['RoleName']}", {}


def delete_role_policy(_physical_id: str, properties: Json) -> None:
    with suppress(CallError):
        query("iam", "DeleteRolePolicy", {name: properties[name] for name in ("RoleName", "PolicyName")})


def set_rotation(_name: str, properties: Json) -> Created:
    """MiniStack's rotation copies the current value into a new version, so nothing is lost by it."""
    payload = {"SecretId": properties["SecretId"]}
    payload |= {k: properties[k] for k in ("RotationLambdaARN", "RotationRules") if k in properties}
    arn = post("secretsmanager", "RotateSecret", payload)["ARN"]
    return arn, {"Id": arn}


def put_secret_policy(_name: str, properties: Json) -> Created:
    policy = json.dumps(properties["ResourcePolicy"])
    arn = post("secretsmanager", "PutResourcePolicy", {"SecretId": properties["SecretId"], "ResourcePolicy": policy})
    return arn["ARN"], {"Id": arn["ARN"]}


def delete_secret_policy(_physical_id: str, properties: Json) -> None:
    with suppress(CallError):
        post("secretsmanager", "DeleteResourcePolicy", {"SecretId": properties["SecretId"]})


def put_capacity_providers(_name: str, properties: Json) -> Created:
    payload = {"cluster": properties["Cluster"], "capacityProviders": properties.get("CapacityProviders", [])}
    payload["defaultCapacityProviderStrategy"] = [
        {name[0].lower() + name[1:]: value for name, value in item.items()}
        for item in properties.get("DefaultCapacityProviderStrategy", [])
    ]
    ecs("PutClusterCapacityProviders", payload)
    return properties["Cluster"], {}


def scalable_target(_name: str, properties: Json) -> Created:
    """``Ref`` gives ``service/<cluster>/<service>|ecs:service:DesiredCount|ecs``, as CloudFormation does."""
    parts = [properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")]
    return "|".join(parts), {"Id": "|".join(parts)}


def scaling_policy(_name: str, properties: Json) -> Created:
    """``Ref`` gives the policy's ARN; its target is named outright or by the scalable target's id."""
    target = properties.get("ScalingTargetId") or "|".join(
        properties[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")
    )
    resource, _, namespace = target.split("|")
    arn = (
        f"arn:aws:autoscaling:{region()}:{account()}:scalingPolicy:00000000-0000-0000-0000-000000000000:"
        f"resource/{namespace}/{resource}:policyName/{properties['PolicyName']}"
    )
    return arn, {"Arn": arn}


def put_composite_alarm(name: str, properties: Json) -> Created:
    name = properties.get("AlarmName", name)
    parameters = {key: properties.get(key) for key in ("AlarmRule", "AlarmDescription", "ActionsEnabled")}
    parameters["AlarmName"] = name
    for actions in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        parameters |= members(actions, properties.get(actions, []))
    query("cloudwatch", "PutCompositeAlarm", parameters)
    return name, {"Arn": f"arn:aws:cloudwatch:{region()}:{account()}:alarm:{name}"}


def delete_alarm(physical_id: str, _properties: Json) -> None:
    query("cloudwatch", "DeleteAlarms", {"AlarmNames.member.1": physical_id})


def put_trail(name: str, properties: Json) -> Created:
    """Create or update a trail; the log group is set by update, since MiniStack's create forgets it."""
    name = properties.get("TrailName", name)
    payload = {key: value for key, value in properties.items() if key not in ("TrailName", "IsLogging", "Tags")}
    payload |= {"Name": name, "KmsKeyId": properties.get("KMSKeyId", "")}
    with suppress(CallError):
        post("cloudtrail", "CreateTrail", payload)
    arn = post("cloudtrail", "UpdateTrail", payload)["TrailARN"]
    post("cloudtrail", "StartLogging" if properties["IsLogging"] in (True, "true") else "StopLogging", {"Name": name})
    return name, {"Arn": arn}


def delete_trail(physical_id: str, _properties: Json) -> None:
    with suppress(CallError):
        post("cloudtrail", "DeleteTrail", {"Name": physical_id})


def associate_web_acl(_name: str, properties: Json) -> Created:
    post("waf", "AssociateWebACL", {name: properties[name] for name in ("ResourceArn", "WebACLArn")})
    return f"{properties['ResourceArn']}|{properties['WebACLArn']}", {}


def disassociate_web_acl(_physical_id: str, properties: Json) -> None:
    post("waf", "DisassociateWebACL", {"ResourceArn": properties["ResourceArn"]})
