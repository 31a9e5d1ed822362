"""OpenLineage events of a run, to a file or a catalogue's address: what went in and what came out
(openlineage.io, object model).

Only where `operations.toml` asks for them; a catalogue that does not answer is a warning in the
log, never the end of a run. The client is imported late: most runs emit nothing.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data.config.operations import Operations
from data.store.store import Store
from data.store.table_files import list_tables, table_path
from flows.monitoring.notify import read_secret
from flows.monitoring.run_outcome import RunOutcome
from flows.monitoring.run_record import RunRecord
from flows.prefect_adapter.proxies import outward_proxies

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset, Run, RunEvent
    from openlineage.client.transport import Transport

LOG = logging.getLogger("servicekpi")
PRODUCER = "servicekpi"
JOB = "servicekpi.nightly"
NAMESPACE = "file"
TIMEOUT_SECONDS = 5  # for a catalogue to answer
EVENTS = {"published": "COMPLETE", "held": "COMPLETE", "failed": "FAIL"}


def emit_start(settings: Operations, store: Store, record: RunRecord) -> None:
    """Emit that a run has begun."""
    if settings.lineage.to:
        _emit(settings, store, record, None)


def emit_end(settings: Operations, store: Store, record: RunRecord, outcome: RunOutcome) -> None:
    """Emit how a run ended: the files that its figures are of, and the publication's tables."""
    if settings.lineage.to:
        _emit(settings, store, record, outcome)


def _emit(
    settings: Operations, store: Store, record: RunRecord, outcome: RunOutcome | None
) -> None:
    try:
        event = _describe_event(store, record, outcome)
        with outward_proxies():
            _open_transport(settings.lineage.to, settings.lineage.key).emit(event)
    except Exception as error:  # whatever a network or a catalogue comes up with
        LOG.warning("the lineage of the run could not be emitted: %s", type(error).__name__)


def _describe_event(store: Store, record: RunRecord, outcome: RunOutcome | None) -> "RunEvent":
    from openlineage.client.event_v2 import Job, RunEvent, RunState
    from openlineage.client.facet_v2 import set_producer

    set_producer(PRODUCER)  # of every facet; the client's own otherwise
    state, moment = "START", record.started
    if outcome:
        state, moment = EVENTS[outcome.state], datetime.now(UTC)
    return RunEvent(
        eventTime=moment.isoformat(),
        producer=PRODUCER,
        eventType=RunState[state],
        run=_describe_run(record.run_id, outcome),
        job=Job(store.root.resolve().as_posix(), JOB),
        inputs=_list_inputs(outcome) if outcome else [],
        outputs=_list_outputs(store, outcome) if outcome else [],
    )


def _describe_run(run_id: str, outcome: RunOutcome | None) -> "Run":
    from openlineage.client.event_v2 import Run
    from openlineage.client.facet_v2 import error_message_run

    if outcome is None or outcome.state != "failed":
        return Run(run_id)
    message = error_message_run.ErrorMessageRunFacet(outcome.reason, "Python")
    return Run(run_id, {"errorMessage": message})


def _list_inputs(outcome: RunOutcome) -> "list[InputDataset]":
    """Return the files that a run read, each with its number of rows."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as metrics

    datasets = []
    for row in outcome.files:
        name = f"{row['extract']}/{row['extract_date']}/{row['file_name']}"
        counts = metrics.DataQualityMetricsInputDatasetFacet({}, rowCount=row["rows_read"])
        datasets.append(InputDataset(NAMESPACE, name, {"dataQualityMetrics": counts}))
    return datasets


def _list_outputs(store: Store, outcome: RunOutcome) -> "list[OutputDataset]":
    """Return the tables of the publication that a run built; of none, nothing."""
    from openlineage.client.event_v2 import OutputDataset

    if outcome.publication_id is None:
        return []
    folder = store.publication(outcome.publication_id) / "tables"
    paths = [table_path(folder, name).resolve() for name in list_tables(folder)]
    return [OutputDataset(NAMESPACE, path.as_posix()) for path in paths]


def _open_transport(to: str, key: str) -> "Transport":
    """Return where events go. Left to itself, the client looks for settings of its own in files
    and variables.
    """
    if not to.startswith(("http://", "https://")):
        from openlineage.client.transport.file import FileConfig, FileTransport

        Path(to).parent.mkdir(parents=True, exist_ok=True)
        return FileTransport(FileConfig(log_file_path=to, append=True))
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport

    config = HttpConfig(url=to, timeout=TIMEOUT_SECONDS, retry={"total": 1})
    if key:
        config.auth = ApiKeyTokenProvider({"apiKey": read_secret(key)})
    return HttpTransport(config)
