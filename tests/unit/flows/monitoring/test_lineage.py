"""What a run reports to a catalogue of lineage."""

import json
from datetime import date
from pathlib import Path

import pytest

from data.config.operations import Lineage, Operations
from data.store.store import Store
from flows.monitoring import lineage, run_record
from flows.monitoring.run_outcome import RunOutcome

FILE = {
    "extract": "claims",
    "extract_date": date(2012, 6, 30),
    "file_name": "claims_20120630.csv",
    "rows_read": 4,
}


@pytest.mark.parametrize(
    ("state", "event"), [("published", "COMPLETE"), ("held", "COMPLETE"), ("failed", "FAIL")]
)
def test_lineage_is_written_to_a_file(state, event, tmp_path):
    store, to = Store(tmp_path / "store"), tmp_path / "events" / "lineage.jsonl"
    (store.publication("2012-06-30-0") / "tables").mkdir(parents=True)
    (store.publication("2012-06-30-0") / "tables" / "dim_kpi.parquet").touch()
    settings, record = (
        Operations(lineage=Lineage(to=str(to))),
        run_record.RunRecord(),
    )
    lineage.emit_start(settings, store, record)
    lineage.emit_end(
        settings, store, record, RunOutcome(state, "said", "2012-06-30-0", files=[FILE])
    )
    first, last = map(json.loads, to.read_text().splitlines())
    assert (first["eventType"], last["eventType"]) == ("START", event)
    assert first["run"]["runId"] == last["run"]["runId"] == record.run_id
    assert [
        (one["name"], one["inputFacets"]["dataQualityMetrics"]["rowCount"])
        for one in last["inputs"]
    ] == [("claims/2012-06-30/claims_20120630.csv", 4)]
    assert [Path(one["name"]).name for one in last["outputs"]] == ["dim_kpi.parquet"]
    assert last["run"]["facets"].get("errorMessage", {}).get("message") == (
        "said" if state == "failed" else None
    )


def test_a_catalogue_that_does_not_answer_is_a_warning_without_its_key(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setenv("CATALOGUE", "hush")
    settings = Operations(lineage=Lineage(to="http://127.0.0.1:9/", key="env:CATALOGUE"))
    lineage.emit_start(settings, Store(tmp_path), run_record.RunRecord())
    assert [line.levelname for line in caplog.records if line.name == "servicekpi"] == [
        "WARNING"
    ] and "hush" not in caplog.text
