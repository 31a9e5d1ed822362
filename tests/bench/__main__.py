"""Measure speed and memory: `make bench`.

Seconds and peak memory of each step are printed next to a bare scan of the same columns.

`python -m tests.bench --claims 100000000` measures other sizes; 100 million claims need 40 GB of
disk and half an hour.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from data.store.store import Store
from tests.bench import intake, kpi, report

DAY = date(2012, 12, 31)
BY_HAND = 10_000_000  # claims
SCAN = """
import resource, sys, time, duckdb
con = duckdb.connect(config={"threads": 2})
started = time.perf_counter()
con.execute(f"SELECT max(branch_code), max(line), max(reported_at), max(closed_at), max(paid_at), max(previous_settled_at), max(reopened_at), max(outcome),"
            f" max(has_injury), max(first_estimate), max(paid_amount) FROM read_parquet('{sys.argv[1]}/claims*.parquet')").fetchall()
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def measure(claims: int, store: Path) -> None:
    """Write a company, scan it bare, run the flow on it without rendering, and print the table."""
    from data.synthetic import write_company

    landing = store / f"landing_{claims}"
    if not landing.exists():
        landing.mkdir(parents=True)
        write_company(landing, claims, DAY)
    scan = subprocess.run(
        [sys.executable, "-c", SCAN, str(landing)], capture_output=True, text=True, check=True
    ).stdout.split()
    shutil.rmtree(store / "run", ignore_errors=True)
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "flows.cli.main",
        "run",
        "--landing",
        str(landing),
        "--store",
        str(store / "run"),
        "--as-of",
        str(DAY),
        "--no-render",
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    whole = time.perf_counter() - started
    outcome = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{claims:,} claims, {claims * 15 // 100:,} call-backs: {outcome['state']}")
    print(
        f"  {'bare scan of the claims columns':34} {float(scan[0]):8.2f} s {int(scan[1]) / 1e9:6.2f} GB"
    )
    for step, seconds in outcome["seconds"].items():
        print(f"  {step:34} {seconds:8.2f} s")
    print(f"  {'imports, Prefect, the rest':34} {whole - sum(outcome['seconds'].values()):8.2f} s")
    print(f"  {'whole process':34} {whole:8.2f} s {outcome['peak_memory_bytes'] / 1e9:6.2f} GB")
    # By hand only where it ends in a reasonable time.
    cases = ["scan", "ours"]
    if claims <= BY_HAND:
        cases += ["polars", "pandas"]
    kpi.report(store / "run", claims, cases)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", type=Path, default=Path("bench"))
    parser.add_argument("--claims", type=int, nargs="*", default=[1_000_000, 10_000_000])
    options = parser.parse_args()
    for size in options.claims:
        measure(size, options.store)
    store = Store(options.store / "run")
    report.report(store.publication(store.current()) / "tables", [40, 2000])
    intake.report(options.store / f"intake_{max(options.claims)}", max(options.claims))
