"""Task definitions: what Fargate refuses, what runs another image or has too many rights, is named."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, put, remove

API_TASK = "services/Resources/ApiTask/Properties"
BOT_TASK = "services/Resources/BotTask/Properties"
API = f"{API_TASK}/ContainerDefinitions/0"
BOT = f"{BOT_TASK}/ContainerDefinitions/0"
LOGS = f"{API}/LogConfiguration"
REPOSITORY = "123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta"
IMAGE = "root/Parameters/ImageUri"

CASES = [
    case("the newest image", "services ApiTask image-by-digest", put(f"{API}/Image", f"{REPOSITORY}:latest")),
    case("an image by its tag", "services BotTask image-by-digest", put(f"{BOT}/Image", f"{REPOSITORY}:v2.0.0")),
    case("an image without a tag", "services ApiTask image-by-digest", put(f"{API}/Image", "sparta")),
    case("a digest cut short", "services ApiTask image-by-digest", put(f"{API}/Image", f"{REPOSITORY}@sha256:abc")),
    case("a tag put behind the parameter", "services ApiTask image-by-digest",
         put(f"{API}/Image", {"Fn::Sub": "${ImageUri}:latest"})),
    case("a parameter that takes anything", "root Parameters.ImageUri image-parameter-wants-digest",
         remove(f"{IMAGE}/AllowedPattern")),
    case("a parameter that takes tags", "root Parameters.ImageUri image-parameter-wants-digest",
         put(f"{IMAGE}/AllowedPattern", ".+[:@].+")),
    case("another image for the bot", "services BotTask one-image",
         put(f"{BOT}/Image", f"{REPOSITORY}@sha256:{'1' * 64}")),
    case("a revision that is gone after a release", "services ApiTask earlier-revision-stays",
         put("services/Resources/ApiTask/UpdateReplacePolicy", "Delete")),
    case("the host's network", "services ApiTask task-suits-fargate", put(f"{API_TASK}/NetworkMode", "bridge")),
    case("no network mode", "services ApiTask task-suits-fargate", remove(f"{API_TASK}/NetworkMode")),
    case("a task for EC2", "services BotTask task-suits-fargate",
         put(f"{BOT_TASK}/RequiresCompatibilities", ["EC2"])),
    case("no compatibility asked for", "services BotTask task-suits-fargate",
         remove(f"{BOT_TASK}/RequiresCompatibilities")),
    case("no role to start with", "services ApiTask task-suits-fargate", remove(f"{API_TASK}/ExecutionRoleArn")),
    case("no size", "services ApiTask task-suits-fargate", remove(f"{API_TASK}/Memory")),
    case("the host's processes", "services ApiTask task-suits-fargate", put(f"{API_TASK}/PidMode", "host")),
    case("too little memory for the CPU", "services ApiTask size-offered", put(f"{API_TASK}/Memory", "512")),
    case("CPU and memory swapped", "services ApiTask size-offered",
         put(f"{API_TASK}/Cpu", {"Ref": "ApiMemory"}), put(f"{API_TASK}/Memory", {"Ref": "ApiCpu"})),
    case("a CPU that is not offered", "services BotTask size-offered", put(f"{BOT_TASK}/Cpu", "300")),
    case("memory between two sizes", "services ApiTask size-offered", put(f"{API_TASK}/Memory", "2500")),
    case("half a CPU with the smallest memory", "services BotTask size-offered", put(f"{BOT_TASK}/Cpu", "512")),
    case("a container larger than its task", "services BotTask size-offered", put(f"{BOT}/Memory", 1024)),
    case("a task for Intel", "services ApiTask one-architecture",
         put(f"{API_TASK}/RuntimePlatform/CpuArchitecture", "X86_64")),
    case("no platform, which means Intel", "services BotTask one-architecture", remove(f"{BOT_TASK}/RuntimePlatform")),
    case("a function for Intel", "monitor MonitorFunction one-architecture",
         put("monitor/Resources/MonitorFunction/Properties/Architectures", ["x86_64"])),
    case("no architecture, which means Intel", "monitor RotationFunction one-architecture",
         remove("monitor/Resources/RotationFunction/Properties/Architectures")),
    case("a task for Windows", "services ApiTask one-architecture",
         put(f"{API_TASK}/RuntimePlatform/OperatingSystemFamily", "WINDOWS_SERVER_2022_CORE")),
    case("no user", "services ApiTask container-unprivileged", remove(f"{API}/User")),
    case("root", "services BotTask container-unprivileged", put(f"{BOT}/User", "root")),
    case("root by its number", "services BotTask container-unprivileged", put(f"{BOT}/User", "0:0")),
    case("a user that cannot be", "services ApiTask container-unprivileged", put(f"{API}/User", "10001:10001:0")),
    case("a writable container", "services ApiTask container-unprivileged",
         put(f"{API}/ReadonlyRootFilesystem", False)),
    case("nothing said about writing", "services BotTask container-unprivileged",
         remove(f"{BOT}/ReadonlyRootFilesystem")),
    case("a privileged container", "services ApiTask container-unprivileged", put(f"{API}/Privileged", True)),
    case("a capability more", "services ApiTask container-unprivileged",
         put(f"{API}/LinuxParameters/Capabilities/Add", ["SYS_PTRACE"])),
    case("capabilities kept", "services BotTask container-unprivileged",
         remove(f"{BOT}/LinuxParameters/Capabilities")),
    case("one capability dropped only", "services BotTask container-unprivileged",
         put(f"{BOT}/LinuxParameters/Capabilities/Drop", ["NET_RAW"])),
    case("no init process", "services BotTask stops-when-told", remove(f"{BOT}/LinuxParameters/InitProcessEnabled")),
    case("the init process switched off", "services ApiTask stops-when-told",
         put(f"{API}/LinuxParameters/InitProcessEnabled", False)),
    case("two seconds to stop", "services ApiTask stop-timeout-suffices", put(f"{API}/StopTimeout", 2)),
    case("five minutes to stop", "services BotTask stop-timeout-suffices", put(f"{BOT}/StopTimeout", 300)),
    case("a task without its program", "services ApiTask program-is-essential", put(f"{API}/Essential", False)),
    case("nowhere to write", "services ApiTask temporary-files-possible",
         remove(f"{API}/MountPoints"), remove(f"{API_TASK}/Volumes")),
    case("a volume mounted to read", "services BotTask temporary-files-possible",
         put(f"{BOT}/MountPoints/0/ReadOnly", True)),
    case("a volume mounted elsewhere", "services BotTask temporary-files-possible",
         put(f"{BOT}/MountPoints/0/ContainerPath", "/data")),
    case("a mount without its volume", "services ApiTask mounts-have-volumes", remove(f"{API_TASK}/Volumes")),
    case("a volume nobody mounts", "services ApiTask mounts-have-volumes",
         put(f"{API_TASK}/Volumes/+", {"Name": "cache"})),
    case("a folder of the host", "services ApiTask mounts-have-volumes",
         put(f"{API_TASK}/Volumes/0/Host", {"SourcePath": "/srv"})),
    case("another port mapped", "services ApiTask port-agrees", put(f"{API}/PortMappings/0/ContainerPort", 3001)),
    case("no port mapped", "services ApiTask port-agrees", remove(f"{API}/PortMappings")),
    case("two ports mapped", "services ApiTask port-agrees", put(f"{API}/PortMappings/+", {"ContainerPort": 9090})),
    case("UDP", "services ApiTask port-agrees", put(f"{API}/PortMappings/0/Protocol", "udp")),
    case("another port of the host", "services ApiTask port-agrees", put(f"{API}/PortMappings/0/HostPort", 80)),
    case("an address of gunicorn's own", "services ApiTask port-agrees",
         put(f"{API}/Command/+", "--bind=127.0.0.1:3000")),
    case("killed with its database", "services ApiTask check-is-about-the-container",
         put(f"{API}/HealthCheck", {"Command": ["CMD-SHELL", "curl -f http://localhost:3000/ready"]})),
    case("no logs", "services ApiTask container-logs", remove(LOGS)),
    case("logs on the host", "services ApiTask container-logs", put(f"{LOGS}/LogDriver", "json-file")),
    case("no log group", "services ApiTask container-logs", remove(f"{LOGS}/Options/awslogs-group")),
    case("no region", "services ApiTask container-logs", remove(f"{LOGS}/Options/awslogs-region")),
    case("no prefix", "services ApiTask container-logs", remove(f"{LOGS}/Options/awslogs-stream-prefix")),
    case("a group made on the way", "services ApiTask container-logs",
         put(f"{LOGS}/Options/awslogs-create-group", "true")),
    case("logs that block", "services ApiTask container-logs", put(f"{LOGS}/Options/mode", "blocking")),
    case("a buffer without its mode", "services ApiTask container-logs", remove(f"{LOGS}/Options/mode")),
    case("a buffer of no size", "services ApiTask container-logs", put(f"{LOGS}/Options/max-buffer-size", "10 MB")),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about task definitions stands without a mistake that it sees."""
    assert not unproven(CASES, "ecs_tasks")


HARMLESS = [
    pytest.param(put(f"{API}/User", "sparta"), id="a user by name"),
    pytest.param(put(f"{API}/StopTimeout", 60), id="a minute to stop"),
    pytest.param(remove(f"{API}/StopTimeout"), id="30 seconds, as ECS has it"),
    pytest.param(remove(f"{API}/Essential"), id="essential, as ECS has it"),
    pytest.param(remove(f"{LOGS}/Options/max-buffer-size"), id="a buffer of the usual size"),
    pytest.param(put(f"{LOGS}/Options/max-buffer-size", "25m"), id="a larger buffer"),
    pytest.param(put(f"{API}/Cpu", 512), id="half of the task for a container"),
    pytest.param(put("services/Parameters/ApiMemory/Default", "4096"), id="a default that root overrides"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))


@pytest.mark.parametrize(("cpu", "memory"), [("256", "512"), ("512", "4096"), ("1024", "8192"), ("2048", "16384")])
def test_sizes_on_offer_are_not_named(cpu: str, memory: str) -> None:
    """The smallest and the largest memory of a CPU are offered."""
    assert not places("size-offered", put(f"{API_TASK}/Memory", memory), ApiCpu=cpu)
