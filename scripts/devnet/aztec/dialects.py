"""How Aztec nodes of different versions speak, as recorded from them (see ``data/README.md``)."""

from dataclasses import dataclass

MIB = 1024 * 1024
# From 4.x on the duties of a proposer have other names.
CHECKPOINT_WORDS = {
    "block-mined": "checkpoint-mined",
    "block-proposed": "checkpoint-proposed",
    "block-missed": "blocks-missed",
}


@dataclass(frozen=True)
class Dialect:
    """``answers_version``: a request without ``jsonrpc`` is answered with "2.0" all the same."""

    name: str
    node_version: str
    namespace: str = "node_"
    tips_method: str = "getL2Tips"
    checkpoints: bool = False
    archive_path: bool = True
    validator_stats: bool = True
    totals: bool = True
    answers_version: bool = True
    gzip: bool = False
    batch_limit: int | None = 100
    body_limit: int = 50 * MIB

    def slot(self, number: int) -> int | str:
        return number if self.checkpoints else str(number)

    def word(self, status: str) -> str:
        return CHECKPOINT_WORDS.get(status, status) if self.checkpoints else status


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect("0.87", "0.87.9", validator_stats=False, totals=False, answers_version=False, batch_limit=None),
        Dialect("1.2", "1.2.1", validator_stats=False, totals=False, answers_version=False),
        Dialect("2.0", "2.0.3"),
        Dialect("4.1", "4.1.2", checkpoints=True, archive_path=False, gzip=True, body_limit=MIB),
        # The names that the project has announced for 5.x: AztecProtocol/aztec-packages#22934 and #23909.
        Dialect(
            "5.0",
            "5.0.0",
            namespace="aztec_",
            tips_method="getChainTips",
            checkpoints=True,
            archive_path=False,
            gzip=True,
            body_limit=MIB,
        ),
    )
}
