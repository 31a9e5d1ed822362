"""OpenLineage events of a run, to a file or a catalogue's address: what went in and what came out
(openlineage.io, object model).

Only where `operations.toml` asks for them; a catalogue that does not answer is a warning in the
log, never the end of a run.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path

from data.config.operations import Operations
from data.store.store import Store
from data.store.table_files import list_tables, table_path
from flows.monitoring.notify import read_secret
from flows.monitoring.run_record import RunRecord

LOG = logging.getLogger("servicekpi")
PRODUCER = "servicekpi"
JOB = "servicekpi.nightly"
PATIENCE = 5  # seconds for a catalogue to answer
ENDED = {"published": "COMPLETE", "held": "COMPLETE", "failed": "FAIL"}


def emit_start(settings: Operations, store: Store, record: RunRecord) -> None:
    """Tell that a run has begun."""
    _tell(settings, store, record, "START", record.started)


def emit_end(settings: Operations, store: Store, record: RunRecord, outcome) -> None:
    """Tell how a run ended (`nightly.Outcome`): the files that its figures are of, and the
    publication.
    """
    _tell(settings, store, record, ENDED[outcome.state], datetime.now(UTC), outcome)


def _tell(
    settings: Operations,
    store: Store,
    record: RunRecord,
    state: str,
    moment: datetime,
    outcome=None,
) -> None:
    to = settings.lineage.to
    if not to:
        return
    try:
        from openlineage.client.event_v2 import (
            Job,
            Run,
            RunEvent,
            RunState,
        )  # not for runs that tell nobody
        from openlineage.client.facet_v2 import error_message_run

        failed = (
            {
                "errorMessage": error_message_run.ErrorMessageRunFacet(
                    outcome.reason, "Python", producer=PRODUCER
                )
            }
            if state == "FAIL"
            else {}
        )
        inputs, outputs = _datasets(store, outcome) if outcome else ([], [])
        event = RunEvent(
            eventTime=moment.isoformat(),
            producer=PRODUCER,
            eventType=RunState[state],
            run=Run(record.run_id, failed),
            job=Job(store.root.resolve().as_posix(), JOB),
            inputs=inputs,
            outputs=outputs,
        )
        _transport(to, settings.lineage.key).emit(event)
    except Exception as error:  # whatever a network or a catalogue comes up with
        LOG.warning("the lineage of the run could not be told: %s", type(error).__name__)


def _datasets(store: Store, outcome) -> tuple[list, list]:
    from openlineage.client.event_v2 import InputDataset, OutputDataset
    from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as metrics

    namespace = "file"
    inputs = [
        InputDataset(
            namespace,
            f"{row['extract']}/{row['extract_date']}/{row['file_name']}",
            {
                "dataQualityMetrics": metrics.DataQualityMetricsInputDatasetFacet(
                    {}, rowCount=row["rows_read"], producer=PRODUCER
                )
            },
        )
        for row in outcome.files
    ]
    folder = (
        store.publication(outcome.publication_id) / "tables" if outcome.publication_id else None
    )
    tables = [table_path(folder, name) for name in list_tables(folder)] if folder else []
    return inputs, [OutputDataset(namespace, path.resolve().as_posix()) for path in tables]


def _transport(to: str, key: str):
    """Where events go. The client would otherwise look for settings of its own in files and
    variables.
    """
    if not to.startswith(("http://", "https://")):
        from openlineage.client.transport.file import FileConfig, FileTransport

        Path(to).parent.mkdir(parents=True, exist_ok=True)
        return FileTransport(FileConfig(log_file_path=to, append=True))
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport

    auth = {"auth": ApiKeyTokenProvider({"apiKey": read_secret(key)})} if key else {}
    return HttpTransport(HttpConfig(url=to, timeout=PATIENCE, retry={"total": 1}, **auth))
