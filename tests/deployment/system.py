"""The whole system brought up on the emulated AWS, step by step as the README tells a person to."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from templates import emit, registry
from tests.deployment import stacks
from tests.emulator.emulator import REGION, REPOSITORY, Emulator

ENVIRONMENTS = REPOSITORY / "templates" / "environments"
IMAGE_DIGEST = f"sha256:{'1' * 64}"
HANDLER = "def handler(event, context):\n    return {'checked': 0}\n"
# What only a person knows; the API key makes itself.
SECRETS = ("bot-token", "ethereum-private-key")


@dataclass
class System:
    """One environment: its bootstrap stack is deployed, its templates are uploaded to ``url``."""

    emulator: Emulator
    templates: Path
    environment: str
    url: str
    parameters: dict[str, str]
    creation: stacks.ChangeSet | None = None

    @property
    def root(self) -> str:
        return f"sparta-{self.environment}"

    def outputs(self) -> dict[str, str]:
        return stacks.outputs(self.emulator.client("cloudformation"), self.root)

    def resources(self) -> dict[str, str]:
        return stacks.resources(self.emulator.client("cloudformation"), self.root)

    def review(self, **changed: str) -> stacks.ChangeSet:
        """A change set of root with these parameters changed and all others as they were."""
        return stacks.create_change_set(
            self.emulator.client("cloudformation"), self.root, self.url, self.parameters | changed
        )

    def execute(self, change_set: stacks.ChangeSet) -> None:
        stacks.execute(self.emulator.client("cloudformation"), change_set)

    def delete(self) -> None:
        stacks.delete(self.emulator.client("cloudformation"), self.root)


def write_templates(folder: Path) -> Path:
    """The folder that `make template` writes."""
    for name, tree in registry.build().items():
        (folder / f"{name}.yaml").write_text(emit.to_yaml(name, tree), encoding="utf-8")
    return folder


def bring_up(emulator: Emulator, templates: Path, environment: str, **changed: str) -> System:
    """The ground, then root as a change set that is executed; with some parameters changed."""
    system = lay_ground(emulator, templates, environment, **changed)
    system.creation = system.review()
    system.execute(system.creation)
    return system


def lay_ground(emulator: Emulator, templates: Path, environment: str, **changed: str) -> System:
    """All but root: bootstrap, secrets and artifacts."""
    bucket = _bootstrap(emulator, templates, environment)["ArtifactBucketName"]
    _fill_in_secrets(emulator, environment)
    url = stacks.package(emulator.client("s3"), bucket, templates, "root.yaml")
    parameters = given(environment) | _release(emulator, environment, bucket) | changed
    parameters |= _hosted_zone(emulator, parameters.get("DomainName", ""))
    return System(emulator, templates, environment, url, parameters)


def _bootstrap(emulator: Emulator, templates: Path, environment: str) -> dict[str, str]:
    """It is deployed from the file: there is no bucket yet."""
    cloudformation = emulator.client("cloudformation")
    name = f"sparta-bootstrap-{environment}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(templates / "bootstrap.yaml").read_text(encoding="utf-8"),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in given(f"{environment}.bootstrap").items()
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stacks.wait(cloudformation, name)
    return stacks.outputs(cloudformation, name)


def given(file: str) -> dict[str, str]:
    """Parameters as the environment's file gives them."""
    listed = json.loads((ENVIRONMENTS / f"{file}.json").read_text(encoding="utf-8"))
    return {item["ParameterKey"]: item["ParameterValue"] for item in listed}


def _fill_in_secrets(emulator: Emulator, environment: str) -> None:
    for name in SECRETS:
        emulator.client("secretsmanager").put_secret_value(
            SecretId=f"sparta/{environment}/{name}", SecretString=f"{name} of {environment}"
        )


def _release(emulator: Emulator, environment: str, bucket: str) -> dict[str, str]:
    """What packaging fills in: the image by digest and the functions' zips, here ones that do nothing."""
    account = emulator.client("sts").get_caller_identity()["Account"]
    suffix = "" if environment == "production" else f"-{environment}"
    keys = {"MonitorCodeKey": "functions/monitor.zip", "RotationCodeKey": "functions/rotation.zip"}
    for key in keys.values():
        emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=_function())
    image = f"{account}.dkr.ecr.{REGION}.amazonaws.com/sparta{suffix}@{IMAGE_DIGEST}"
    return {"ImageUri": image, "ArtifactBucket": bucket} | keys


def _hosted_zone(emulator: Emulator, domain: str) -> dict[str, str]:
    """The zone of the domain, which is there before the system is; an environment may do without."""
    if not domain:
        return {}
    zone = emulator.client("route53").create_hosted_zone(Name=domain, CallerReference=domain)["HostedZone"]
    return {"HostedZoneId": zone["Id"].removeprefix("/hostedzone/")}


def _function() -> bytes:
    """A package whose handlers answer, wherever the templates say the handler is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("functions/__init__.py", "")
        for module in ("validator_monitor", "api_key_rotation"):
            archive.writestr(f"functions/{module}.py", HANDLER)
    return packed.getvalue()
