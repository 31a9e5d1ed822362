"""The page of the runs: what an operator must see of them, and that it is next to the
publications.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.store.store import Store
from flows.monitoring import run_record
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly import supervise
from flows.nightly.run_options import RunOptions
from reports import site
from reports.pages import run_history

FULL = "the disk of the store s is full (0 bytes are free) - make room (docs/runbook/disk-full.md)"


def run(
    days_ago: int,
    state: str = "published",
    reason: str = "the audits of the figures passed",
    **result,
) -> dict:
    """A night as `recording.runs` tells it."""
    steps = [("take in", 12.34, 10 * 2**20), ("a step of tomorrow", 250.0, 900 * 2**20)][
        : 1 if state == "failed" else 2
    ]
    return {
        "started": datetime(2026, 11, 24, 18, 0, tzinfo=UTC) - timedelta(days=days_ago),
        "state": state,
        "reason": reason,
        "seconds": 7383.0 if days_ago else 99.96,
        "rows_read": 1234567,
        "bytes_read": 2**21,
        "peak_memory_bytes": 900 * 2**20,
        "problems": int(state == "failed"),
        "rules_failed": 1,
        "steps": [
            {"step": step, "seconds": seconds, "rows": 0, "bytes": 0, "peak_memory_bytes": peak}
            for step, seconds, peak in steps
        ],
        "findings": [
            {"kind": "rule", "said": "claims 2026-11-24 <reported_at>", "rows": 7},
            {"kind": "note", "said": "no extract of callbacks has been delivered", "rows": None},
        ],
    } | result


RUNS = [run(0), run(1, "failed", FULL), run(2, "held", "audit x: 3 rows")]


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("page") / "history.html"
    site.write_history(run_history.page(RUNS, "Asia/Shanghai"), file)
    assert [path.name for path in file.parent.iterdir()] == ["history.html"]
    return file.read_text(encoding="utf-8")


def test_each_night_has_its_outcome_time_rows_memory_and_reason_in_both_languages(page):
    grid = run_history.runs_table(RUNS, run_history.ZoneInfo("Asia/Shanghai"))
    cells = [
        [cell.text.en if hasattr(cell.text, "en") else cell.text for cell in row]
        for row in grid.rows
    ]
    assert cells[0] == [
        "2026-11-25 02:00",
        "published",
        "100.0 s",
        "1,234,567",
        "2.0 MiB",
        "900 MiB",
        "0",
        "1",
        "the audits of the figures passed",
    ]
    assert [row[1:3] for row in cells[1:]] == [
        ["failed", "2 h 03 min"],
        ["held", "2 h 03 min"],
    ] and FULL in page
    for both in ("已发布", "published", "内存峰值", "Peak memory"):
        assert both in page


def test_each_step_has_its_time_and_peak_and_one_that_did_not_run_has_none(page):
    grid = run_history.steps_table(RUNS, run_history.ZoneInfo("UTC"))
    heads = [head.words.en for head in grid.heads]
    first, failed, _ = (
        {head: (cell.text, cell.under) for head, cell in zip(heads, row, strict=True)}
        for row in grid.rows
    )
    assert first["Take in"] == ("12.3 s", "10 MiB") and first["a step of tomorrow"] == (
        "4 min 10 s",
        "900 MiB",
    )
    assert first["Render"] == failed["a step of tomorrow"] == ("–", None)


def test_a_finding_that_repeats_every_night_is_listed_once(page):
    seen = [
        row[2].text for row in run_history.findings_table(RUNS, run_history.ZoneInfo("UTC")).rows
    ]
    assert seen == [
        "claims 2026-11-24 <reported_at>",
        "no extract of callbacks has been delivered",
        *["claims 2026-11-24 <reported_at>"] * 2,
    ]
    assert "&lt;reported_at&gt;" in page and "<reported_at>" not in page


def test_the_chart_has_a_bar_for_each_night_as_tall_as_it_took_the_latest_to_the_right(page):
    bars = re.findall(
        r'<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', page
    )
    assert [state for state, *_ in bars] == ["held", "failed", "published"]
    heights = [float(tall) for *_, tall in bars]
    assert heights[0] == heights[1] and heights[2] / heights[0] == pytest.approx(
        99.96 / 7383, abs=0.01
    )
    assert (
        "2026-11-23 to 2026-11-25: 3 runs lasting 100.0 s to 2 h 03 min, the latest 100.0 s; not published: 2."
        in page
    )


def test_a_store_without_a_run_says_so(tmp_path):
    site.write_history(run_history.page([], "UTC"), tmp_path / "page.html")
    assert "No run is on record." in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_every_run_renews_the_page_whatever_its_outcome(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")

    def ended(_) -> RunOutcome:
        with run_record.recording() as record:
            run_record.save_run(store, record, outcome := RunOutcome("failed", FULL))
        return outcome

    monkeypatch.setattr("flows.nightly.flow.run_nightly", ended)
    monkeypatch.setattr(supervise, "record_end", lambda *_: [])
    supervise.run_supervised(RunOptions(landing=Path(tmp_path), store=store.root))
    assert FULL in store.history.page.read_text(encoding="utf-8") and not store.published.exists()
