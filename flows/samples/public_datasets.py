"""The same flow on real, public data.

Each set is run in a process of its own; one table shows what came of all of them.
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

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.problem import Problem
from data.store.table_files import read_table

LOG = logging.getLogger("servicekpi")
TIMEOUT_SECONDS = 1800  # far more than any set needs, so that a run that hangs ends
TABLE_WIDTH = 160  # columns, where there is no terminal to ask


@dataclass(frozen=True)
class DataSet:
    """A public data set.

    It has a profile, a folder below the data sets, the files that are delivered, and the day of the
    run.
    """

    profile: str
    folder: str
    files: str
    as_of: date


AUS_AUTOBI_CLAIMS = DataSet("aus_autobi_claims", "aus_autobi_claims", "*.csv", date(1999, 3, 31))
BPIC2012 = DataSet("bpic2012", "bpic2012_loans_calls", "*.csv", date(2012, 3, 14))
CT_INSURANCE_COMPLAINTS = DataSet(
    "ct_insurance_complaints", "ct_insurance_complaints", "*.parquet", date(2026, 5, 1)
)
TSA_CLAIMS = DataSet("tsa_claims", "tsa_claims", "*.xls", date(2013, 12, 31))
TX_INSURANCE_COMPLAINTS = DataSet(
    "tx_insurance_complaints", "tx_insurance_complaints", "*.parquet", date(2026, 5, 1)
)
GP_FFT_SURVEY = DataSet("gp_fft_survey", "gp_fft_survey", "*.csv", date(2024, 4, 5))
UWV_COMPLAINTS = DataSet("uwv_complaints", "uwv_complaints", "*.csv", date(2016, 2, 28))
SETS = (
    AUS_AUTOBI_CLAIMS,
    BPIC2012,
    CT_INSURANCE_COMPLAINTS,
    TSA_CLAIMS,
    TX_INSURANCE_COMPLAINTS,
    GP_FFT_SURVEY,
    UWV_COMPLAINTS,
)


@dataclass
class DatasetAccount:
    """What came of a run, read from its publication."""

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
    def is_published(self) -> bool:
        """Return whether readers see what the run made."""
        return self.state == "published"


def run_real(datasets: Path, store: Path) -> int:
    """Run every set that is there, each from an empty `store`/<profile>, and print the table.

    Returns the exit code: 0 where all that ran were published, else 1. Raises Problem where none of
    the sets is there.
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
        accounts[dataset.profile] = _run_dataset(dataset, datasets, store / dataset.profile)
    _print_accounts(accounts)
    console = Console()
    for dataset in SETS:
        if dataset not in present:
            folder = datasets / dataset.folder
            line = f"skipped: {dataset.profile}: {folder} holds no {dataset.files}"
            console.print(line, soft_wrap=True)
    for name, account in accounts.items():
        console.print(f"{name}: {escape(account.report)}", soft_wrap=True, highlight=False)
    return 0 if all(account.is_published for account in accounts.values()) else 1


def land_dataset(dataset: DataSet, datasets: Path, landing: Path) -> Path:
    """Copy the set's files into a landing folder; the set itself is never written to."""
    landing.mkdir(parents=True, exist_ok=True)
    for path in sorted((datasets / dataset.folder).glob(dataset.files)):
        # With its time: a run would wait for a file that seems to be just arriving.
        shutil.copy2(path, landing / path.name)
    return landing


def _run_dataset(dataset: DataSet, datasets: Path, store: Path) -> DatasetAccount:
    # From nothing each time: seconds and memory of a run that finds everything done would say
    # nothing about the set.
    shutil.rmtree(store, ignore_errors=True)
    landing = land_dataset(dataset, datasets, store / "landing")
    command = [sys.executable, "-m", "flows.cli.main", "run", "--json"]
    command += ["--landing", str(landing), "--store", str(store)]
    command += ["--profile", dataset.profile, "--as-of", str(dataset.as_of)]
    started = time.perf_counter()
    try:
        process = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        report = f"not done after {TIMEOUT_SECONDS} seconds"
        return DatasetAccount("failed", report=report, seconds=TIMEOUT_SECONDS)
    seconds = time.perf_counter() - started
    try:
        outcome = json.loads(process.stdout.splitlines()[-1])
    except (IndexError, ValueError):  # it ended without an outcome
        error_lines = process.stderr.strip().splitlines() or ["nothing was printed"]
        report = f"exit code {process.returncode}: {error_lines[-1]}"
        return DatasetAccount("failed", report=report, seconds=seconds)
    account = _read_outcome(outcome)
    account.seconds = seconds
    account.peak_memory_bytes = outcome["peak_memory_bytes"]
    return account


def _read_outcome(outcome: dict) -> DatasetAccount:
    """Return the account of a run from what it printed."""
    if outcome["state"] == "failed":
        return DatasetAccount("failed", report=outcome["reason"])
    folder = Path(outcome["folder"])
    account = read_account(folder / "tables", outcome["state"])
    account.report = outcome["reason"]
    if account.is_published:
        account.report = str(folder / "report" / "index.html")
    return account


def read_account(tables: Path, state: str) -> DatasetAccount:
    """Return what a publication's tables say of its run.

    That is its rows and what became of them, its warnings, which KPIs came out and why others did
    not.
    """
    account = DatasetAccount(state, _read_rows(tables, "quality_input_file"))
    for row in _read_rows(tables, "quality_quarantine"):
        account.quarantined.update(row["reasons"].split("; "))
    account.warnings = sorted({row["warnings"] for row in account.rows if row["warnings"]})
    for row in _read_rows(tables, "quality_rule_result"):
        if row["severity"] == "warning" and row["rows_failed"]:
            account.warnings.append(f"{row['rule_id']}: {row['rows_failed']:,} {row['extract']}")

    # One row per KPI, state and reason is enough: the table has all branches and periods.
    values = read_table(tables, "mart_kpi_value", columns=["kpi_id", "state", "reason"])
    counts = values.group_by(["kpi_id", "state", "reason"]).aggregate([([], "count_all")])
    rows = counts.to_pylist()
    rows.sort(key=lambda row: (-row["count_all"], row["reason"] or ""))
    available = {row["kpi_id"] for row in rows if row["state"] in ("ok", "stale")}
    account.available = sorted(available)
    account.missing = _missing_kpis([row for row in rows if row["kpi_id"] not in available])
    return account


def _read_rows(tables: Path, name: str) -> list[dict]:
    return read_table(tables, name).to_pylist()


def _missing_kpis(rows: list[dict]) -> dict[str, list[str]]:
    """Return the KPIs that did not come out, by why.

    `rows` have each KPI's commonest reason first.
    """
    reasons: dict[str, str] = {}
    for row in rows:
        reasons.setdefault(row["kpi_id"], row["reason"] or row["state"])
    missing: dict[str, list[str]] = {}
    for kpi_id, reason in sorted(reasons.items()):
        missing.setdefault(reason, []).append(kpi_id)
    return missing


def _print_accounts(accounts: dict[str, DatasetAccount]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=TABLE_WIDTH)
    table = Table(title="Real data, the same flow", show_lines=True)
    table.add_column("", style="bold", min_width=13)
    for name in accounts:
        table.add_column(name, ratio=1)
    columns = [_describe_account(account) for account in accounts.values()]
    for title in columns[0]:
        cells = [escape(column[title]) for column in columns]
        table.add_row(title, *cells)
    console.print(table)


def _describe_account(account: DatasetAccount) -> dict[str, str]:
    """Return a column of the table, by the titles of its lines."""
    cells = {"outcome": account.state}
    cells["rows read"] = _describe_rows(account, "rows_read")
    cells["accepted"] = _describe_rows(account, "rows_accepted")
    cells["quarantined"] = _describe_quarantined(account)
    cells["superseded"] = _describe_rows(account, "rows_superseded")
    cells["skipped"] = _describe_rows(account, "rows_skipped")
    cells["KPIs available"] = _describe_available(account)
    cells["not available"] = _describe_missing(account)
    cells["warnings"] = "\n".join(account.warnings) or "none"
    cells["seconds"] = f"{account.seconds:.1f}"
    cells["peak memory"] = f"{account.peak_memory_bytes / 2**20:,.0f} MiB"
    return cells


def _describe_rows(account: DatasetAccount, column: str) -> str:
    lines = []
    for row in account.rows:
        count = row[column]
        lines.append(f"{count:,} {row['extract']}")
    return "\n".join(lines)


def _describe_quarantined(account: DatasetAccount) -> str:
    lines = [_describe_rows(account, "rows_quarantined")]
    lines += [f"- {reason}: {count:,}" for reason, count in account.quarantined.most_common()]
    return "\n".join(lines)


def _describe_available(account: DatasetAccount) -> str:
    lines = [str(len(account.available))]
    lines += [f"- {kpi_id}" for kpi_id in account.available]
    return "\n".join(lines)


def _describe_missing(account: DatasetAccount) -> str:
    count = sum(len(kpi_ids) for kpi_ids in account.missing.values())
    lines = [str(count)]
    for reason, kpi_ids in account.missing.items():
        lines.append(f"- {reason}: {', '.join(kpi_ids)}")
    return "\n".join(lines)
