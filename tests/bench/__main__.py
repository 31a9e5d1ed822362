"""Measure and print the table of the house's bars: `make bench`, about a quarter of an hour.

Every figure is that of a process of its own, next to its bar and to a bare scan of the same columns
in the same run. `--claims 100000000` adds a size (40 GB of disk, an hour), `--cold` an installation
from nothing, `--tests` the tests.
"""

import argparse
import os
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.branches import measure_branches
from tests.bench.large import measure_company
from tests.bench.sample import measure_commands, measure_demo, measure_nights
from tests.bench.table import Row, format_table

ROOT = Path(__file__).parents[2]
CLAIMS = 10_000_000


def measure_cold_demo() -> list[Row]:
    """`make demo` in a new checkout, with everything to install."""
    with TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
        return [
            Row("make demo, cold, install included", _time_make("demo", checkout), bar=240, aim=180)
        ]


def measure_tests() -> list[Row]:
    """`make test`, with nothing built before."""
    return [Row("make test", _time_make("test", ROOT) / 60, "min", bar=7, aim=5)]


def _time_make(target: str, folder: Path) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    started = time.perf_counter()
    subprocess.run(["make", target], cwd=folder, check=True, env=environment, capture_output=True)
    return time.perf_counter() - started


def list_measurements(options: argparse.Namespace) -> list[Callable[[], list[Row]]]:
    """Return what is to be measured, in order."""
    folder = options.store
    measurements: list[Callable[[], list[Row]]] = [
        partial(measure_demo, folder),
        partial(measure_nights, folder),
        partial(measure_commands, folder),
    ]
    if options.cold:
        measurements.insert(0, measure_cold_demo)
    measurements += [partial(measure_company, folder, claims) for claims in options.claims]
    measurements.append(partial(measure_branches, folder))
    if options.tests:
        measurements.append(measure_tests)
    return measurements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, default=Path("bench"), help="a folder to work in")
    parser.add_argument("--claims", type=int, nargs="*", default=[CLAIMS])
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--tests", action="store_true")
    options = parser.parse_args()
    options.store.mkdir(parents=True, exist_ok=True)
    rows = []
    for measure in list_measurements(options):
        measured = measure()
        for row in measured:
            print(row, flush=True)
        rows += measured
    print(f"\n{format_table(rows)}")


if __name__ == "__main__":
    main()
