"""Names of the guide: a command that would find nothing, or the wrong thing, is named."""

from __future__ import annotations

import pytest

from templates.rules.names import GUIDED
from tests.templates.rules.cases import case, clean, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, put, remove

SERVICES = "services/Resources"
API_ROLE = "security/Resources/ApiTaskRole/Properties"


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def name(place: str, key: str, text: str) -> Mistake:
    return put(f"{place.replace(' ', '/Resources/')}/Properties/{key}", sub(text))


CASES = [
    case("a cluster by another name", "services Cluster guided-name-given",
         name("services Cluster", "ClusterName", "sparta-cluster-${Environment}")),
    case("a service with a suffix", "services ApiService guided-name-given",
         name("services ApiService", "ServiceName", "sparta-api-${Environment}")),
    case("a service called like the program", "services BotService guided-name-given",
         put(f"{SERVICES}/BotService/Properties/ServiceName", "sparta-bot")),
    case("a family by another name", "services ApiTask guided-name-given",
         name("services ApiTask", "Family", "api${NameSuffix}")),
    case("a log group without its slash", "services BotLogGroup guided-name-given",
         name("services BotLogGroup", "LogGroupName", "ecs/sparta-bot${NameSuffix}")),
    case("a function by another name", "monitor MonitorFunction guided-name-given",
         name("monitor MonitorFunction", "FunctionName", "sparta-monitor${NameSuffix}")),
    case("the trail's log by another name", "observability TrailLogGroup guided-name-given",
         name("observability TrailLogGroup", "LogGroupName", "cloudtrail-logs${NameSuffix}")),
    case("a table by another name", "data NetworkStatsTable guided-name-given",
         name("data NetworkStatsTable", "TableName", "sparta-networkstats-${Environment}")),
    case("a secret by another name", "bootstrap EthereumPrivateKeySecret guided-name-given",
         name("bootstrap EthereumPrivateKeySecret", "Name", "sparta/${Environment}/private-key")),
    case("a role by another name", "security ApiTaskRole guided-name-given",
         name("security ApiTaskRole", "RoleName", "sparta-api-task-role${NameSuffix}")),
    case("a group by another name", "security ApiSecurityGroup guided-name-given",
         name("security ApiSecurityGroup", "GroupName", "sparta-api-sg${NameSuffix}")),
    case("a topic by another name", "observability AlertsTopic guided-name-given",
         name("observability AlertsTopic", "TopicName", "sparta-alerts-${Environment}")),
    case("an alarm by another name", "observability ApiHighCpuAlarm guided-name-given",
         name("observability ApiHighCpuAlarm", "AlarmName", "sparta-api-cpu${NameSuffix}")),
    case("a policy by another name", "services ApiCpuScaling guided-name-given",
         put(f"{SERVICES}/ApiCpuScaling/Properties/PolicyName", "cpu-scaling")),
    case("a generated name", "data ConfigTable guided-name-given",
         remove("data/Resources/ConfigTable/Properties/TableName")),
    case("no cluster at all", "root - guided-name-given", remove(f"{SERVICES}/Cluster")),
    case("a suffix in production", "services ApiTask guided-name-given",
         put("root/Resources/Services/Properties/Parameters/NameSuffix", sub("-${Environment}"))),
    case("the suffix on the wrong branch", "services ApiTask guided-name-given",
         put("root/Resources/Services/Properties/Parameters/NameSuffix/Fn::If", ["IsProduction", sub("-x"), ""])),
    case("no suffix elsewhere", "services ApiLogGroup guided-name-given",
         put("services/Resources/ApiLogGroup/Properties/LogGroupName", "/ecs/sparta-api"), environment="staging"),
    case("the names of the services swapped", "services ApiService guided-name-on-its-own",
         put(f"{SERVICES}/ApiService/Properties/ServiceName", "sparta-discord"),
         put(f"{SERVICES}/BotService/Properties/ServiceName", "sparta-api")),
    case("the names of the functions swapped", "monitor RotationFunction guided-name-on-its-own",
         name("monitor MonitorFunction", "FunctionName", "sparta-api-key-rotation${NameSuffix}"),
         name("monitor RotationFunction", "FunctionName", "sparta-validator-monitor${NameSuffix}")),
    case("the names of the roles swapped", "security BotTaskRole guided-name-on-its-own",
         name("security BotTaskRole", "RoleName", "sparta-ecs-task-role${NameSuffix}"),
         name("security ApiTaskRole", "RoleName", "sparta-bot-task-role${NameSuffix}")),
    case("the names of the groups swapped", "security BotSecurityGroup guided-name-on-its-own",
         name("security BotSecurityGroup", "GroupName", "sparta-ecs-sg${NameSuffix}"),
         name("security ApiSecurityGroup", "GroupName", "sparta-bot-sg${NameSuffix}")),
    case("the names of the families swapped", "services BotTask guided-name-on-its-own",
         name("services BotTask", "Family", "sparta-api${NameSuffix}"),
         name("services ApiTask", "Family", "sparta-discord${NameSuffix}")),
    case("the role's policy by another name", "security ApiTaskRole guided-policy-in-task-role",
         put(f"{API_ROLE}/Policies/0/PolicyName", "sparta-api-policy")),
    case("the role's policy beside it", "security ApiTaskRole guided-policy-in-task-role",
         remove(f"{API_ROLE}/Policies")),
    case("another namespace of a filter", "observability ApiErrorsLoggedFilter metrics-in-one-namespace",
         put("observability/Resources/ApiErrorsLoggedFilter/Properties/MetricTransformations/0/MetricNamespace",
             "Sparta")),
    case("another namespace of an alarm", "observability BotDownAlarm metrics-in-one-namespace",
         put("observability/Resources/BotDownAlarm/Properties/Namespace", "sparta/application")),
    case("another namespace in an expression", "observability BotUptimeAlarm metrics-in-one-namespace",
         put("observability/Resources/BotUptimeAlarm/Properties/Metrics/1/MetricStat/Metric/Namespace", "Sparta/Bot")),
    case("a balancer that AWS names", "services LoadBalancer resource-has-a-name",
         remove(f"{SERVICES}/LoadBalancer/Properties/Name")),
    case("a queue that AWS names", "monitor MonitorFailures resource-has-a-name",
         remove("monitor/Resources/MonitorFailures/Properties/QueueName")),
    case("one schedule for two environments", "monitor MonitorSchedule schedule-says-environment",
         put("monitor/Resources/MonitorSchedule/Properties/Name", "sparta-validator-monitor"), environment="staging"),
    case("a default ten times the guide's", "root Parameters.ApiDesiredCount guided-defaults",
         put("root/Parameters/ApiDesiredCount/Default", "20")),
    case("a schedule that is off unless asked for", "root Parameters.EnableValidatorMonitorSchedule guided-defaults",
         put("root/Parameters/EnableValidatorMonitorSchedule/Default", "false")),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about names stands without a mistake that it sees."""
    assert not unproven(CASES, "names")


@pytest.mark.parametrize("environment", ["production", "staging", "development"])
def test_guided_names_are_ours(environment: str) -> None:
    """In each environment exactly one resource bears each of the guide's names, and has the guide's type."""
    system = clean(environment)
    for guided in GUIDED:
        bearers = [each for each in system.of_type(guided.type) if guided.here(environment) in each.props.values()]
        assert len(bearers) == 1, guided


HARMLESS = [
    pytest.param(put(f"{SERVICES}/BotTask/Properties/ContainerDefinitions/0/Name", "discord"), id="a container's name"),
    pytest.param(put("root/Parameters/ApiMaxCount/Default", "10"), id="a default of the guide, spelt out"),
    pytest.param(name("security MonitorRole", "RoleName", "sparta-monitor${NameSuffix}"), id="a role of our own"),
    pytest.param(put("services/Parameters/ApiDesiredCount/Default", "4"), id="a default that root overrides"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
