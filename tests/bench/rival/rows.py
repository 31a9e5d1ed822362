"""The rival as a row of `make bench`: its seconds beside ours, and whether its cells are ours."""

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from data.store.store import Store
from tests.bench.processes import measure
from tests.bench.table import Row


def compare_with_rival(store: Path, as_of: date, scan: float, company: str) -> Row:
    """Let the rival compute the figures of a store's publication, and compare every cell."""
    opened = Store(store)
    tables = opened.publication(str(opened.current())) / "tables"
    with TemporaryDirectory() as folder:
        command = ("-m", "tests.bench.rival", store, "--as-of", as_of, "--into", folder)
        measured = json.loads(measure(*command).output)
        command = ("-m", "tests.bench.rival.compare", folder, tables, as_of)
        compared = json.loads(measure(*command).output)
    assert not compared["differing"], f"the rival has other figures: {compared}"
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in measured["parts"].items())
    return Row(
        f"{company}, the rival (whole process, written)",
        measured["seconds"],
        scans=measured["seconds"] / scan,
        note=f"all {compared['cells']:,} cells are ours; {parts}; {measured['peak'] / 1e9:.1f} GB",
    )
