"""What a run found, next to the run on Prefect's own pages.

That is the digest, what arrived, which checks failed, what that could change, and where the report
is.
"""

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from flows.prefect_adapter.flow_runs import is_in_flow

LOG = logging.getLogger("servicekpi")


def read_digest(folder: Path) -> list[str]:
    """Return a rendered publication in at most 15 lines."""
    return (folder / "exports" / "digest.txt").read_text(encoding="utf-8").splitlines()


def save_artifacts(folder: Path, tables: dict[str, pa.Table], digest: list[str]) -> None:
    """Save artifacts with the flow run that calls this; outside of one there is nowhere to.

    Without `digest` nothing was rendered, and there is no report to link to. An artifact that
    cannot be saved fails no run: the publication has the same.
    """
    if not is_in_flow():
        return
    try:
        _save_tables(tables)
        if digest:
            _save_digest(folder, digest)
    except Exception as error:  # whatever a server answers
        LOG.warning("the artifacts of the run could not be saved: %s", type(error).__name__)


def _save_tables(tables: dict[str, pa.Table]) -> None:
    from prefect.artifacts import create_table_artifact

    tables_by_key = {
        "arrivals": tables["quality_arrival"],
        "failed-checks": tables["quality_rule_result"].filter(~pc.field("success")),
        "effects": tables["quality_effect"],
    }
    for key, table in tables_by_key.items():
        if table.num_rows:
            create_table_artifact(key=key, table=to_json_rows(table))


def _save_digest(folder: Path, digest: list[str]) -> None:
    from prefect.artifacts import create_link_artifact, create_markdown_artifact

    create_markdown_artifact(
        key="digest",
        markdown="\n".join(quote_markdown(line) for line in digest),
        description=quote_markdown(digest[0]),
    )
    create_link_artifact(
        key="operator-page",
        link=(folder / "report" / "operator.html").resolve().as_uri(),
        link_text="operator page",
    )


def to_json_rows(table: pa.Table) -> list[dict]:
    """Return rows that JSON can hold: days and exact numbers as text."""
    return json.loads(json.dumps(table.to_pylist(), default=str, ensure_ascii=False))


def quote_markdown(line: str) -> str:
    """Return a line as Markdown that shows it as it is, whatever names are in it."""
    return f"    {line}"
