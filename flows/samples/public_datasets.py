"""The same flow on real, public data: each set in a process of its own, and one table of what came
of it.
"""

import json
import logging
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.problem import Problem

LOG = logging.getLogger("servicekpi")
TIMEOUT = 1800  # seconds: far more than any set needs, so that a run that hangs ends
WIDTH = 160  # of the table where there is no terminal to ask


@dataclass(frozen=True)
class DataSet:
    """A public data set: its profile, its folder below the data sets, the files that are delivered,
    the day of the run.
    """

    profile: str
    folder: str
    files: str
    as_of: date


SETS = (
    DataSet("aus_autobi_claims", "aus_autobi_claims", "*.csv", date(1999, 3, 31)),
    DataSet("bpic2012", "bpic2012_loans_calls", "*.csv", date(2012, 3, 14)),
    DataSet("ct_insurance_complaints", "ct_insurance_complaints", "*.parquet", date(2026, 5, 1)),
    DataSet("tsa_claims", "tsa_claims", "*.xls", date(2013, 12, 31)),
    DataSet("tx_insurance_complaints", "tx_insurance_complaints", "*.parquet", date(2026, 5, 1)),
    DataSet("gp_fft_survey", "gp_fft_survey", "*.csv", date(2024, 4, 5)),
    DataSet("uwv_complaints", "uwv_complaints", "*.csv", date(2016, 2, 28)),
)


@dataclass
class DatasetAccount:
    """What a run left to tell, read from its publication."""

    state: str
    rows: list[dict] = field(default_factory=list)
    quarantined: Counter = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    available: list[str] = field(default_factory=list)
    missing: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0
    peak_memory_bytes: int = 0
    report: str = ""

    @property
    def published(self) -> bool:
        return self.state == "published"


def run_real(datasets: Path, store: Path) -> int:
    """Run every set that is there, each from an empty `store`/<profile>, and print the table. 0:
    all that ran were published.

    Raises Problem where none of the sets is there.
    """
    present = [dataset for dataset in SETS if any((datasets / dataset.folder).glob(dataset.files))]
    if not present:
        folders = ", ".join(dataset.folder for dataset in SETS)
        raise Problem(
            f"{datasets} holds none of the data sets {folders}",
            "give the folder that holds them with --datasets",
        )
    accounts = {}
    for dataset in present:
        LOG.info("running %s as of %s", dataset.profile, dataset.as_of)
        accounts[dataset.profile] = _account(dataset, datasets, store / dataset.profile)
    console = Console()
    Console(width=None if console.is_terminal else WIDTH).print(_table(accounts))
    for dataset in SETS:
        if dataset not in present:
            console.print(
                f"skipped: {dataset.profile}: {datasets / dataset.folder} holds no {dataset.files}",
                soft_wrap=True,
            )
    for name, account in accounts.items():
        console.print(f"{name}: {escape(account.report)}", soft_wrap=True, highlight=False)
    return 0 if all(account.published for account in accounts.values()) else 1


def land_dataset(dataset: DataSet, datasets: Path, landing: Path) -> Path:
    """Copy the set's files into a landing folder; the set itself is never written to."""
    landing.mkdir(parents=True, exist_ok=True)
    for path in sorted((datasets / dataset.folder).glob(dataset.files)):
        shutil.copy2(
            path, landing / path.name
        )  # with its time: a file of just now would be waited for
    return landing


def _account(dataset: DataSet, datasets: Path, store: Path) -> DatasetAccount:
    # From nothing each time: seconds and memory of a run that finds everything done would say
    # nothing about the set.
    shutil.rmtree(store, ignore_errors=True)
    landing = land_dataset(dataset, datasets, store / "landing")
    asked = [
        "--landing",
        landing,
        "--store",
        store,
        "--profile",
        dataset.profile,
        "--as-of",
        dataset.as_of,
        "--json",
    ]
    command = [sys.executable, "-m", "flows.cli.main", "run", *map(str, asked)]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT
        )
        outcome = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return DatasetAccount("failed", report=f"not done after {TIMEOUT} seconds", seconds=TIMEOUT)
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        return DatasetAccount(
            "failed",
            report=f"exit code {done.returncode}: {last}",
            seconds=time.perf_counter() - started,
        )
    seconds = time.perf_counter() - started
    if outcome["state"] == "failed":
        account = DatasetAccount("failed", report=outcome["reason"])
    else:
        account = read_account(Path(outcome["folder"]) / "tables", outcome["state"])
        account.report = (
            str(Path(outcome["folder"]) / "report" / "index.html")
            if account.published
            else outcome["reason"]
        )
    account.seconds, account.peak_memory_bytes = seconds, outcome["peak_memory_bytes"]
    return account


def read_account(tables: Path, state: str) -> DatasetAccount:
    """What a publication's tables tell of its run: rows and their fate, warnings, which KPIs came
    out and why others did not.
    """

    def rows(name: str, *columns: str) -> list[dict]:
        return pq.read_table(tables / f"{name}.parquet", columns=list(columns) or None).to_pylist()

    account = DatasetAccount(state, rows("quality_input_file"))
    for row in rows("quality_quarantine", "reasons"):
        account.quarantined.update(row["reasons"].split("; "))
    account.warnings = sorted({row["warnings"] for row in account.rows if row["warnings"]})
    account.warnings += [
        f"{row['rule_id']}: {row['rows_failed']:,} {row['extract']}"
        for row in rows("quality_rule_result", "extract", "rule_id", "severity", "rows_failed")
        if row["severity"] == "warning" and row["rows_failed"]
    ]
    # One row per KPI, state and reason is enough: the grid of all branches is large.
    values = pq.read_table(tables / "mart_kpi_value.parquet", columns=["kpi_id", "state", "reason"])
    counted = (
        values.group_by(["kpi_id", "state", "reason"]).aggregate([([], "count_all")]).to_pylist()
    )
    account.available = sorted(
        {row["kpi_id"] for row in counted if row["state"] in ("ok", "stale")}
    )
    commonest: dict[str, dict] = {}
    for row in sorted(counted, key=lambda row: (-row["count_all"], row["reason"] or "")):
        if row["kpi_id"] not in account.available:
            commonest.setdefault(row["kpi_id"], row)
    for kpi_id, row in sorted(commonest.items()):
        account.missing.setdefault(row["reason"] or row["state"], []).append(kpi_id)
    return account


def _table(accounts: dict[str, DatasetAccount]) -> Table:
    table = Table(title="Real data, the same flow", show_lines=True)
    table.add_column("", style="bold", min_width=13)
    for name in accounts:
        table.add_column(name, ratio=1)
    told = list(accounts.values())

    def line(title: str, cell) -> None:
        table.add_row(title, *(escape(cell(account)) for account in told))

    def rows(name: str):
        return lambda account: "\n".join(f"{row[name]:,} {row['extract']}" for row in account.rows)

    line("outcome", lambda account: account.state)
    line("rows read", rows("rows_read"))
    line("accepted", rows("rows_accepted"))
    line("quarantined", _quarantined)
    line("superseded", rows("rows_superseded"))
    line("skipped", rows("rows_skipped"))
    line("KPIs available", lambda account: _listed(account.available))
    line("not available", _missing)
    line("warnings", lambda account: "\n".join(account.warnings) or "none")
    line("seconds", lambda account: f"{account.seconds:.1f}")
    line("peak memory", lambda account: f"{account.peak_memory_bytes / 2**20:,.0f} MiB")
    return table


def _quarantined(account: DatasetAccount) -> str:
    rows = "\n".join(f"{row['rows_quarantined']:,} {row['extract']}" for row in account.rows)
    return "\n".join(
        [rows, *(f"- {reason}: {count:,}" for reason, count in account.quarantined.most_common())]
    )


def _missing(account: DatasetAccount) -> str:
    total = sum(map(len, account.missing.values()))
    return "\n".join(
        [
            str(total),
            *(f"- {reason}: {', '.join(kpis)}" for reason, kpis in account.missing.items()),
        ]
    )


def _listed(kpis: list[str]) -> str:
    return "\n".join([str(len(kpis)), *(f"- {kpi}" for kpi in kpis)])
