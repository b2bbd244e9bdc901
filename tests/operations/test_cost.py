"""The estimate: counted by hand, complete, and dearer where there is more."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scripts.cost.bill import service_of
from scripts.cost.estimate import TRAFFIC, Estimate, Line, compare, estimate
from scripts.cost.kinds import FREE, PRICED
from scripts.cost.prices import document, price_list
from scripts.cost.site import Site
from scripts.cost.systems import guide, ours
from scripts.cost.traffic import BUCKETS, METRICS, TABLES
from scripts.docs import world
from sparta.services import monitor
from templates.rules.reader import Template, parse
from templates.rules.system import System, render

HOUSE = Path(__file__).resolve().parents[2]
EVERYTHING = world.OPTIONS


def system(**values: str) -> System:
    """Production with other values."""
    return render(world.templates(), world.values("production") | values)


def small(text: str) -> System:
    return render({"root": Template("root", Path("root.yaml"), parse(text), text)}, {})


def monthly(found: Estimate, path: str, what: str = "") -> float:
    """Dollars of the lines of a resource."""
    return sum(line.monthly for line in found.lines if line.path == path and what in line.what)


def test_tasks_by_hand() -> None:
    """Two tasks of 1 vCPU and 2 GB on arm64 all month, and the bot's quarter."""
    found = estimate(system())
    assert monthly(found, "Services/ApiService", "Fargate") == pytest.approx(2 * 730 * (0.03725 + 2 * 0.00409))
    assert monthly(found, "Services/BotService") == pytest.approx(730 * (0.25 * 0.03725 + 0.5 * 0.00409))


def test_x86_tasks_cost_more() -> None:
    """A task that says nothing of its processor runs on x86: three of 1 vCPU and 2 GB in the guide's system."""
    found = estimate(guide())
    tasks = sum(line.monthly for line in found.lines if line.what.startswith("Fargate"))
    assert tasks == pytest.approx(3 * 730 * (0.04656 + 2 * 0.00511))
    assert found.unpriced == ()


def test_network_by_hand() -> None:
    """Gateway, address and load balancer are hours; two zones make two public addresses."""
    found = estimate(system())
    assert monthly(found, "Network/NatGatewayA", "hours") == pytest.approx(36.5)
    assert monthly(found, "Network/NatAddressA") == pytest.approx(3.65)
    assert monthly(found, "Services/LoadBalancer", "hours") == pytest.approx(730 * 0.02646)
    assert monthly(found, "Services/LoadBalancer", "public addresses") == pytest.approx(2 * 3.65)


def test_one_nat_gateway_carries_all() -> None:
    """A single gateway costs an hour less each hour, and the same gigabytes."""
    two, one = estimate(system()), estimate(system(NatGatewayMode="single"))
    assert two.monthly - one.monthly == pytest.approx(36.5 + 3.65)
    assert sum(line.quantity for line in two.lines if line.price == 0.05 and line.what == "data") == pytest.approx(
        sum(line.quantity for line in one.lines if line.price == 0.05 and line.what == "data")
    )


def test_endpoints_cost_in_each_zone() -> None:
    """Four interface endpoints in two zones; those of S3 and DynamoDB are gateways and cost nothing."""
    found = estimate(system(InterfaceEndpoints="true"))
    hours = [line for line in found.lines if line.type == "AWS::EC2::VPCEndpoint" and line.what == "hours"]
    assert sum(line.monthly for line in hours) == pytest.approx(4 * 2 * 730 * 0.011)


def test_an_alarm_on_a_formula_costs_each_metric() -> None:
    """Ten metrics in one formula cost ten times an alarm on one."""
    found = estimate(system())
    assert monthly(found, "Observability/OperatorsTableErrorsAlarm") == pytest.approx(1.0)
    assert monthly(found, "Observability/ApiHighCpuAlarm") == pytest.approx(0.1)


def test_backups_by_hand() -> None:
    """Thirty-five daily copies and twelve monthly ones of all tables with their indexes."""
    held = 0.01 * 2 + 0.02 + 1.5 + 0.05 + 0.01 + 0.05 * 2
    found = estimate(system())
    assert monthly(found, "Data/BackupPlan", "daily") == pytest.approx(35 * held * 0.11886)
    assert monthly(found, "Data/BackupPlan", "monthly") == pytest.approx(365 / 31 * held * 0.11886)


def test_the_monitor_by_hand() -> None:
    """Every five minutes 5 s of 512 MB; nothing at all when its schedule is off."""
    path = "Monitor/MonitorFunction"
    runs = 730 * 12
    assert monthly(estimate(system()), path) == pytest.approx(runs * 5 * 0.5 * 0.0000133334 + runs / 1e6 * 0.2)
    assert monthly(estimate(system(EnableValidatorMonitorSchedule="false")), path) == 0


def test_logs_by_hand() -> None:
    """20,000 lines of 700 bytes a day come in, and thirty days of them are kept in 15 percent of the room."""
    size = 20_000 * 700 / 1e9 * 730 / 24
    found = estimate(system())
    assert monthly(found, "Services/ApiLogGroup", "ingestion") == pytest.approx(size * 0.5985)
    assert monthly(found, "Services/ApiLogGroup", "storage") == pytest.approx(size * 30 / (730 / 24) * 0.15 * 0.0315)


def test_container_insights_can_be_switched_off() -> None:
    """42 metrics at 30 cents, and their events."""
    on, off = estimate(system()), estimate(system(ContainerInsights="disabled"))
    assert monthly(on, "Services/Cluster", "metrics") == pytest.approx(12.6)
    assert monthly(off, "Services/Cluster") == 0


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("ApiDesiredCount", "4"),
        ("ApiCpu", "2048"),
        ("ApiMemory", "4096"),
        ("BotCpu", "512"),
        ("LogRetentionDays", "90"),
        ("ValidatorMonitorSchedule", "rate(1 minute)"),
        ("InterfaceEndpoints", "true"),
    ],
)
def test_more_costs_more(name: str, more: str) -> None:
    assert estimate(system(**{name: more})).monthly > estimate(system()).monthly


def test_cloudfront_costs_more() -> None:
    """The firewall alone is nine dollars: an ACL and four rules."""
    added = estimate(system(**EVERYTHING | {"InterfaceEndpoints": "false"})).monthly - estimate(system()).monthly
    assert 9 < added < 12


@pytest.mark.parametrize("name", [each.name for each in fields(TRAFFIC)])
def test_every_assumption_counts(name: str) -> None:
    """Twice as much of anything costs more: no number stands there for nothing. Each says why it is what it is."""
    doubled = replace(TRAFFIC, **{name: 2 * getattr(TRAFFIC, name)})
    assert estimate(system(), doubled).monthly > estimate(system()).monthly
    assert all(each.metadata["why"] and each.metadata["unit"] for each in fields(TRAFFIC))


def test_every_type_is_priced_or_free() -> None:
    """A new type in the templates needs a price, or a reason why it costs nothing."""
    types = {each["Type"] for template in world.templates().values() for each in template.section("Resources").values()}
    assert types - PRICED.keys() - FREE.keys() == set(), "name them in scripts/cost/kinds.py"
    assert PRICED.keys() & FREE.keys() == set()
    assert estimate(system(**EVERYTHING)).unpriced == ()


def test_every_priced_line_has_a_service() -> None:
    """Each line can be laid beside a bill."""
    for found in (estimate(system(**EVERYTHING)), estimate(guide())):
        assert all(service_of(line) for line in found.lines)


def test_what_has_no_price_is_named() -> None:
    """A database that nobody thought of is not free."""
    found = estimate(small("Resources: {Database: {Type: AWS::RDS::DBInstance}}"))
    assert found.unpriced == ("Database (AWS::RDS::DBInstance)",)
    assert found.monthly == 0


UNUSUAL = """
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
    Properties: {ClusterSettings: [{Name: containerInsights, Value: enhanced}]}
  Service: {Type: AWS::ECS::Service, Properties: {LaunchType: EC2}}
  LoadBalancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network}}
  Table: {Type: AWS::DynamoDB::Table}
  Trail: {Type: AWS::CloudTrail::Trail, Properties: {EventSelectors: [{DataResources: []}]}}
"""


def test_what_is_set_up_unusually_is_named() -> None:
    """A known type in a way that the list has no price for is not counted as if it were the usual way."""
    found = estimate(small(UNUSUAL))
    assert found.lines == ()
    assert found.unpriced == (
        "Cluster (enhanced Container Insights)",
        "Service (not on Fargate, or its task definition is elsewhere)",
        "LoadBalancer (not an Application Load Balancer)",
        "Table (provisioned capacity)",
        "Trail (events of data, or insights)",
    )


RARE = """
Resources:
  Both: {Type: AWS::CloudWatch::CompositeAlarm}
  Quick: {Type: AWS::CloudWatch::Alarm, Properties: {Period: 10}}
"""


def test_every_price_is_used() -> None:
    """A price that nothing asks for is not looked after."""
    used = {"cost-explorer"}
    for each in (system(), system(**EVERYTHING), guide(), small(RARE)):
        site = Site(each, TRAFFIC)
        priced = [resource for resource in each.resources if resource.type in PRICED]
        used |= {use.price for resource in priced for use in PRICED[resource.type](site, resource)}
    assert used == set(price_list().prices)


def test_rare_alarms_by_hand() -> None:
    assert estimate(small(RARE)).monthly == pytest.approx(0.5 + 0.3)


@pytest.mark.parametrize("key", price_list().prices)
def test_every_price_has_a_source_and_a_date(key: str) -> None:
    """Where to look it up, how it was obtained, and when."""
    price = price_list().prices[key]
    assert price.price > 0
    assert price.unit
    assert price.page.startswith("https://aws.amazon.com/")
    assert price.obtained in document()["obtained"]
    assert date(2026, 1, 1) <= date.fromisoformat(price.read) <= datetime.now(UTC).date()


def test_unconfirmed_prices_are_said() -> None:
    """Whoever reads the estimate learns which figures nobody confirmed."""
    said = " ".join(estimate(system()).assumptions)
    assert "DynamoDB, point-in-time recovery" in said
    assert "2026-07-13" in said


def test_another_region_says_whose_prices_stand_in() -> None:
    found = estimate(system(AvailabilityZones="eu-west-1a,eu-west-1b"))
    assert found.assumptions[0].startswith("There are no prices for eu-west-1 ")
    assert found.monthly == pytest.approx(estimate(system()).monthly)


def test_tables_and_buckets_are_ours() -> None:
    """Use is given for the tables and buckets that there are, and for each of them."""
    found = system(**EVERYTHING)
    assert {each.id for each in found.of_type("AWS::DynamoDB::Table")} == set(TABLES)
    assert {each.id for each in found.of_type("AWS::S3::Bucket")} == set(BUCKETS)


def test_metrics_are_those_of_the_programs() -> None:
    """Each metric that a program writes is billed, and no other."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "sparta").rglob("*.py"))
    named = set(re.findall(r'\bmetric\("(\w+)"', sources))
    measured = set(re.findall(r'^        "([A-Z]\w+)": \(', inspect.getsource(monitor._measure), re.MULTILINE))
    assert named | measured == {name for names in METRICS.values() for name in names}


def test_each_environment_has_an_estimate() -> None:
    """Smaller environments cost less than production."""
    costs = {name: estimate(ours(name)).monthly for name in ("production", "staging", "development")}
    assert costs["production"] > costs["staging"] >= costs["development"] > 0


def line(path: str, what: str, monthly: float) -> Line:
    return Line(path, "AWS::ECS::Service", what, 1, "hour", monthly, monthly, "")


def test_compare_says_what_changes() -> None:
    """The biggest difference first, what stays the same not at all."""
    before = Estimate((line("Services/Api", "vCPU", 10), line("A", "hours", 5), line("Gone", "hours", 2)), (), ())
    after = Estimate((line("Services/Api", "vCPU", 30), line("A", "hours", 5), line("New", "hours", 2.5)), (), ())
    assert compare(before, after) == (
        ("Services/Api: vCPU", 10, 30),
        ("New: hours", 0, 2.5),
        ("Gone: hours", 2, 0),
    )
    assert compare(None, after)[0] == ("Services/Api: vCPU", 0, 30)
    assert compare(after, after) == ()


def test_a_comparison_adds_up() -> None:
    """The differences of all lines are the difference of the totals."""
    before, after = estimate(system()), estimate(system(**EVERYTHING))
    differences = sum(new - old for _, old, new in compare(before, after))
    assert differences == pytest.approx(after.monthly - before.monthly, abs=0.01)


def test_the_biggest_lines() -> None:
    found = estimate(system())
    assert found.biggest(1)[0].path == "Services/ApiService"
    assert sum(each.monthly for each in found.biggest(1_000)) == pytest.approx(found.monthly)
