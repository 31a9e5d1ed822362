"""Runs of the flow on public data sets, which are not part of the repository."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from data.store.store import Store
from data.store.table_files import read_table
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from flows.samples.public_datasets import SETS, DatasetAccount, land_dataset, read_account

DATASETS = Path(__file__).parent.parent.parent / "shared" / "datasets"
OUTCOMES = ("accepted", "quarantined", "superseded", "skipped")


@dataclass
class DatasetRun:
    """A data set after its run: the outcome, what the publication reports, the store."""

    outcome: RunOutcome
    account: DatasetAccount
    store: Store

    def current(self, extract: str) -> pd.DataFrame:
        return pd.concat(
            [pq.read_table(file).to_pandas() for file in self.store.lake.current_files(extract)],
            ignore_index=True,
        )

    def values(self, kpi_id: str, **wanted) -> list[dict]:
        wanted = {"kpi_id": kpi_id, "branch_code": "HQ", "segment_kind": "all"} | wanted
        where = pq.filters_to_expression([(name, "==", value) for name, value in wanted.items()])
        return read_table(self.tables, "mart_kpi_value", where).to_pylist()

    def value(self, kpi_id: str, kind: str, start: str, **wanted) -> dict:
        """Return the one row of a period; of years to date that begin alike, the one ending last."""
        rows = self.values(
            kpi_id, period_kind=kind, period_start=date.fromisoformat(start), **wanted
        )
        end = max(row["period_end"] for row in rows)
        (row,) = [row for row in rows if row["period_end"] == end]
        return row

    def rule(self, rule_id: str) -> int:
        results = read_table(self.tables, "quality_rule_result", pc.field("rule_id") == rule_id)
        return sum(row["rows_failed"] for row in results.to_pylist())

    @property
    def tables(self) -> Path:
        return Path(self.outcome.folder) / "tables"


def raw(name: str) -> Path:
    """Return a file of a data set; without it, the test is skipped."""
    paths = sorted(DATASETS.glob(name))
    if not paths:
        pytest.skip(
            f"../shared/datasets/{name} not found: public data sets are not part of the repository"
        )
    return paths[0]


def run_dataset(profile: str, tmp_path_factory) -> DatasetRun:
    dataset = next(dataset for dataset in SETS if dataset.profile == profile)
    raw(f"{dataset.folder}/{dataset.files}")
    store = tmp_path_factory.mktemp(profile)
    landing = land_dataset(dataset, DATASETS, store / "landing")
    outcome = run_nightly(
        RunOptions(landing=landing, as_of=dataset.as_of, store=store, profile=profile, render=False)
    )
    assert outcome.state == "published", outcome.reason
    return DatasetRun(
        outcome, read_account(Path(outcome.folder) / "tables", outcome.state), Store(store)
    )
