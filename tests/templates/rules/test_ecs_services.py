"""ECS services, the bot, scaling and discovery: what cannot start, rolls nothing back or runs twice is named."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, put, remove

RESOURCES = "services/Resources"
CLUSTER = f"{RESOURCES}/Cluster/Properties"
API = f"{RESOURCES}/ApiService/Properties"
BOT = f"{RESOURCES}/BotService/Properties"
BOT_CONTAINER = f"{RESOURCES}/BotTask/Properties/ContainerDefinitions/0"
CHECK = f"{BOT_CONTAINER}/HealthCheck"
SCALING = f"{RESOURCES}/ApiScaling/Properties"
CPU = f"{RESOURCES}/ApiCpuScaling/Properties"
MEMORY = f"{RESOURCES}/ApiMemoryScaling/Properties"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
DISCOVERY = f"{RESOURCES}/ApiDiscovery/Properties"
NAMESPACE = f"{RESOURCES}/InternalNamespace/Properties"
NETWORK = "NetworkConfiguration/AwsvpcConfiguration"
BREAKER = "DeploymentConfiguration/DeploymentCircuitBreaker"
SECOND_BOT = {
    "Type": "AWS::Scheduler::Schedule",
    "Properties": {"Target": {"EcsParameters": {"TaskDefinitionArn": {"Ref": "BotTask"}}}},
}
BOT_TARGET = {
    "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
    "Properties": {"ResourceId": {"Fn::Sub": "service/${Cluster}/sparta-discord"}},
}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


SERVICES = [
    case("a container the task lacks", "services ApiService service-names-its-container",
         put(f"{API}/LoadBalancers/0/ContainerName", "web")),
    case("no container", "services ApiService service-names-its-container",
         remove(f"{API}/LoadBalancers/0/ContainerName")),
    case("a port the container does not map", "services ApiService service-names-its-container",
         put(f"{API}/LoadBalancers/0/ContainerPort", 8080)),
    case("a registry with another container", "services ApiService service-names-its-container",
         put(f"{API}/ServiceRegistries/0/ContainerName", "bot")),
    case("no launch type, which means EC2", "services ApiService launched-on-fargate", remove(f"{API}/LaunchType")),
    case("Spot for the bot", "services BotService launched-on-fargate",
         remove(f"{BOT}/LaunchType"),
         put(f"{BOT}/CapacityProviderStrategy", [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}])),
    case("an old platform", "services ApiService launched-on-fargate", put(f"{API}/PlatformVersion", "1.3.0")),
    case("tasks placed on machines", "services ApiService launched-on-fargate",
         put(f"{API}/PlacementStrategies", [{"Type": "spread", "Field": "instanceId"}])),
    case("a daemon", "services BotService launched-on-fargate", put(f"{BOT}/SchedulingStrategy", "DAEMON")),
    case("deployments by CodeDeploy", "services ApiService launched-on-fargate",
         put(f"{API}/DeploymentController", {"Type": "CODE_DEPLOY"})),
    case("no cluster", "services BotService services-in-one-cluster", remove(f"{BOT}/Cluster")),
    case("another cluster", "services BotService services-in-one-cluster", put(f"{BOT}/Cluster", "default")),
    case("nothing said about addresses", "services ApiService public-address-decided",
         remove(f"{API}/{NETWORK}/AssignPublicIp")),
    case("no subnets", "services BotService public-address-decided", remove(f"{BOT}/{NETWORK}/Subnets")),
    case("the bot's group on the API", "services BotService service-has-its-own-group",
         put(f"{API}/{NETWORK}/SecurityGroups", [ref("BotSecurityGroupId")])),
    case("the balancer's group on the API", "services ApiService service-has-its-own-group",
         put(f"{API}/{NETWORK}/SecurityGroups/+", ref("LoadBalancerSecurityGroupId"))),
    case("no circuit breaker", "services ApiService deployment-rolls-back", remove(f"{API}/{BREAKER}")),
    case("a circuit breaker switched off", "services BotService deployment-rolls-back",
         put(f"{BOT}/{BREAKER}/Enable", False)),
    case("no rollback", "services ApiService deployment-rolls-back", put(f"{API}/{BREAKER}/Rollback", False)),
    case("a deployment that cannot begin", "services ApiService deployment-can-proceed",
         put(f"{API}/DeploymentConfiguration/MaximumPercent", 100)),
    case("half a task more, which is none", "services ApiService deployment-can-proceed",
         put(f"{API}/DeploymentConfiguration/MaximumPercent", 150)),
    case("ten times the tasks", "services ApiService deployment-can-proceed",
         put(f"{API}/DeploymentConfiguration/MaximumPercent", 2000)),
    case("an outage at each deployment", "services ApiService api-stays-up",
         put(f"{API}/DeploymentConfiguration/MinimumHealthyPercent", 0)),
    case("no API task", "services ApiService api-stays-up", put(f"{API}/DesiredCount", 0)),
    case("no time to start", "services ApiService grace-period-suffices",
         remove(f"{API}/HealthCheckGracePeriodSeconds")),
    case("an hour to start", "services ApiService grace-period-suffices",
         put(f"{API}/HealthCheckGracePeriodSeconds", 3600)),
    case("a shell", "services ApiService no-shell-into-tasks", put(f"{API}/EnableExecuteCommand", True)),
    case("a bill nobody can read", "services BotService tasks-carry-tags", remove(f"{BOT}/PropagateTags")),
    case("a task nobody runs", "services ApiTask task-is-run", put(f"{API}/TaskDefinition", ref("BotTask"))),
    case("insights switched off in production", "services Cluster cluster-is-observed",
         put(f"{CLUSTER}/ClusterSettings/0/Value", "disabled")),
    case("nothing said about insights", "services Cluster cluster-is-observed", remove(f"{CLUSTER}/ClusterSettings")),
    case("another setting", "services Cluster cluster-is-observed",
         put(f"{CLUSTER}/ClusterSettings/0/Name", "containerInsight")),
    case("an API behind nothing", "services ApiService api-behind-load-balancer", remove(f"{API}/LoadBalancers")),
]  # fmt: skip

BOTS = [
    case("two bots", "services BotService bot-runs-alone", put(f"{BOT}/DesiredCount", 2)),
    case("two bots while deploying", "services BotService bot-runs-alone",
         put(f"{BOT}/DeploymentConfiguration/MaximumPercent", 200)),
    case("ECS's own percentages", "services BotService bot-runs-alone", remove(f"{BOT}/DeploymentConfiguration")),
    case("a bot that is never stopped", "services BotService bot-runs-alone",
         put(f"{BOT}/DeploymentConfiguration/MinimumHealthyPercent", 100)),
    case("a bot moved to another zone", "services BotService bot-runs-alone",
         put(f"{BOT}/AvailabilityZoneRebalancing", "ENABLED")),
    case("a parameter that allows two", "root Parameters.BotDesiredCount bot-count-limited",
         put("root/Parameters/BotDesiredCount/AllowedValues/+", "2")),
    case("a parameter that allows any number", "root Parameters.BotDesiredCount bot-count-limited",
         remove("root/Parameters/BotDesiredCount/AllowedValues")),
    case("the API's number for the bot", "root Parameters.ApiDesiredCount bot-count-limited",
         put(f"{BOT}/DesiredCount", ref("ApiDesiredCount"))),
    case("the bot scaled", "services ApiScaling bot-not-scaled",
         put(f"{SCALING}/ResourceId", {"Fn::Sub": "service/${Cluster}/${BotService.Name}"})),
    case("the bot scaled by its name", "services BotScaling bot-not-scaled",
         put(f"{RESOURCES}/BotScaling", BOT_TARGET)),
    case("a bot started on a schedule", "services NightBot bot-started-by-its-service-only",
         put(f"{RESOURCES}/NightBot", SECOND_BOT)),
    case("a port of the bot", "services BotTask bot-is-unreachable",
         put(f"{BOT_CONTAINER}/PortMappings", [{"ContainerPort": 8080}])),
    case("a bot behind the balancer", "services BotService bot-is-unreachable",
         put(f"{BOT}/LoadBalancers", [{"ContainerName": "bot", "TargetGroupArn": ref("TargetGroup")}])),
    case("a name for the bot", "services BotService bot-is-unreachable",
         put(f"{BOT}/ServiceRegistries", [{"RegistryArn": {"Fn::GetAtt": ["ApiDiscovery", "Arn"]}}])),
    case("no health check", "services BotTask bot-is-checked", remove(CHECK)),
    case("a health check without a command", "services BotTask bot-is-checked", put(f"{CHECK}/Command", ["NONE"])),
    case("a check that always succeeds", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command", ["CMD-SHELL", "exit 0"])),
    case("a check forced to succeed", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command/1", "find /tmp/sparta-bot.healthy -mmin -1 || true")),
    case("another file", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command/1", "find /tmp/bot.healthy -mmin -1 | grep -q .")),
    case("an old file asked for", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command/1", "find /tmp/sparta-bot.healthy -mmin +1 | grep -q .")),
    case("find without grep, which is content with any file", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command/1", "find /tmp/sparta-bot.healthy -mmin -1")),
    case("any file will do", "services BotTask bot-is-checked",
         put(f"{CHECK}/Command/1", "test -f /tmp/sparta-bot.healthy")),
    case("one miss kills it", "services BotTask bot-is-checked-in-time", put(f"{CHECK}/Retries", 1)),
    case("dead for half an hour", "services BotTask bot-is-checked-in-time", put(f"{CHECK}/Interval", 300)),
    case("checks without a pause", "services BotTask bot-is-checked-in-time", put(f"{CHECK}/Interval", 0)),
    case("killed while it logs in", "services BotTask bot-is-checked-in-time", remove(f"{CHECK}/StartPeriod")),
    case("a check longer than its interval", "services BotTask bot-is-checked-in-time", put(f"{CHECK}/Timeout", 60)),
    case("no time for a check", "services BotTask bot-is-checked-in-time", put(f"{CHECK}/Timeout", 0)),
]  # fmt: skip

SCALE = [
    case("another namespace", "services ApiScaling scales-a-service", put(f"{SCALING}/ServiceNamespace", "ec2")),
    case("another dimension", "services ApiScaling scales-a-service",
         put(f"{SCALING}/ScalableDimension", "dynamodb:table:ReadCapacityUnits")),
    case("a service of nobody", "services ApiScaling scales-a-service",
         put(f"{SCALING}/ResourceId", {"Fn::Sub": "service/${Cluster}/sparta-web"})),
    case("a cluster of nobody", "services ApiScaling scales-a-service",
         put(f"{SCALING}/ResourceId", {"Fn::Sub": "service/default/${ApiService.Name}"})),
    case("none at the least", "services ApiScaling scaling-bounds", put(f"{SCALING}/MinCapacity", 0)),
    case("bounds turned round", "services ApiScaling scaling-bounds", put(f"{SCALING}/MinCapacity", 20)),
    case("more wanted than allowed", "services ApiService scaling-bounds", put(f"{SCALING}/MaxCapacity", 1)),
    case("scaling suspended", "services ApiScaling scaling-not-suspended",
         put(f"{SCALING}/SuspendedState", {"DynamicScalingOutSuspended": True})),
    case("never smaller again", "services ApiCpuScaling scaling-not-suspended",
         put(f"{CPU}/{TRACKING}/DisableScaleIn", True)),
    case("steps without steps", "services ApiCpuScaling scaling-policy-tracks",
         put(f"{CPU}/PolicyType", "StepScaling")),
    case("a metric of tables", "services ApiCpuScaling scaling-policy-tracks",
         put(f"{CPU}/{TRACKING}/PredefinedMetricSpecification/PredefinedMetricType",
             "DynamoDBReadCapacityUtilization")),
    case("a policy without a target", "services ApiCpuScaling scaling-policy-tracks",
         put(f"{CPU}/ScalingTargetId", "service/sparta-production/sparta-api")),
    case("CPU that is memory", "services ApiCpuScaling scaling-policy-as-named",
         put(f"{CPU}/{TRACKING}/PredefinedMetricSpecification/PredefinedMetricType",
             "ECSServiceAverageMemoryUtilization")),
    case("two policies on one metric", "services ApiMemoryScaling scaling-policy-as-named",
         put(f"{MEMORY}/{TRACKING}/PredefinedMetricSpecification/PredefinedMetricType",
             "ECSServiceAverageCPUUtilization")),
    case("no target to track", "services ApiCpuScaling scaling-target-sensible",
         put(f"{CPU}/{TRACKING}/TargetValue", 0)),
    case("more than all", "services ApiCpuScaling scaling-target-sensible", put(f"{CPU}/{TRACKING}/TargetValue", 700)),
    case("a target above the alarm", "services ApiCpuScaling scaling-target-sensible",
         put(f"{CPU}/{TRACKING}/TargetValue", 82)),
    case("a memory target above the alarm", "services ApiMemoryScaling scaling-target-sensible",
         put(f"{MEMORY}/{TRACKING}/TargetValue", 95)),
    case("not the guide's target", "services ApiCpuScaling scaling-target-sensible",
         put(f"{CPU}/{TRACKING}/TargetValue", 60)),
    case("cool-downs swapped", "services ApiCpuScaling scaling-cooldowns",
         put(f"{CPU}/{TRACKING}/ScaleOutCooldown", 300), put(f"{CPU}/{TRACKING}/ScaleInCooldown", 60)),
    case("an hour of idle tasks", "services ApiCpuScaling scaling-cooldowns",
         put(f"{CPU}/{TRACKING}/ScaleInCooldown", 3600)),
    case("no policy on memory", "services ApiService api-scales", remove(f"{RESOURCES}/ApiMemoryScaling")),
    case("no scaling at all", "services ApiService api-scales",
         *(remove(f"{RESOURCES}/{name}") for name in ("ApiScaling", "ApiCpuScaling", "ApiMemoryScaling"))),
]  # fmt: skip

NAMES = [
    case("another name", "services BotTask api-is-found", put(f"{DISCOVERY}/Name", "web")),
    case("another namespace", "services BotTask api-is-found",
         put(f"{NAMESPACE}/Name", {"Fn::Sub": "${Environment}.internal"})),
    case("another port of the API", "services BotTask api-is-found",
         put(f"{RESOURCES}/ApiTask/Properties/ContainerDefinitions/0/PortMappings/0/ContainerPort", 8000)),
    case("nobody registers", "services BotTask api-is-found", remove(f"{API}/ServiceRegistries")),
    case("through the internet", "services BotTask api-is-found",
         put(f"{BOT_CONTAINER}/Environment/0/Value", "https://sparta.example.com")),
    case("a URL that is none", "services BotTask api-is-found",
         put(f"{BOT_CONTAINER}/Environment/0/Value", "http://[api:3000")),
    case("another port for the rotation", "monitor RotationFunction api-is-found",
         put("monitor/Resources/RotationFunction/Properties/Environment/Variables/API_URL",
             "http://api.sparta-production.internal:80")),
    case("a path too much", "services BotTask api-is-found",
         put(f"{BOT_CONTAINER}/Environment/0/Value",
             {"Fn::Sub": "http://api.sparta-${Environment}.internal:${ApiPort}/api"})),
    case("records with ports", "services ApiDiscovery discovery-by-address",
         put(f"{DISCOVERY}/DnsConfig/DnsRecords/0/Type", "SRV")),
    case("addresses kept for an hour", "services ApiDiscovery discovery-by-address",
         put(f"{DISCOVERY}/DnsConfig/DnsRecords/0/TTL", "3600")),
    case("one address only", "services ApiDiscovery discovery-by-address",
         put(f"{DISCOVERY}/DnsConfig/RoutingPolicy", "WEIGHTED")),
    case("dead tasks in the name", "services ApiDiscovery discovery-knows-health",
         remove(f"{DISCOVERY}/HealthCheckCustomConfig")),
    case("private addresses checked from outside", "services ApiDiscovery discovery-knows-health",
         put(f"{DISCOVERY}/HealthCheckConfig", {"Type": "HTTP", "ResourcePath": "/health"})),
    case("a name of nobody", "services ApiDiscovery discovery-is-used", remove(f"{API}/ServiceRegistries")),
    case("no namespace", "services ApiDiscovery discovery-is-used", remove(f"{DISCOVERY}/DnsConfig/NamespaceId")),
]  # fmt: skip

CASES = [*SERVICES, *BOTS, *SCALE, *NAMES]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about services stands without a mistake that it sees."""
    assert not unproven(CASES, "ecs_services", "ecs_bot", "ecs_scaling", "ecs_discovery")


HARMLESS = [
    pytest.param(put(f"{API}/HealthCheckGracePeriodSeconds", 120), id="two minutes to start"),
    pytest.param(put(f"{API}/AvailabilityZoneRebalancing", "DISABLED"), id="no rebalancing of the API"),
    pytest.param(put(f"{API}/PlatformVersion", "LATEST"), id="the newest platform by name"),
    pytest.param(put(f"{CLUSTER}/ClusterSettings/0/Value", "enhanced"), id="more insights"),
    pytest.param(put(f"{BOT}/DesiredCount", 0), id="the bot switched off"),
    pytest.param(put(f"{CHECK}/Interval", 20), id="checks every 20 seconds"),
    pytest.param(put(f"{CHECK}/StartPeriod", 60), id="a minute to log in"),
    pytest.param(put(f"{MEMORY}/{TRACKING}/TargetValue", 80), id="a little more memory"),
    pytest.param(put(f"{CPU}/{TRACKING}/ScaleOutCooldown", 120), id="slower scaling"),
    pytest.param(put(f"{DISCOVERY}/DnsConfig/DnsRecords/0/TTL", 30), id="addresses kept for half a minute"),
    pytest.param(remove(f"{DISCOVERY}/DnsConfig/RoutingPolicy"), id="several addresses, as Cloud Map has it"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
