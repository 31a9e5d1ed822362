"""The sample company: the demo, a night with one day's delivery, what people ask a store."""

import shutil
from datetime import timedelta
from pathlib import Path

from data.store.store import Store
from data.synthetic import SAMPLE_DAY, write_delivery
from tests.bench.processes import folder_bytes, run_night, scan_claims, servicekpi
from tests.bench.rival.rows import compare_with_rival
from tests.bench.table import Row


def measure_demo(folder: Path) -> list[Row]:
    """`make demo` where everything is installed."""
    shutil.rmtree(folder / "demo", ignore_errors=True)
    demo = servicekpi("demo", "--store", folder / "demo")
    return [Row("make demo, installed", demo.seconds, bar=75, aim=45, note=memory(demo.peak))]


def measure_nights(folder: Path) -> list[Row]:
    """Everything from nothing, then a night with one day's delivery, both without rendering."""
    store, landing = folder / "nights", folder / "nights_landing"
    for path in (store, landing):
        shutil.rmtree(path, ignore_errors=True)
    before = SAMPLE_DAY - timedelta(days=1)
    write_delivery(landing, before)
    scan = scan_claims(f"{landing}/claims*.parquet")
    ended, first = run_night(landing, store, before)
    transform = first["seconds"]["transform"]
    rows = [
        Row(
            "sample company, all figures from nothing",
            transform,
            bar=18,
            aim=10,
            scans=transform / scan,
            note=memory(ended.peak),
        ),
        compare_with_rival(store, before, scan, "sample company"),
    ]
    write_delivery(landing, SAMPLE_DAY, since=before)
    size = folder_bytes(store)
    ended, second = run_night(landing, store, SAMPLE_DAY)
    steps = sum(second["seconds"].values())
    grown = (folder_bytes(store) - size) / 1e6
    rows.append(
        Row(
            "sample company, a night with one day's delivery",
            steps,
            bar=25,
            aim=15,
            scans=steps / scan,
            note=f"{describe_steps(second)}; whole process {ended.seconds:.1f} s",
        )
    )
    rows.append(Row("store growth by such a night", grown, "MB", bar=30, aim=15))
    return rows


def measure_commands(folder: Path) -> list[Row]:
    """What people ask the store of the nights."""
    store = ("--store", folder / "nights")
    day = f"{SAMPLE_DAY}"
    seconds = {
        "status": servicekpi("status", *store, allowed=(0, 1)).seconds,
        "kpi list": servicekpi("kpi", "list").seconds,
        "publications": servicekpi("publications", *store).seconds,
    }
    rows = [Row(name, took, bar=1) for name, took in seconds.items()]
    explain = servicekpi("explain", "claim_closure_pct", *store).seconds
    preview = servicekpi("preview", day, *store).seconds
    return [*rows, Row("explain", explain, bar=4), Row("preview of the sample", preview, bar=60)]


def publication_of(store: Path) -> Path:
    """Return the folder of the publication that readers see."""
    opened = Store(store)
    current = opened.current()
    assert current is not None, f"nothing is published in {store}"
    return opened.publication(current)


def describe_steps(outcome: dict) -> str:
    """Return the seconds of each step of a run, as one text."""
    return ", ".join(f"{step} {seconds:.1f}" for step, seconds in outcome["seconds"].items())


def memory(peak: int) -> str:
    """Return bytes as text."""
    return f"{peak / 1e9:.1f} GB"
