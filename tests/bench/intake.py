"""Measure the intake of claims, next to DuckDB's bare copy of the same file: `make bench`.

Each case is a process of its own, so that seconds and peak memory are its own: `python -m
tests.bench.intake CASE FOLDER`.
"""

import json
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb

DAY = date(2012, 12, 31)
STEPS: dict[str, float] = {}


@contextmanager
def step(name: str):
    started = time.perf_counter()
    yield
    STEPS[name] = STEPS.get(name, 0) + time.perf_counter() - started


def timed(owner, method: str, name: str) -> None:
    """Count what a method takes under a name."""
    inner = getattr(owner, method)

    def wrapped(*args, **kwargs):
        with step(name):
            return inner(*args, **kwargs)

    setattr(owner, method, wrapped)


def bare(source: str, folder: Path) -> None:
    """The least that has to be done: decode, read, write."""
    connection = duckdb.connect(config={"threads": 2})
    if source == "csv":
        with step("iconv"), (folder / "bare.csv").open("wb") as target:
            subprocess.run(
                [
                    "iconv",
                    "-f",
                    "GB18030",
                    "-t",
                    "UTF-8",
                    folder / "landing_csv" / f"claims_{DAY:%Y%m%d}.csv",
                ],
                stdout=target,
                check=True,
            )
        read = f"read_csv('{folder / 'bare.csv'}')"
    else:
        read = f"read_parquet('{folder}/landing_parquet/claims*.parquet')"
    with step("read and write"):
        connection.execute(
            f"COPY (SELECT * FROM {read}) TO '{folder}/bare.parquet' (FORMAT parquet)"
        )
    for name in ("bare.csv", "bare.parquet"):
        (folder / name).unlink(missing_ok=True)


def take_in(landing: Path, store: Path) -> None:
    """What a run does with landed files, up to the lake."""
    from data.config import policy
    from data.config.profile import load_profile
    from data.store.store import Store
    from expectations.judging import gx_suite  # noqa: F401 - start-up of libraries apart
    from expectations.judging.batch import Batch
    from expectations.judging.judge import Judge
    from flows.intake import take_in as intake
    from flows.intake.landing import look_at_landing
    from transforms.engine.duckdb_engine import DuckDB

    timed(Batch, "read", "read, type, row rules")
    timed(Judge, "verdict", "repeats, Great Expectations, counts")
    timed(intake, "merge_delivery", "merge and books of it")
    opened_store = Store(store)
    engine = DuckDB(opened_store.work(), "Asia/Shanghai", 2, "2GB")
    profile = load_profile("default")
    with step("everything"):
        arrival = look_at_landing(landing, opened_store.lake, profile, [])
        for delivery in arrival.deliveries:
            verdict = intake.Intake(
                opened_store.lake, engine, profile, policy.load_policy().delivery_limits
            ).take_in(delivery, lambda _: None)
            STEPS["rows"] = sum(file.read for file in verdict.files)
    engine.close()
    opened_store.clear()


def write(folder: Path, claims: int) -> None:
    """The same claims as Parquet and as GB18030 CSV, and two nights of 100,000 recent rows, half of
    them new.
    """
    from data.synthetic import write_company

    company, parquet, text = folder / "company", folder / "landing_parquet", folder / "landing_csv"
    for part in (company, parquet, text):
        part.mkdir(parents=True)
    write_company(company, claims, DAY)
    connection = duckdb.connect(config={"threads": 2})
    for file in sorted(company.glob("claims*.parquet")):
        file.rename(parquet / file.name)
    rows = f"read_parquet('{parquet}/claims*.parquet')"
    connection.execute(f"COPY (SELECT * FROM {rows}) TO '{folder}/utf8.csv' (HEADER)")
    with (text / f"claims_{DAY:%Y%m%d}.csv").open("wb") as target:
        subprocess.run(
            ["iconv", "-f", "UTF-8", "-t", "GB18030", folder / "utf8.csv"],
            stdout=target,
            check=True,
        )
    (folder / "utf8.csv").unlink()
    for night in (1, 2):
        landing = folder / f"landing_night{night}"
        landing.mkdir()
        recent = f"SELECT * FROM {rows} WHERE reported_at >= TIMESTAMP '2012-11-15' ORDER BY claim_id LIMIT 50000 OFFSET {50000 * (night - 1)}"
        changed = f"SELECT * REPLACE (paid_amount + 1 AS paid_amount) FROM ({recent})"
        new = f"SELECT * REPLACE (claim_id || '-{night}' AS claim_id) FROM ({recent})"
        target = landing / f"claims_{DAY + timedelta(days=night):%Y%m%d}.parquet"
        connection.execute(f"COPY ({changed} UNION ALL {new}) TO '{target}' (FORMAT parquet)")


CASES = {
    "bare_parquet": lambda folder: bare("parquet", folder),
    "bare_csv": lambda folder: bare("csv", folder),
    "parquet": lambda folder: take_in(folder / "landing_parquet", folder / "store"),
    "csv": lambda folder: take_in(folder / "landing_csv", folder / "store_csv"),
    "night1": lambda folder: take_in(folder / "landing_night1", folder / "store"),
    "night2": lambda folder: take_in(folder / "landing_night2", folder / "store"),
}


def report(folder: Path, claims: int) -> None:
    """Run every case and print seconds, rows per second and peak memory."""
    if not (folder / "landing_parquet").exists():
        write(folder, claims)
    print(f"\ntaking in {claims:,} claims")
    for case in CASES:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.intake", case, str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        measured = json.loads(done.stdout.splitlines()[-1])
        peak, rows = measured.pop("peak"), measured.pop("rows", claims)
        everything = measured.pop("everything", sum(measured.values()))
        print(
            f"  {case:14} {everything:8.2f} s {rows / everything:12,.0f} rows/s {peak / 1e9:6.2f} GB"
        )
        for name, seconds in measured.items():
            print(f"      {name:40} {seconds:8.2f} s")


if __name__ == "__main__":
    CASES[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(STEPS | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
