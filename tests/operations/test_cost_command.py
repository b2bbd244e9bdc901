"""``make cost`` as a person sees it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.operations.cost_explorer import CostExplorer
from tests.operations.running import Done, run

WIDTH = 100
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
PAGES = [
    {"Amazon Elastic Container Service": "70.25", "EC2 - Other": "75.00"},
    {"Amazon DynamoDB": "3.10", "Tax": "29.67"},
]


def cost(home: Path, **variables: str) -> Done:
    """Run it for production, with these variables and nothing of the person at the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    quiet = {
        "HOME": str(home),
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "COLUMNS": str(WIDTH),
        "NO_PROXY": "127.0.0.1",
        "ENV": "production",
    }
    return run(kept | quiet | variables, "cost")


def test_offline_it_estimates_alone(tmp_path: Path) -> None:
    """Nobody is asked: the estimate by stack, its total, the guide's beside it, what is assumed, on 100 columns."""
    done = cost(tmp_path, OFFLINE="1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("production: about ")
    assert max(len(each) for each in done.out.splitlines()) <= WIDTH
    words = done.out.split()
    assert words[words.index("Total") + 1] == words[words.index("about") + 1]
    for said in ("Services", "2 x NatGateway", "Fargate vCPU", "The guide's system", "Unconfirmed prices", "a month"):
        assert said in done.out
    assert done.out.rstrip().endswith("The bill was not asked for (OFFLINE=1): this is the estimate only.")


def test_all_shows_every_line_and_assumption(tmp_path: Path) -> None:
    done = cost(tmp_path, OFFLINE="1", ALL="1")
    assert "smaller" not in done.out
    assert "arm64, all month" in " ".join(done.out.split())
    assert "api_requests: 20,000 a day" in done.out
    assert max(len(each) for each in done.out.splitlines()) <= WIDTH


def test_all_is_readable_on_a_screen_of_100_columns(tmp_path: Path) -> None:
    """Names of resources are whole; what the lines assume stands below."""
    lines = cost(tmp_path, OFFLINE="1", ALL="1", COLUMNS="100").out.splitlines()
    for name in ("NetworkStatsTableErrorsAlarm", "ValidatorHistoryTableErrorsAlarm", "EthereumPrivateKeySecret"):
        assert [line for line in lines if line.startswith(f"  {name} ")], name
    assert max(map(len, lines)) <= 100


def test_without_credentials_it_estimates_alone(tmp_path: Path) -> None:
    done = cost(tmp_path, YES="1")
    assert done.code == 0
    assert "There are no AWS credentials here, so there is no bill: this is the estimate only." in done.out


def test_it_does_not_spend_without_a_yes(tmp_path: Path) -> None:
    """Cost Explorer takes money for each question: where nobody can agree it is not asked."""
    with CostExplorer(PAGES) as explorer:
        done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=explorer.url)
    assert done.code == 0
    assert "Cost Explorer was not asked: it takes about 0.02 dollars, and YES=1 says yes." in done.out
    assert explorer.asked == []


def test_the_bill_of_this_environment(tmp_path: Path) -> None:
    """With active tags only what is Sparta's counts, by service, every page of it, beside the estimate."""
    with CostExplorer(PAGES, tags=("Project", "Environment")) as explorer:
        done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=explorer.url, YES="1", MONTH="2026-10")
    assert (done.code, done.err) == (0, "")
    assert "The bill of 2026-10, in dollars, of what is tagged Project=sparta and Environment=production" in done.out
    first, second = explorer.questions("GetCostAndUsage")
    assert first["TimePeriod"] == {"Start": "2026-10-01", "End": "2026-11-01"}
    tags = [each["Tags"] for each in first["Filter"]["And"]]
    assert [(each["Key"], each["Values"]) for each in tags] == [
        ("Project", ["sparta"]),
        ("Environment", ["production"]),
    ]
    assert second["NextPageToken"] == "1"
    rows = [each.split() for each in done.out.splitlines()]
    assert ["Amazon", "Elastic", "Container", "Service", "74.64", "70.25", "-4.39"] in rows
    assert ["Tax", "0.00", "29.67", "+29.67"] in rows
    assert [row[2] for row in rows if row[:1] == ["Total"]][-1] == "178.02"


def test_the_bill_of_the_account_is_called_so(tmp_path: Path) -> None:
    """Without active tags the figures hold what others spend too, and the screen says so."""
    with CostExplorer(PAGES, tags=("Project",)) as explorer:
        done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=explorer.url, YES="1", MONTH="2026-10")
    assert done.code == 0
    assert "of the whole account, also what is not Sparta's" in done.out
    assert "Filter" not in explorer.questions("GetCostAndUsage")[0]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"MONTH": "October"}, "'October' is no month. Give it as MONTH=2026-10."),
        ({"MONTH": "2199-01"}, "2199-01 has not begun."),
        ({"ENV": "nowhere"}, "There is no environment 'nowhere'"),
        ({"AWS_REGION": "us-east-1"}, "production is in eu-west-2"),
    ],
)
def test_wrong_input_is_one_line(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    """Nothing is asked, nothing shown, and the exit code says that it failed."""
    done = cost(tmp_path, OFFLINE="1", **variables)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == 1


def test_a_refusal_is_explained(tmp_path: Path) -> None:
    """Without the right to see costs the estimate is there, and one line says which right is missing."""
    with CostExplorer(PAGES, refuse="AccessDeniedException") as explorer:
        done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=explorer.url, YES="1")
    assert done.code == 1
    assert "The guide's system" in done.out
    assert done.err.startswith("AWS refused ListCostAllocationTags")
    assert len(done.err.splitlines()) == 1


def test_json_holds_everything(tmp_path: Path) -> None:
    """Another program gets the same numbers, and nothing else on standard output."""
    with CostExplorer(PAGES) as explorer:
        done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=explorer.url, YES="1", JSON="1", MONTH="2026-10")
    told = json.loads(done.out)
    assert told["estimate"]["monthly"] == pytest.approx(sum(each["monthly"] for each in told["estimate"]["lines"]))
    assert told["bill"]["total"] == pytest.approx(178.02)
    assert told["guide"]["monthly"] > 0
    assert told["currency"] == "USD"


def test_a_closed_network_is_one_line(tmp_path: Path) -> None:
    """The estimate needs no network and is there; one line says that AWS was out of reach."""
    with CostExplorer(PAGES) as explorer:
        gone = explorer.url
    done = cost(tmp_path, **KEYS, AWS_ENDPOINT_URL=gone, YES="1")
    assert done.code == 1
    assert "The guide's system" in done.out
    assert done.err.startswith("AWS could not be reached")
    assert len(done.err.splitlines()) == 1
