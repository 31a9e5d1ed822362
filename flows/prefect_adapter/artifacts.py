"""What a run found, beside the run in Prefect's own pages: the digest, what arrived, which checks
failed, what that could change, and where the report is.
"""

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

LOG = logging.getLogger("servicekpi")


def read_digest(folder: Path) -> list[str]:
    """A rendered publication in at most 15 lines."""
    return (folder / "exports" / "digest.txt").read_text(encoding="utf-8").splitlines()


def save_artifacts(folder: Path, tables: dict[str, pa.Table], digest: list[str]) -> None:
    """Leave artifacts on the flow run that calls this; without `digest` nothing was rendered, and
    there is no report to lead to.

    What cannot be left fails no run: the same is in the publication.
    """
    failed = tables["quality_rule_result"].filter(
        pc.invert(tables["quality_rule_result"]["success"])
    )
    shown = {
        "arrivals": tables["quality_arrival"],
        "failed-checks": failed,
        "effects": tables["quality_effect"],
    }
    try:
        for key, table in shown.items():
            if table.num_rows:
                create_table_artifact(key=key, table=plain_table(table))
        if digest:
            create_markdown_artifact(
                key="digest",
                markdown="\n".join(map(quote_markdown, digest)),
                description=quote_markdown(digest[0]),
            )
            create_link_artifact(
                key="operator-page",
                link=(folder / "report" / "operator.html").resolve().as_uri(),
                link_text="operator page",
            )
    except Exception as error:  # whatever a server of theirs answers
        LOG.warning("the artifacts of the run could not be left: %s", type(error).__name__)


def plain_table(table: pa.Table) -> list[dict]:
    """Rows that JSON can hold: days and exact numbers as text."""
    return json.loads(json.dumps(table.to_pylist(), default=str, ensure_ascii=False))


def quote_markdown(line: str) -> str:
    """A line as Markdown that shows it as it is, whatever names are in it."""
    return f"    {line}"
