"""What is played, scene by scene, in this order: each begins where the one before has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.operations.recording.stage import Fold, Stage, Step, stage
from tests.operations.terminal import When

Scene = Callable[[Stage], None]
SCENES: dict[str, Scene] = {}

# Of the bot in the parameter file, and of everybody's test network: well known to be nobody's.
BOT_TOKEN = "MTMyOTA3OTM1Njc4NTY4ODYxNg.GpLnTd.planted-secret-token-value-0123456789"
PRIVATE_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
TABLE = "sparta-operators-development"
OPERATOR = {"pk": {"S": "operator#7"}, "kind": {"S": "operator"}, "name": {"S": "leonidas"}}
READ = f"""\
aws dynamodb get-item --table-name {TABLE} --key '{{"pk":{{"S":"operator#7"}}}}' --query Item.name.S --output text"""
FILLED_IN = Fold("ImageUri:", until="Uploaded |╭|Of an earlier ")
OUTPUTS = Fold("  ApiUrl ", until="Not good yet|What was|      what")
OPENED = Fold("Traffic opened: ", until="root")
LEFT_OPEN = Fold(r"  \* Services/ApiTask, Services/BotTask: ", until="The change set ")


def played(folder: Path, told: Callable[[str], object] = lambda _: None) -> Mapping[str, Sequence[Step]]:
    """Every scene, by its heading: what was said, edited, typed and seen. ``told`` hears which begins."""
    done: dict[str, Sequence[Step]] = {}
    with stage(folder) as where:
        for title, scene in SCENES.items():
            told(title)
            scene(where)
            done[title], where.did = where.did, []
    return done


def scene(title: str) -> Callable[[Scene], Scene]:
    """The next scene, and its heading on the page."""

    def add(function: Scene) -> Scene:
        SCENES[title] = function
        return function

    return add


def yes(question: str, do: Callable[[], object] | None = None) -> When:
    return When(f"{question} [y/N]: ", type="y", do=do)


def go(stage: Stage) -> When:
    """Yes to the execution, of a system that is alive."""
    return yes("Execute it on development?", do=stage.ground.bring_to_life)


@scene("Before everything else")
def bootstrap(stage: Stage) -> None:
    stage.say(
        "An empty account gets what every deployment stands on: the bucket for templates and records, the repository "
        "of images, the secrets, the roles. What would be made is shown, and made when somebody agrees."
    )
    stage.type("make bootstrap ENV=development", yes("Shall sparta-bootstrap-development be created so?"))
    stage.say("The two secrets that only a person knows are typed. The prompt shows nothing of them.")
    hidden = "(not shown): "
    stage.type(
        "make secret ENV=development NAME=bot-token",
        When(hidden, type=BOT_TOKEN),
        yes("Set the Discord bot token of development?"),
    )
    stage.type(
        "make secret ENV=development NAME=ethereum-private-key",
        When(hidden, type=PRIVATE_KEY),
        When("of development? [y/N]: ", type="y"),
    )


@scene("The first deployment")
def first_deployment(stage: Stage) -> None:
    stage.say(
        "The image was built and pushed, and is named by its digest. The change set shows all that would be created, "
        "what it opens, and what it costs a month; nothing is executed yet."
    )
    image = stage.ground.push_image("first")
    stage.type(f"make changeset ENV=development IMAGE={image}")
    assert not stage.exists
    stage.say(
        "Whoever has read that executes it. The tree of stacks moves while CloudFormation works. In the end everything "
        "is looked at, for as long as the first tasks need to start."
    )
    stage.type(
        "make deploy ENV=development",
        yes("Execute it on development?"),
        When("Not good yet", do=stage.ground.bring_to_life),
    )
    assert stage.ground.status == "CREATE_COMPLETE"


@scene("A change of one number")
def one_number(stage: Stage) -> None:
    stage.say("The API may run two tasks instead of one. It is a number in the environment's parameter file.")
    number = '{"ParameterKey": "ApiMaxCount", "ParameterValue": "%s"}'
    stage.edit("templates/environments/development.json", number % 1, number % 2)
    stage.say(
        "The review names that one property, from what to what. A change set of CloudFormation is less sure of itself "
        "where stacks take values of each other; what it leaves open is told apart."
    )
    stage.type("make changeset ENV=development", folds=[FILLED_IN])
    stage.type("make deploy ENV=development", go(stage), folds=[OUTPUTS])
    assert stage.ground.parameters["ApiMaxCount"] == "2"


@scene("A release of another image")
def release(stage: Stage) -> None:
    stage.say(
        "A new image was pushed. Templates and parameters stay as they are deployed: one command reviews, asks, "
        "executes and verifies."
    )
    image = stage.ground.push_image("second")
    stage.type(f"make release ENV=development IMAGE={image}", go(stage), folds=[OUTPUTS])
    assert stage.ground.parameters["ImageUri"] == image


@scene("Back to what was before")
def rollback(stage: Stage) -> None:
    stage.say("The new image does not do. What stood before was recorded, templates and parameters, and is put back.")
    released = stage.ground.parameters["ImageUri"]
    stage.type("make rollback ENV=development", go(stage), folds=[LEFT_OPEN, OUTPUTS])
    assert stage.ground.parameters["ImageUri"] != released
    assert stage.ground.parameters["ApiMaxCount"] == "2"


@scene("A table that would be replaced")
def replaced_table(stage: Stage) -> None:
    stage.say("Somebody gives the table of operators a sort key, which no table can get once it exists.")
    holds = '"holds": "operators, the wallets and usernames that are taken, and their counters",\n    "key": '
    stage.edit("sparta/stores/tables.json", holds + '{"pk": "S"},', holds + '{"pk": "S", "sk": "S"},')
    stage.say("The new table would begin empty, so it is refused before there is even a change set.")
    before = stage.ground.status
    assert "Refused." in stage.type("make changeset ENV=development", fails=True, folds=[FILLED_IN])
    assert stage.ground.status == before
    stage.undo()


@scene("An update that fails")
def failed_update(stage: Stage) -> None:
    stage.say("A saved query for the logs, of a type that this AWS turns out not to offer.")
    added = 'template.add_resource(logs.QueryDefinition("SlowRequests", Name="slow", QueryString="sort duration desc"))'
    stage.edit("templates/observability.py", "    alarms.add(template)\n", f"    alarms.add(template)\n    {added}\n")
    stage.say("Nothing is wrong with the change set.")
    stage.type("make changeset ENV=development", folds=[FILLED_IN])
    stage.say(
        "CloudFormation puts everything back. The last lines say what failed first and why, what to try, and what runs "
        "now."
    )
    stage.type("make deploy ENV=development", go(stage), fails=True)
    assert stage.ground.status == "UPDATE_ROLLBACK_COMPLETE"
    stage.undo()


@scene("Taken down, its data kept")
def destroy(stage: Stage) -> None:
    stage.say(
        "The environment is not needed for a while. What goes and what stays is shown; a yes is not enough, the name "
        "of the stack has to be typed. Every table is backed up before anything is deleted. One operator is looked at "
        "beforehand, to be found again."
    )
    stage.client("dynamodb").put_item(TableName=TABLE, Item=OPERATOR)
    stage.type(READ)
    stage.type("make destroy ENV=development", When("to go on: ", type="sparta-development"))
    assert not stage.exists
    assert stage.client("dynamodb").get_item(TableName=TABLE, Key={"pk": OPERATOR["pk"]})["Item"] == OPERATOR
    assert len(stage.client("dynamodb").list_backups()["BackupSummaries"]) == 6


@scene("Deployed again, onto its data")
def redeploy(stage: Stage) -> None:
    stage.say(
        "What was kept is taken over by name, with all that is in it. Only the policies of the kept buckets have to go "
        "before, because CloudFormation makes them anew; that is asked."
    )
    image = stage.ground.records()[-1]["parameters"]["ImageUri"]
    stage.type(
        f"make changeset ENV=development IMAGE={image}",
        yes("Delete the policies of these buckets until the deployment?"),
        folds=[FILLED_IN, OPENED],
    )
    stage.type(
        "make deploy ENV=development",
        yes("Execute it on development?", do=stage.ground.beat),
        When("Not good yet", do=stage.ground.bring_to_life),
        folds=[OUTPUTS],
    )
    assert stage.ground.status == "CREATE_COMPLETE"
    stage.say("The operator is there.")
    assert stage.type(READ) == OPERATOR["name"]["S"]
