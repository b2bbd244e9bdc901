import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.review.schemas import schema
from templates import registry
from templates.rules.physical import NAMED
from tests.deployment import stacks
from tests.deployment.system import given, lay_ground
from tests.emulator.emulator import Emulator
from tests.operations.deploying import IMPOSSIBLE, WAITS, Ground, api, ended, interrupt, told
from tests.operations.throttling import throttling

OPERATORS = "sparta-operators-development"


@pytest.fixture
def ground(templates: Path, tmp_path: Path) -> Iterator[Ground]:
    """An account of its own: each of these tests changes the whole system."""
    with Emulator() as emulator, api() as url:
        yield Ground(lay_ground(emulator, templates, "development"), tmp_path, {"API_URL": url})


@pytest.fixture
def deployed(ground: Ground) -> Ground:
    """Deployed by the command, once, and alive."""
    ground.prepare()
    done = ground.command("deploy")
    assert ground.status == "CREATE_COMPLETE", done.err
    ground.bring_to_life()
    return ground


def test_a_first_deployment_goes_from_changeset_to_outputs(ground: Ground) -> None:
    """What make changeset prepared is executed, watched stack by stack, recorded, and its outputs are shown."""
    assert ground.changeset().code == 0
    done = ground.command("deploy")
    assert ground.status == "CREATE_COMPLETE"
    assert "creates sparta-development" in done.out
    assert "Services: 15 added" in done.out
    assert "ClusterName" in done.out
    assert "Services/ApiService CREATE_COMPLETE" in done.err
    assert "sparta-development CREATE_COMPLETE after" in done.err
    [record] = ground.records()
    assert record["url"].startswith("https://s3.")
    assert record["parameters"]["ApiMaxCount"] == "1"
    assert {"", "Data", "Services"} <= set(record["seconds"])


def test_a_deployment_ends_with_the_verification(ground: Ground) -> None:
    """Its exit code says whether the system works, not only whether CloudFormation is content."""
    ground.prepare()
    assert ground.command("deploy").code == 1
    ground.bring_to_life()
    ground.prepare(ApiMaxCount="3")
    done = ground.command("deploy")
    assert done.code == 0, done.out + done.err
    assert "development works." in done.out


def test_a_change_of_one_number_changes_that_alone(deployed: Ground) -> None:
    """The one resource is named before it is asked for, and earlier runs tell how long it takes."""
    deployed.prepare(ApiMaxCount="3")
    assert deployed.command("deploy").code == 0
    deployed.prepare(ApiMaxCount="4")
    done = deployed.command("deploy")
    assert done.code == 0
    assert re.search(r"Services: ApiCpuScaling\b.* changed", done.out)
    assert "Earlier runs took about" in done.out
    assert deployed.parameters["ApiMaxCount"] == "4"


def test_nothing_is_executed_without_consent(deployed: Ground) -> None:
    """Where nobody can be asked and nobody has said yes, the change set stays as it is."""
    made = deployed.prepare(ApiMaxCount="3")
    done = deployed.command("deploy", YES="")
    assert done.code == 1
    assert "Nothing was changed" in done.err
    described = deployed.client("cloudformation").describe_change_set(ChangeSetName=made.arn)
    assert described["ExecutionStatus"] == "AVAILABLE"


def test_what_is_not_the_prepared_change_set_is_refused(deployed: Ground) -> None:
    """Executed, deleted or no longer the newest: one line says which, and nothing changes."""
    done = deployed.command("deploy")
    assert (done.code, "was executed already" in done.err) == (1, True)
    gone = deployed.prepare(ApiMaxCount="3")
    deployed.client("cloudformation").delete_change_set(ChangeSetName=gone.arn)
    done = deployed.command("deploy")
    assert (done.code, "does not exist any more" in done.err) == (1, True)
    deployed.prepare(ApiMaxCount="3")
    deployed.system.review(ApiMaxCount="5")
    done = deployed.command("deploy")
    assert (done.code, "is not the newest" in done.err) == (1, True)
    assert deployed.parameters["ApiMaxCount"] == "1"
    assert len(deployed.records()) == 1


def test_nothing_prepared_is_one_clear_line(ground: Ground) -> None:
    """It names the command that prepares."""
    done = ground.command("deploy")
    assert done.code == 1
    assert done.err.strip() == (
        "Nothing is prepared for development. Make and review a change set first: make changeset ENV=development"
    )


def test_the_example_of_an_image_is_not_deployed(ground: Ground) -> None:
    """No task could start from it."""
    ground.prepare(ImageUri=given("development")["ImageUri"])
    done = ground.command("deploy")
    assert done.code == 1
    assert "ImageUri is still the example of the parameter file" in done.err
    assert ground.status == "REVIEW_IN_PROGRESS"


def test_a_failed_update_tells_its_first_cause_and_the_state_left(deployed: Ground) -> None:
    """The resource that failed with AWS's reason, what to try, and that the previous version runs."""
    deployed.prepare(url=deployed.templates_with("network", Planted=IMPOSSIBLE), ApiMaxCount="3")
    done = deployed.command("deploy")
    assert done.code == 1
    first, *rest = [line for line in done.err.splitlines() if not line[:2].isdigit()]
    assert first.startswith("First cause: Network/Planted (AWS::Sparta::Impossible) UPDATE_FAILED: Unsupported")
    assert "does not offer this type" in rest[0]
    assert "UPDATE_ROLLBACK_COMPLETE" in rest[-1]
    assert "the previous version runs" in rest[-1]
    assert len(deployed.records()) == 1


def test_a_failed_creation_says_that_the_empty_stack_has_to_go(ground: Ground) -> None:
    """ROLLBACK_COMPLETE cannot be updated; the line says what deletes it.

    The emulator names no stack for a nested creation that failed, so its own events cannot be read as on AWS.
    """
    ground.prepare(url=ground.templates_with("network", Planted=IMPOSSIBLE))
    done = ground.command("deploy")
    assert done.code == 1
    assert "First cause: Network (AWS::CloudFormation::Stack) CREATE_FAILED: Unsupported resource type" in done.err
    assert "ROLLBACK_COMPLETE. The first creation failed" in done.err
    assert ground.records() == []


def test_ctrl_c_leaves_the_operation_alone_and_deploy_watches_it_again(deployed: Ground) -> None:
    """It says that CloudFormation goes on, how to watch on and how to cancel; the same command then ends it well."""
    deployed.prepare(url=deployed.templates_with("root", Slow=WAITS), ApiMaxCount="3")
    with deployed.started("deploy", until="Slow UPDATE_IN_PROGRESS") as process:
        code, said = interrupt(process)
    assert code == 130
    assert "CloudFormation goes on by itself" in said
    assert "make deploy ENV=development" in said
    assert "cancel-update-stack --stack-name sparta-development" in said
    assert deployed.status == "UPDATE_IN_PROGRESS"
    with deployed.started("deploy", until="Slow UPDATE_IN_PROGRESS") as process:
        deployed.signal("Slow")
        code, said = ended(process)
    assert code == 0, said
    assert deployed.status == "UPDATE_COMPLETE"
    assert [record["parameters"]["ApiMaxCount"] for record in deployed.records()] == ["1", "3"]


def test_a_deployment_whose_command_was_killed_is_recorded_by_the_next_run(deployed: Ground) -> None:
    """Nobody watched it to its end; the record that a rollback needs is made all the same."""
    deployed.prepare(url=deployed.templates_with("root", Slow=WAITS), ApiMaxCount="3")
    with deployed.started("deploy", until="Slow UPDATE_IN_PROGRESS") as process:
        process.kill()
    deployed.signal("Slow")
    deployed.wait_for("UPDATE_COMPLETE")
    done = deployed.command("deploy")
    assert done.code == 0, done.err
    assert "recording it now" in done.out
    assert [record["parameters"]["ApiMaxCount"] for record in deployed.records()] == ["1", "3"]


def test_while_an_operation_runs_nothing_else_is_begun(deployed: Ground) -> None:
    """Rollback, release and destroy refuse and name the command that watches."""
    deployed.prepare(url=deployed.templates_with("root", Slow=WAITS))
    image = deployed.push_image("v1")
    with deployed.started("deploy", until="Slow UPDATE_IN_PROGRESS") as process:
        for words in (["rollback"], ["release", "--image", image], ["destroy", "--name", "sparta-development"]):
            done = deployed.command(*words)
            assert (done.code, "make deploy ENV=development" in done.err) == (1, True), words
        deployed.signal("Slow")
        assert ended(process)[0] == 0


def test_a_destroy_backs_up_deletes_and_keeps_the_tables_with_their_data(deployed: Ground) -> None:
    """Every table is saved before, and what is kept is listed at the end."""
    dynamodb = deployed.client("dynamodb")
    put_operator(deployed)
    done = deployed.command("destroy", NAME="sparta-development")
    assert done.code == 0, done.out + done.err
    assert not stacks.exists(deployed.client("cloudformation"), "sparta-development")
    assert has_operator(deployed)
    backups = dynamodb.list_backups()["BackupSummaries"]
    assert {each["TableName"] for each in backups} == set(dynamodb.list_tables()["TableNames"])
    assert all(f"Backed up: {each['BackupName']}" in done.out for each in backups)
    assert "kept: DynamoDB::Table: sparta-alerts-development" in done.out


def test_a_destroyed_system_is_deployed_again_onto_its_kept_data(deployed: Ground) -> None:
    """By the same two commands as ever: shown as taken over, item and object still there, and nothing left to tell.

    Afterwards it is a system like any other: an update reaches the table, and it can be destroyed again.
    """
    put_operator(deployed)
    bucket, s3 = "sparta-backups-development-000000000000", deployed.client("s3")
    s3.put_object(Bucket=bucket, Key="exports/old", Body=b"old")
    assert deployed.command("destroy", NAME="sparta-development").code == 0
    done = deployed.changeset()
    assert done.code == 0, done.err
    assert "taken over" in done.out
    assert "= OperatorsTable  DynamoDB Table" in done.out
    done = deployed.command("deploy")
    assert deployed.status == "CREATE_COMPLETE", done.err
    assert "Data: 8 taken over, 6 added" in done.out
    assert "The vault keeps the key of before" in done.out
    assert has_operator(deployed)
    assert s3.get_object(Bucket=bucket, Key="exports/old")["Body"].read() == b"old"
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
    done = deployed.changeset()
    assert "Nothing would change" in done.out, done.out + done.err
    assert deployed.command("destroy", NAME="sparta-development").code == 0
    assert has_operator(deployed)


def put_operator(ground: Ground) -> None:
    ground.client("dynamodb").put_item(TableName=OPERATORS, Item={"pk": {"S": "kept"}})


def has_operator(ground: Ground) -> bool:
    return "Item" in ground.client("dynamodb").get_item(TableName=OPERATORS, Key={"pk": {"S": "kept"}})


def test_what_is_kept_under_a_name_can_be_taken_over_by_it() -> None:
    """CloudFormation imports by names that people give; what only AWS can name would be in a creation's way."""
    for stack, tree in registry.build().items():
        for name, resource in tree["Resources"].items() if stack != "bootstrap" else ():
            if resource.get("DeletionPolicy", "Delete") != "Delete" and resource["Type"] in NAMED:
                (place,) = schema(resource["Type"]).identity
                assert place[0] in resource["Properties"], f"{stack}/{name}"


def test_destroy_shows_what_goes_and_what_stays_and_wants_the_name_typed(deployed: Ground) -> None:
    """A yes is not enough; before the name is there, nothing is backed up or deleted."""
    for name in ("", "sparta-production"):
        done = deployed.command("destroy", NAME=name)
        assert done.code == 1
        assert "Nothing was changed" in done.err
    assert "DynamoDB::Table: sparta-alerts-development" in done.out
    assert "$0.30 a GB-month" in done.out
    assert "Vpc" in done.out
    assert deployed.status == "CREATE_COMPLETE"
    assert deployed.client("dynamodb").list_backups()["BackupSummaries"] == []


def test_destroy_switches_the_load_balancers_protection_off_with_consent(deployed: Ground) -> None:
    """It is explained and asked for; without consent nothing is deleted."""
    balancer = deployed.system.resources()["Services/LoadBalancer"]
    deployed.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    done = deployed.command("destroy", NAME="sparta-development", YES="")
    assert (done.code, "Switch its protection off?" in done.err) == (1, True)
    assert deployed.status == "CREATE_COMPLETE"
    done = deployed.command("destroy", NAME="sparta-development")
    assert done.code == 0, done.err
    assert "The load balancer's protection is off" in done.out


def test_a_deployment_survives_that_aws_wants_to_be_asked_less_often(deployed: Ground) -> None:
    """The watching becomes slower and goes on; more often refused than the client tries by itself."""
    deployed.prepare(url=deployed.templates_with("root", Slow=WAITS))
    with throttling(deployed.system.emulator.url, "DescribeStacks") as standin:
        deployed.variables["AWS_ENDPOINT_URL"] = standin.url
        with deployed.started("deploy", until="Slow UPDATE_IN_PROGRESS") as process:
            standin.times = 5
            assert "The operation goes on meanwhile" in told(process, until="less often")
            deployed.signal("Slow")
            code, said = ended(process)
    assert code == 0, said
