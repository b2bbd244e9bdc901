"""ECS: the cluster, the API behind the load balancer, and the bot that runs at most once."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Sub, Tags, Template, ecs, servicediscovery
from troposphere import applicationautoscaling as scaling

from templates import load_balancer, tasks
from templates.acceptance import accepted
from templates.stack import output

TARGET_CPU_PERCENT = 70
TARGET_MEMORY_PERCENT = 75


def build() -> Template:
    """Stack ``services``."""
    template = Template(Description="Sparta services: ECS cluster, load balancer, API and bot, with auto-scaling.")
    template.add_resource(
        ecs.Cluster(
            "Cluster",
            Metadata=accepted("CKV_AWS_65", "A parameter decides, and is enabled by default: the metrics cost money."),
            ClusterName=Sub("sparta-${Environment}"),
            ClusterSettings=[ecs.ClusterSetting(Name="containerInsights", Value=Ref("ContainerInsights"))],
        )
    )
    load_balancer.add(template)
    tasks.add(template)
    _discovery(template)
    _api(template)
    _bot(template)
    _scaling(template)
    output(template, "ClusterName", Ref("Cluster"), "ECS cluster.")
    output(template, "ApiServiceName", GetAtt("ApiService", "Name"), "ECS service of the API.")
    output(template, "BotServiceName", GetAtt("BotService", "Name"), "ECS service of the bot.")
    return template


def _discovery(template: Template) -> None:
    """``api.sparta-<environment>.internal``: the bot's way to the API, which never leaves the VPC."""
    template.add_resource(
        servicediscovery.PrivateDnsNamespace(
            "InternalNamespace",
            Name=Sub("sparta-${Environment}.internal"),
            Vpc=Ref("VpcId"),
            Description="Names inside the VPC",
        )
    )
    template.add_resource(
        servicediscovery.Service(
            "ApiDiscovery",
            Name="api",
            Description="Healthy tasks of the API",
            DnsConfig=servicediscovery.DnsConfig(
                NamespaceId=Ref("InternalNamespace"),
                RoutingPolicy="MULTIVALUE",
                DnsRecords=[servicediscovery.DnsRecord(Type="A", TTL="10")],
            ),
            HealthCheckCustomConfig=servicediscovery.HealthCheckCustomConfig(FailureThreshold=1),
        )
    )


def _service(title: str, name: str, group: str, *, lowest: int, highest: int, **rest: Any) -> ecs.Service:
    """A Fargate service in the private subnets; a deployment that does not become healthy is rolled back."""
    return ecs.Service(
        f"{title}Service",
        ServiceName=name,
        Cluster=Ref("Cluster"),
        LaunchType="FARGATE",
        TaskDefinition=Ref(f"{title}Task"),
        DesiredCount=Ref(f"{title}DesiredCount"),
        NetworkConfiguration=ecs.NetworkConfiguration(
            AwsvpcConfiguration=ecs.AwsvpcConfiguration(
                AssignPublicIp="DISABLED", Subnets=Ref("PrivateSubnetIds"), SecurityGroups=[Ref(group)]
            )
        ),
        DeploymentConfiguration=ecs.DeploymentConfiguration(
            MinimumHealthyPercent=lowest,
            MaximumPercent=highest,
            DeploymentCircuitBreaker=ecs.DeploymentCircuitBreaker(Enable=True, Rollback=True),
        ),
        EnableECSManagedTags=True,
        PropagateTags="SERVICE",
        **rest,
    )


def _api(template: Template) -> None:
    template.add_resource(
        _service(
            "Api",
            "sparta-api",
            "ApiSecurityGroupId",
            lowest=100,
            highest=200,
            # ECS refuses a target group that no listener uses yet: naming the listener makes the service wait for it.
            Tags=Tags(Listener=load_balancer.forwarding_listener()),
            HealthCheckGracePeriodSeconds=60,
            AvailabilityZoneRebalancing="ENABLED",
            LoadBalancers=[
                ecs.LoadBalancer(ContainerName="api", ContainerPort=Ref("ApiPort"), TargetGroupArn=Ref("TargetGroup"))
            ],
            ServiceRegistries=[ecs.ServiceRegistry(RegistryArn=GetAtt("ApiDiscovery", "Arn"))],
        )
    )


def _bot(template: Template) -> None:
    """The old task stops before the new one starts: two bots would answer every command twice."""
    template.add_resource(
        _service(
            "Bot",
            "sparta-discord",
            "BotSecurityGroupId",
            lowest=0,
            highest=100,
            AvailabilityZoneRebalancing="DISABLED",
        )
    )


def _scaling(template: Template) -> None:
    template.add_resource(
        scaling.ScalableTarget(
            "ApiScaling",
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=Sub("service/${Cluster}/${ApiService.Name}"),
            MinCapacity=Ref("ApiMinCount"),
            MaxCapacity=Ref("ApiMaxCount"),
        )
    )
    for title, name, metric, target in (
        ("ApiCpuScaling", "api-cpu-scaling", "ECSServiceAverageCPUUtilization", TARGET_CPU_PERCENT),
        ("ApiMemoryScaling", "api-memory-scaling", "ECSServiceAverageMemoryUtilization", TARGET_MEMORY_PERCENT),
    ):
        template.add_resource(
            scaling.ScalingPolicy(
                title,
                PolicyName=name,
                PolicyType="TargetTrackingScaling",
                ScalingTargetId=Ref("ApiScaling"),
                TargetTrackingScalingPolicyConfiguration=scaling.TargetTrackingScalingPolicyConfiguration(
                    PredefinedMetricSpecification=scaling.PredefinedMetricSpecification(PredefinedMetricType=metric),
                    TargetValue=target,
                    ScaleInCooldown=300,
                    ScaleOutCooldown=60,
                ),
            )
        )
