"""What a run leaves on record: its history and its log."""

import logging
from datetime import UTC, datetime

from data.store.store import Store
from flows.monitoring import run_record
from flows.monitoring.run_outcome import RunOutcome


def test_every_run_is_remembered_with_what_it_took_and_saw_whatever_became_of_it(tmp_path):
    store = Store(tmp_path)
    for at, (state, problems) in enumerate(
        (("published", []), ("failed", ["the disk is full - make room"])), 1
    ):
        with run_record.recording() as record:
            record.started = datetime(2012, 7, at, tzinfo=UTC)
            for file, rows in (("a.csv", 3), ("b.csv", 4)):
                with record.step("take in") as step, record.reading(file):
                    step.rows += rows
            record.add_finding("rule", "claims 2012-06-30 reported_at_unreadable", 1)
            run_record.save_run(
                store,
                record,
                RunOutcome(
                    state,
                    "; ".join(problems) or "all checks passed",
                    problems=problems,
                    notes=["a note"],
                ),
            )
    failed, published = run_record.read_runs(store, 2)
    assert run_record.read_runs(store, 1) == [failed]
    assert (failed["state"], failed["problems"], published["state"], published["rules_failed"]) == (
        "failed",
        1,
        "published",
        1,
    )
    assert [(step["step"], step["rows"]) for step in failed["steps"]] == [
        ("take in", 7)
    ] and failed["rows_read"] == 7
    assert {(finding["kind"], finding["rows"]) for finding in failed["findings"]} == {
        ("rule", 1),
        ("note", None),
        ("problem", None),
    }
    assert (
        failed["peak_memory_bytes"] > 1e6
        and "failed: the disk is full" in run_record.run_lines([failed])[0]
    )


def test_what_a_killed_run_left_half_written_is_no_row_and_goes(tmp_path):
    store, record = Store(tmp_path), run_record.RunRecord()
    run_record.save_run(store, record, RunOutcome("published", "all checks passed"))
    (half := store.history.root / "quality_run" / ".killed").write_bytes(b"PAR1")
    assert [row["run_id"] for row in run_record.read_runs(store, 9)] == [record.run_id]
    store.clear()
    assert not half.exists() and len(run_record.read_runs(store, 9)) == 1


def test_what_a_step_takes_is_its_own_peak_not_that_of_the_steps_before():
    record = run_record.RunRecord()
    with record.step("large") as large:
        memory = bytearray(200_000_000)
    del memory
    with record.step("small") as small:
        pass
    assert (
        large.peak_memory_bytes - small.peak_memory_bytes > 100_000_000
        and record.peak_memory_bytes == large.peak_memory_bytes
    )


def test_a_line_of_the_log_has_the_run_and_the_file(caplog):
    caplog.set_level(logging.INFO, "servicekpi")
    with run_record.recording() as record, record.reading("claims.csv"):
        logging.getLogger("servicekpi").info("4 rows")
        logging.getLogger("elsewhere").warning("not ours")
    logging.getLogger("servicekpi").info("outside")
    ours, other, outside = caplog.records
    assert (ours.run_id, ours.file) == (record.run_id, "claims.csv") and (
        outside.run_id,
        outside.file,
    ) == (None, None)
    assert not hasattr(other, "run_id")
