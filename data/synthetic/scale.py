"""A company of any size, for benchmarks and tests.

It is written piece by piece, not nudged to any figure, and has no planted faults.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from .callbacks import (
    closed_cases,
    complaint_cases,
    find_paid,
    rescue_cases,
    scene_cases,
    simulate_callbacks,
)
from .claims import Columns, join_columns, simulate_claims, take_rows
from .clock import (
    DAY,
    MONTH_OF_YEAR,
    end_of,
    month_starts,
    next_month,
    seconds,
    simulate_arrivals,
)
from .complaints import simulate_complaints
from .exposure import scale_to_yuan, simulate_exposure
from .formats import in_chinese, write_parquet, write_workbook
from .snapshot import (
    branches_table,
    callbacks_table,
    claims_table,
    complaints_table,
    exposure_table,
)
from .tree import Tree, make_company_tree

MONTHS = 24
PIECE = 400_000  # claims simulated and written at a time: this bounds the memory
CALLBACK_SHARE, COMPLAINT_SHARE = 0.15, 0.001
SCENE_SHARE, CLOSED_SHARE = 0.065, 0.045  # of the claims; roadside rescue makes up the rest
YUAN_PER_CLAIM = 40_000


@dataclass
class ScaleOutput:
    """Where the parts go. One part is written in the background while the next is simulated."""

    landing: Path
    day: date
    tree: Tree
    paths: list[Path] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The first second after the day of the delivery."""
        return end_of(self.day)

    def add_path(self, extract: str, ending: str) -> Path:
        """Return the path of one more file."""
        path = self.landing / f"{extract}_{self.day:%Y%m%d}{ending}"
        self.paths.append(path)
        return path

    def next_numbers(self, kind: str, count: int) -> np.ndarray:
        """Return the next `count` numbers of a kind of case, from 1."""
        last = self.numbers.get(kind, 0)
        self.numbers[kind] = last + count
        return np.arange(last, last + count) + 1


def _list_months(day: date) -> list[date]:
    """Return the first days of the months up to that of `day`."""
    first = date(day.year - MONTHS // 12, day.month, 1)
    return month_starts(next_month(first), day)


def _count_claims(claims: int, months: list[date], end: int) -> np.ndarray:
    """Return claims per month, by season and growth; they add up exactly.

    The last month may be cut short.
    """
    starts = np.array([seconds(month) for month in months])
    ends = np.array([seconds(next_month(month)) for month in months])
    days = (np.minimum(ends, end) - starts) / DAY
    season = np.array([MONTH_OF_YEAR[month.month - 1] for month in months])
    growth = 1.004 ** np.arange(len(months))
    weight = season * days * growth

    # Rounding the running total, not the months, keeps the sum.
    up_to = np.rint(np.cumsum(weight) / weight.sum() * claims)

    return np.diff(up_to, prepend=0).astype(np.int64)


def _simulate_pieces(
    claims: int, seed: int, day: date, tree: Tree
) -> Iterator[tuple[np.random.Generator, Columns]]:
    """Yield claims in pieces of at most `PIECE`, each with the source of chance to go on with."""
    months, end = _list_months(day), end_of(day)
    counts = _count_claims(claims, months, end)
    for month_index, (month, count) in enumerate(zip(months, counts, strict=True)):
        rng = np.random.default_rng([seed, 1, month_index])
        month_end = min(seconds(next_month(month)), end)
        reported = simulate_arrivals(rng, seconds(month), month_end, count)
        first_number = (month.year * 100 + month.month) * 100_000_000 + 1
        numbers = first_number + np.arange(count)
        pieces = max(1, -(-count // PIECE))

        rows_of_pieces = np.array_split(np.arange(count), pieces)
        for piece, rows in enumerate(rows_of_pieces):
            rng = np.random.default_rng([seed, 2, month_index, piece])
            yield rng, simulate_claims(rng, tree, reported[rows], numbers[rows], tree.pace)


def _simulate_complaints(rng: np.random.Generator, output: ScaleOutput, claims: Columns) -> Columns:
    expected = len(claims["number"]) * COMPLAINT_SHARE
    count = int(expected + rng.random())  # rounded by chance, so that small pieces have some too
    complaints = simulate_complaints(rng, output.tree, claims, count, output.end)
    numbers = output.next_numbers("complaints", len(complaints["received"]))
    return complaints | {"number": numbers}


def _simulate_callbacks(
    rng: np.random.Generator, output: ScaleOutput, claims: Columns, complaints: Columns
) -> Columns:
    reported = claims["reported"]
    count = len(reported)
    scene = np.flatnonzero(rng.random(count) < SCENE_SHARE)
    paid = find_paid(claims, 0, output.end)

    # Shares are of all claims, and not all of them are paid by the end: of those more are called.
    share_of_paid = CLOSED_SHARE * count / max(len(paid), 1)
    is_called = rng.random(len(paid)) < share_of_paid
    parts = [
        scene_cases(rng, claims, scene),
        closed_cases(claims, paid[is_called]),
        complaint_cases(complaints),
    ]
    others = sum(len(part["occasion"]) for part in parts)
    missing = max(0, round(CALLBACK_SHARE * count) - others)
    parts.append(_simulate_rescues(rng, output, reported, missing))

    cases = join_columns(parts)
    cases = take_rows(cases, cases["occasion"] < output.end)
    callbacks = simulate_callbacks(rng, output.tree, cases)
    numbers = output.next_numbers("callbacks", len(callbacks["occasion"]))

    return callbacks | {"number": numbers}


def _simulate_rescues(
    rng: np.random.Generator, output: ScaleOutput, reported: np.ndarray, count: int
) -> Columns:
    """Return roadside rescues in the time of the claims reported at these moments."""
    first = int(reported.min())
    last = max(int(reported.max()), first) + 1
    numbers = output.next_numbers("rescues", count)
    moments = np.sort(rng.integers(first, last, count))
    return rescue_cases(output.tree, rng, moments, 0) | {"subject": numbers}


def _write_piece(
    output: ScaleOutput, claims: Columns, callbacks: Columns, claims_path: Path, calls_path: Path
) -> None:
    codes, end = output.tree.code, output.end
    write_parquet(claims_table(claims, codes, end), claims_path)
    write_parquet(callbacks_table(callbacks, codes, end), calls_path)


def _write_rest(output: ScaleOutput, claims: int, seed: int, complaints: list[Columns]) -> None:
    """Write complaints, exposure and branches."""
    codes = output.tree.code
    table = complaints_table(join_columns(complaints), codes, output.end)
    write_parquet(table, output.add_path("complaints", ".parquet"))
    rng = np.random.default_rng([seed, 3])
    shares = simulate_exposure(rng, output.tree, _list_months(output.day), 0.05)
    shares = take_rows(shares, shares["end"] <= output.end)
    exposure = scale_to_yuan(shares, YUAN_PER_CLAIM * claims / MONTHS)
    write_parquet(exposure_table(exposure, codes), output.add_path("exposure", ".parquet"))
    branches = in_chinese("branches", branches_table(output.tree, output.day))
    write_workbook(branches, output.add_path("branches", ".xlsx"))


def write_company(
    landing: Path,
    claims: int,
    day: date = date(2012, 12, 31),
    seed: int = 1,
    provinces: tuple[str, ...] = (),
) -> list[Path]:
    """Write one full delivery of a company, and return its files.

    Args:
        landing: the folder, created if need be.
        claims: how many it has in the 24 months up to `day`.
        day: of the delivery.
        seed: another one makes another company.
        provinces: some of them; none for all (see `make_company_tree`).
    """
    landing.mkdir(parents=True, exist_ok=True)
    output = ScaleOutput(landing, day, make_company_tree(provinces))
    all_complaints: list[Columns] = []
    writing = None

    pieces = _simulate_pieces(claims, seed, day, output.tree)
    with ThreadPoolExecutor(1) as writer:
        for number, (rng, piece) in enumerate(pieces, 1):
            complaints = _simulate_complaints(rng, output, piece)
            callbacks = _simulate_callbacks(rng, output, piece, complaints)
            all_complaints.append(complaints)
            if writing:
                writing.result()  # at most one piece waits

            ending = f"_part{number:03d}.parquet"
            paths = output.add_path("claims", ending), output.add_path("callbacks", ending)
            writing = writer.submit(_write_piece, output, piece, callbacks, *paths)

        if writing:
            writing.result()

    _write_rest(output, claims, seed, all_complaints)
    return output.paths
