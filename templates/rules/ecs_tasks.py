"""Task definitions: what Fargate takes, one image by digest, no rights on the machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from templates.rules.contract import API, BOT
from templates.rules.finding import Finding, rule
from templates.rules.programs import FUNCTION, SERVICE, TASK, Running, origins, running
from templates.rules.system import Resource, System
from templates.rules.values import TOKEN, dicts, get, items, mapping, number, text, truth

GIB = 1024
# CPU units -> memory in MiB (docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html).
FARGATE: dict[float, tuple[int, ...]] = {
    256: (512, GIB, 2 * GIB),
    512: tuple(range(GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
BY_TAG = ("123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta:latest", "sparta:latest", "sparta")
BUFFER = re.compile(r"\d+[kmg]?")
USER = re.compile(r"(\d+|[a-z_][\w-]*)(:(\d+|[a-z_][\w-]*))?")
ROOT_USER = re.compile(r"(root|0+)(:.*)?")


def containers(system: System) -> list[Running]:
    return [each for each in running(system) if each.resource.type == TASK]


def fargate_tasks(system: System) -> list[Resource]:
    """Task definitions that a Fargate service runs."""
    services = [each for each in system.of_type(SERVICE) if text(each.get("LaunchType")) in ("FARGATE", "")]
    tasks = [system.target(service.get("TaskDefinition")) for service in services]
    return list(dict.fromkeys(task for task in tasks if task and task.type == TASK))


@rule("a tag can mean another image tomorrow: what was tested, reviewed and rolled back to is a digest")
def image_by_digest(system: System) -> Iterator[Finding]:
    for each in containers(system):
        image = text(each.container.get("Image"))
        if image and not TOKEN.search(image) and not DIGEST.fullmatch(image):
            yield each.finding(f"Image {image} is no digest; name it as repository@sha256:...")


@rule("a parameter that takes an image by its tag lets one in some day")
def image_parameter_wants_digest(system: System) -> Iterator[Finding]:
    for each in containers(system):
        stack = system.stacks[each.resource.stack]
        for name in sorted(origins(system, stack, each.raw.get("Image"))):
            for top in (stack for stack in system.stacks.values() if not stack.parent):
                declared = top.section("Parameters").get(name)
                if declared is not None and _takes_tag(declared.get("AllowedPattern")):
                    yield top.finding(f"Parameters.{name}", "takes an image by tag; let AllowedPattern want @sha256:")


def _takes_tag(pattern: Any) -> bool:
    try:
        return pattern is None or any(re.fullmatch(text(pattern), image) for image in BY_TAG)
    except re.error:
        return False


@rule("API and bot are one release: two images mean two versions that talk to each other")
def one_image(system: System) -> Iterator[Finding]:
    ours = [each for each in containers(system) if each.program in (API, BOT)]
    images = {text(each.container.get("Image")) for each in ours}
    for each in ours[1:] if len(images) > 1 else []:
        if text(each.container.get("Image")) != text(ours[0].container.get("Image")):
            yield each.finding(f"has another Image than {ours[0].resource.id}; give both the same")


@rule("ECS starts no revision that was deregistered: a service could not be put back to the one before")
def earlier_revision_stays(system: System) -> Iterator[Finding]:
    for task in fargate_tasks(system):
        kept = text(task.raw.get("UpdateReplacePolicy"))
        if kept != "Retain":
            yield task.finding(f"UpdateReplacePolicy is {kept or 'missing'}; set it to Retain")


@rule("Fargate refuses a task without awsvpc, its own size and the role that starts it")
def task_suits_fargate(system: System) -> Iterator[Finding]:
    for task in fargate_tasks(system):
        if text(task.get("NetworkMode")) != "awsvpc":
            yield task.finding("NetworkMode must be awsvpc on Fargate; set it")
        if "FARGATE" not in items(task.get("RequiresCompatibilities")):
            yield task.finding("RequiresCompatibilities lacks FARGATE, so nothing is checked; add it")
        for key in ("ExecutionRoleArn", "Cpu", "Memory"):
            if not text(task.get(key)):
                yield task.finding(f"has no {key}, which Fargate needs; give it")
        for key in ("PidMode", "IpcMode"):
            if text(task.get(key)) in ("host", "none"):
                yield task.finding(f"{key} {task.get(key)} is not for Fargate; remove it")


@rule("Fargate offers certain sizes only: with another one no task can be registered")
def size_offered(system: System) -> Iterator[Finding]:
    for task in fargate_tasks(system):
        cpu, memory = number(task.get("Cpu")), number(task.get("Memory"))
        offered = FARGATE.get(cpu) if cpu is not None else None
        if cpu is not None and offered is None:
            yield task.finding(f"Cpu {text(task.get('Cpu'))} is not offered; use {', '.join(map(str, FARGATE))}")
        elif offered and memory is not None and memory not in offered:
            advice = f"Memory {memory:g} does not go with Cpu {cpu:g}; {offered[0]} to {offered[-1]} MiB do"
            yield task.finding(advice)
        for container in dicts(task.get("ContainerDefinitions")):
            for key, whole in (("Memory", memory), ("MemoryReservation", memory), ("Cpu", cpu)):
                part = number(container.get(key))
                if part is not None and whole is not None and part > whole:
                    yield task.finding(f"container {key} {part:g} is more than the task's {whole:g}; lower it")


def _architecture(resource: Resource) -> str:
    if resource.type == FUNCTION:
        return text(get(items(resource.get("Architectures")), 0) or "x86_64").upper()
    return text(resource.get("RuntimePlatform", "CpuArchitecture") or "X86_64").upper()


@rule("images and packages are built for one architecture: on the other one nothing starts")
def one_architecture(system: System) -> Iterator[Finding]:
    every = system.of_type(TASK, FUNCTION)
    usual = Counter(_architecture(each) for each in every).most_common(1)
    for each in every:
        if _architecture(each) != usual[0][0]:
            yield each.finding(f"is made for {_architecture(each)}, the others for {usual[0][0]}; use that")
    for task in system.of_type(TASK):
        family = text(task.get("RuntimePlatform", "OperatingSystemFamily") or "LINUX")
        if family != "LINUX":
            yield task.finding(f"OperatingSystemFamily is {family}, the image is for LINUX; set that")


@rule("who breaks into a container that runs as root, writes its files or has capabilities, gets further")
def container_unprivileged(system: System) -> Iterator[Finding]:
    for each in containers(system):
        capabilities = get(each.container, "LinuxParameters", "Capabilities")
        user = text(each.container.get("User"))
        wrongs = {
            "has no User; name one that is not root": not user,
            f"runs as {user}; name a User that is not root": bool(ROOT_USER.fullmatch(user)),
            f"runs as {user}, which is no user; write a number or a name": bool(user) and not USER.fullmatch(user),
            "can change its own files; set ReadonlyRootFilesystem": truth(each.container.get("ReadonlyRootFilesystem"))
            is not True,
            "is Privileged; remove it": truth(each.container.get("Privileged")) is True,
            "adds capabilities; remove Add": bool(items(get(capabilities, "Add"))),
            "keeps capabilities it does not use; Drop ALL": "ALL" not in items(get(capabilities, "Drop")),
        }
        yield from (each.finding(f"container {_name(each)} {advice}") for advice, wrong in wrongs.items() if wrong)


def _name(each: Running) -> str:
    return text(each.container.get("Name"))


@rule("process 1 does not react to SIGTERM by itself: each stop takes the whole timeout and ends by force")
def stops_when_told(system: System) -> Iterator[Finding]:
    for each in containers(system):
        if truth(get(each.container, "LinuxParameters", "InitProcessEnabled")) is not True:
            yield each.finding(f"container {_name(each)} has no init process; set InitProcessEnabled")


@rule("Fargate ends a task 120 s after telling it at the latest; in too short a time running work is cut off")
def stop_timeout_suffices(system: System) -> Iterator[Finding]:
    for each in containers(system):
        timeout = number(each.container.get("StopTimeout"))
        if timeout is not None and not 20 <= timeout <= 120:
            yield each.finding(f"StopTimeout {timeout:g} s; give between 20 and 120 s")


@rule("a task whose containers may all end is refused, and one that goes on without its program serves nobody")
def program_is_essential(system: System) -> Iterator[Finding]:
    for each in containers(system):
        if each.program and truth(each.container.get("Essential")) is False:
            yield each.finding(f"container {_name(each)} is not Essential; the task must end with it")


def writable(each: Running) -> set[str]:
    """Paths where a container may write, when its own files are read-only."""
    mounts = dicts(each.container.get("MountPoints"))
    return {text(mount.get("ContainerPath")) for mount in mounts if truth(mount.get("ReadOnly")) is not True}


@rule("a read-only container needs a writable /tmp: gunicorn's heartbeat and the bot's sign of life are files there")
def temporary_files_possible(system: System) -> Iterator[Finding]:
    for each in containers(system):
        read_only = truth(each.container.get("ReadonlyRootFilesystem")) is True
        if each.program and read_only and "/tmp" not in writable(each):  # noqa: S108 - the container's, not ours
            yield each.finding(f"container {_name(each)} cannot write to /tmp; mount a volume there")


@rule("a mount without its volume is refused; a volume without a mount is never used")
def mounts_have_volumes(system: System) -> Iterator[Finding]:
    for task in system.of_type(TASK):
        volumes = {text(volume.get("Name")) for volume in dicts(task.get("Volumes"))}
        mounts = [m for c in dicts(task.get("ContainerDefinitions")) for m in dicts(c.get("MountPoints"))]
        mounted = {text(mount.get("SourceVolume")) for mount in mounts}
        if odd := sorted(volumes ^ mounted):
            yield task.finding(f"volume {', '.join(odd)} is declared or mounted, not both; do both or neither")
        for volume in dicts(task.get("Volumes")):
            if text(get(volume, "Host", "SourcePath")) or volume.get("DockerVolumeConfiguration"):
                yield task.finding(
                    f"volume {text(volume.get('Name'))} lies on a machine, and Fargate has none; name it only"
                )


@rule("the port in the variable and in the mapping is one: else the health check never passes")
def port_agrees(system: System) -> Iterator[Finding]:
    for each in containers(system):
        mappings = dicts(each.container.get("PortMappings"))
        mapped = [text(entry.get("ContainerPort")) for entry in mappings]
        port = text(each.plain.get("API_PORT"))
        if each.program is API and mapped != [port]:
            yield each.finding(f"API_PORT is {port}, PortMappings has {', '.join(mapped) or 'none'}; map that one port")
        if each.program is API and any(word == "-b" or word.startswith("--bind") for word in each.entry):
            yield each.finding("binds gunicorn itself; leave --bind out, API_HOST and API_PORT say where to listen")
        for entry in mappings:
            yield from (each.finding(advice) for advice in _mapping_objections(entry))


def _mapping_objections(entry: Mapping[str, Any]) -> Iterator[str]:
    port = text(entry.get("ContainerPort"))
    if text(entry.get("Protocol") or "tcp") != "tcp":
        yield f"port {port} is mapped for {text(entry.get('Protocol'))}; HTTP wants tcp"
    if text(entry.get("HostPort") or port) != port:
        yield f"HostPort of port {port} differs, which awsvpc refuses; remove HostPort"


@rule("a container that is killed because a database or node is down makes one fault into two")
def check_is_about_the_container(system: System) -> Iterator[Finding]:
    for each in containers(system):
        command = " ".join(text(word) for word in items(get(each.container, "HealthCheck", "Command")))
        if "/ready" in command:
            yield each.finding(f"container {_name(each)} is checked by /ready, which asks others; check /health")


@rule("a container without its logs leaves nothing to read after it died")
def container_logs(system: System) -> Iterator[Finding]:
    for each in containers(system):
        configuration = mapping(each.container.get("LogConfiguration"))
        if text(configuration.get("LogDriver")) != "awslogs":
            yield each.finding(f"container {_name(each)} does not log to CloudWatch; set LogDriver awslogs")
            continue
        options = mapping(configuration.get("Options"))
        for key in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
            if not text(options.get(key)):
                yield each.finding(f"container {_name(each)} has no {key}, which Fargate needs; give it")
        if truth(options.get("awslogs-create-group")) is True:
            yield each.finding("awslogs-create-group makes a group without retention and key; declare the group")
        size = text(options.get("max-buffer-size"))
        if text(options.get("mode") or "non-blocking") != "non-blocking" or (size and "mode" not in options):
            yield each.finding("logging may block the program; set mode non-blocking with its max-buffer-size")
        if size and not BUFFER.fullmatch(size):
            yield each.finding(f"max-buffer-size {size} is no size; write 10m")
