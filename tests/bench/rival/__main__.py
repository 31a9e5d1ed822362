"""Compute, write and, if asked, compare: `python -m tests.bench.rival STORE --into FOLDER`."""

import argparse
import json
import resource
import shutil
import time
from datetime import date
from pathlib import Path

import polars as pl

from data.config.policy import load_policy
from data.store.store import Store
from flows.publications.build import LakeSnapshot
from tests.bench.rival.branches import Branches
from tests.bench.rival.calendar import Calendar
from tests.bench.rival.claims import Claims, write_claims
from tests.bench.rival.claims_scan import GROUPS
from tests.bench.rival.contacts import (
    Contacts,
    Exposure,
    write_callbacks,
    write_complaints,
    write_ratios,
)
from tests.bench.rival.grid import Grid, Writer
from tests.bench.rival.open_claims import write_open_claims
from tests.bench.rival.percentiles import write_percentiles
from transforms.kpis.catalogue import build_dim_kpi_run

EXTRACTS = ("claims", "callbacks", "complaints", "exposure", "branches")


def compute(store: Path, as_of: date, folder: Path) -> dict[str, float]:
    """Write the rows of every KPI into a folder; return the seconds of each part."""
    seconds, started = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[name], started = now - started, now

    snapshot = LakeSnapshot.from_lake(Store(store).lake, as_of, None)
    supplies = snapshot.supplies()
    files = {name: snapshot.lake.current_files(name) for name in EXTRACTS}
    days = {name: supplies[name].as_of for name in ("claims", "callbacks", "complaints")}
    contacts = Contacts(files, {name: days[name] for name in ("callbacks", "complaints")})
    calendar = Calendar(as_of)
    names = pl.scan_parquet(files["claims"], hive_partitioning=False).select(
        pl.col("branch_code").unique().implode(), pl.col("line").unique().implode()
    )
    codes, lines = (column.explode().to_list() for column in names.collect())
    met = {*contacts.list_codes(), *codes}
    met |= {*pl.read_parquet(files["exposure"], columns=["branch_code"])["branch_code"]}
    rows = pl.read_parquet(files["branches"], hive_partitioning=False).to_dicts()
    branches = Branches(rows, met, calendar.periods)
    exposure = Exposure(files["exposure"], branches, calendar, as_of)
    kpi_runs = build_dim_kpi_run(supplies, load_policy(), as_of).to_pylist()
    runs = {row["kpi_id"]: row for row in kpi_runs}
    writer = Writer(folder, runs, exposure.exposed)
    lap("names and small extracts")
    lines = sorted({line or "(missing)" for line in lines})
    grid = Grid(branches, calendar, ("line", "claim_group"), (lines, GROUPS))
    claims = Claims(grid, days["claims"])
    for file in files["claims"]:
        claims.add_file(file)
    lap("scan and count claims")
    write_claims(claims, writer)
    lap("claims by dates")
    write_open_claims(claims.open, grid, writer)
    lap("open claims by age")
    write_percentiles(claims.observations, writer)
    lap("percentiles")
    write_callbacks(contacts, branches, calendar, writer)
    counter, _ = write_complaints(contacts, branches, calendar, writer)
    registered = claims.by_period("registered").reshape(
        len(branches.codes), -1, len(calendar.periods)
    )
    write_ratios(contacts, counter, registered.sum(axis=1), exposure, writer)
    lap("call-backs, complaints, ratios")
    return seconds


if __name__ == "__main__":
    begun = time.perf_counter()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2012, 12, 31))
    parser.add_argument("--into", type=Path, required=True)
    options = parser.parse_args()
    shutil.rmtree(options.into, ignore_errors=True)
    options.into.mkdir(parents=True)
    parts = compute(options.store, options.as_of, options.into)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"parts": parts, "seconds": time.perf_counter() - begun, "peak": peak}))
