"""Task definitions of the API and the bot: one image, two commands, no rights on the machine they run on."""

from __future__ import annotations

from typing import Any

from troposphere import Delete, Ref, Retain, Template, ecs

from templates import environment, storage
from templates.acceptance import accepted
from templates.stack import named, output

USER = "10001:10001"
STOP_TIMEOUT_SECONDS = 30
HEALTHY_FILE = "/tmp/sparta-bot.healthy"  # noqa: S108 - the task's own volume
"""The bot touches it while its gateway answers heartbeats and the API answers; older than a minute means unhealthy."""


def add(template: Template) -> None:
    """Log groups first, then what writes to them."""
    _log_group(template, "ApiLogGroup", "/ecs/sparta-api")
    _log_group(template, "BotLogGroup", "/ecs/sparta-bot")
    _task(
        template,
        "Api",
        "sparta-api",
        Command=["gunicorn", "sparta.api:create_app()"],
        PortMappings=[ecs.PortMapping(ContainerPort=Ref("ApiPort"), Protocol="tcp")],
        Environment=environment.for_container(environment.API),
        Secrets=environment.secrets_for_container(environment.API_SECRETS),
    )
    _task(
        template,
        "Bot",
        "sparta-discord",
        Command=["python", "-m", "sparta.bot"],
        Environment=environment.for_container(environment.BOT),
        Secrets=environment.secrets_for_container(environment.BOT_SECRETS),
        HealthCheck=ecs.HealthCheck(
            Command=["CMD-SHELL", f"find {HEALTHY_FILE} -mmin -1 | grep -q ."],
            Interval=30,
            Timeout=5,
            Retries=3,
            StartPeriod=120,
        ),
    )


def _log_group(template: Template, title: str, name: str) -> None:
    template.add_resource(storage.log_group(title, named(name)))
    output(template, f"{title}Name", Ref(title), f"Log group {name}.")


def _task(template: Template, title: str, family: str, **container: Any) -> None:
    name = title.lower()
    template.add_resource(
        ecs.TaskDefinition(
            f"{title}Task",
            # The revisions before stay registered, so that a service can be put back to one; they cost nothing.
            UpdateReplacePolicy=Retain,
            DeletionPolicy=Delete,
            Metadata=accepted("kept-alike", "Without its service the last revision is of no use to anybody."),
            Family=named(family),
            RequiresCompatibilities=["FARGATE"],
            NetworkMode="awsvpc",
            Cpu=Ref(f"{title}Cpu"),
            Memory=Ref(f"{title}Memory"),
            RuntimePlatform=ecs.RuntimePlatform(CpuArchitecture="ARM64", OperatingSystemFamily="LINUX"),
            TaskRoleArn=Ref(f"{title}TaskRoleArn"),
            ExecutionRoleArn=Ref(f"{title}ExecutionRoleArn"),
            # The image declares /tmp a volume, so that its permissions reach the task's empty one.
            Volumes=[ecs.Volume(Name="tmp")],
            ContainerDefinitions=[
                ecs.ContainerDefinition(
                    Name=name,
                    Image=Ref("ImageUri"),
                    Essential=True,
                    User=USER,
                    ReadonlyRootFilesystem=True,
                    LinuxParameters=ecs.LinuxParameters(
                        InitProcessEnabled=True, Capabilities=ecs.KernelCapabilities(Drop=["ALL"])
                    ),
                    MountPoints=[ecs.MountPoint(SourceVolume="tmp", ContainerPath="/tmp", ReadOnly=False)],  # noqa: S108
                    StopTimeout=STOP_TIMEOUT_SECONDS,
                    LogConfiguration=_log_configuration(title, name),
                    **container,
                )
            ],
        )
    )


def _log_configuration(title: str, name: str) -> ecs.LogConfiguration:
    """Logs never hold a task up: a full buffer drops lines instead."""
    return ecs.LogConfiguration(
        LogDriver="awslogs",
        Options={
            "awslogs-group": Ref(f"{title}LogGroup"),
            "awslogs-region": Ref("AWS::Region"),
            "awslogs-stream-prefix": name,
            "mode": "non-blocking",
            "max-buffer-size": "10m",
        },
    )
