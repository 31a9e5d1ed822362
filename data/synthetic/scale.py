"""A company of any size, for benchmarks: written piece by piece, not nudged to any figure, without
planted faults.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from .callbacks import (
    closed_cases,
    complaint_cases,
    paid_between,
    rescue_cases,
    scene_cases,
    simulate_callbacks,
)
from .claims import Columns, join, simulate_claims
from .clock import MONTH_OF_YEAR, arrivals, end_of, month_starts, next_month, seconds
from .complaints import simulate_complaints
from .exposure import in_yuan, simulate_exposure
from .formats import in_chinese, write_parquet, write_workbook
from .snapshot import (
    branches_table,
    callbacks_table,
    claims_table,
    complaints_table,
    exposure_table,
    take,
)
from .tree import Tree, make_company_tree

MONTHS = 24
PIECE = 400_000  # claims made and written at a time: this bounds the memory
CALLBACK_SHARE, COMPLAINT_SHARE = 0.15, 0.001
SCENE_SHARE, CLOSED_SHARE = 0.065, 0.045  # of the claims; roadside rescue makes up the rest
YUAN_PER_CLAIM = 40_000


@dataclass
class ScaleOutput:
    """Where the parts go. One part is written in the background while the next is being made."""

    landing: Path
    day: date
    tree: Tree
    paths: list[Path] = field(default_factory=list)
    numbers: dict[str, int] = field(
        default_factory=lambda: dict(callbacks=0, complaints=0, rescues=0)
    )

    def path(self, name: str) -> Path:
        self.paths.append(self.landing / name.format(day=f"{self.day:%Y%m%d}"))
        return self.paths[-1]

    def next_numbers(self, kind: str, count: int) -> np.ndarray:
        self.numbers[kind] += count
        return np.arange(self.numbers[kind] - count, self.numbers[kind]) + 1


def _months(day: date) -> list[date]:
    first = date(day.year - MONTHS // 12, day.month, 1)
    return month_starts(next_month(first), day)


def _counts(claims: int, months: list[date], end: int) -> np.ndarray:
    """Claims per month, by season and growth; the last month may be cut short. They add up
    exactly.
    """
    length = [(min(seconds(next_month(m)), end) - seconds(m)) / 86_400 for m in months]
    weight = (
        np.array([MONTH_OF_YEAR[m.month - 1] for m in months])
        * length
        * 1.004 ** np.arange(len(months))
    )
    return np.diff(np.rint(np.cumsum(weight) / weight.sum() * claims), prepend=0).astype(np.int64)


def _pieces(
    claims: int, seed: int, day: date, tree: Tree
) -> Iterator[tuple[np.random.Generator, Columns]]:
    months, end = _months(day), end_of(day)
    for at, (month, count) in enumerate(zip(months, _counts(claims, months, end), strict=True)):
        rng = np.random.default_rng([seed, 1, at])
        reported = arrivals(rng, seconds(month), min(seconds(next_month(month)), end), count)
        numbers = (month.year * 100 + month.month) * 100_000_000 + 1 + np.arange(count)
        parts = max(1, -(-count // PIECE))
        for part, rows in enumerate(np.array_split(np.arange(count), parts)):
            rng = np.random.default_rng([seed, 2, at, part])
            yield rng, simulate_claims(rng, tree, reported[rows], numbers[rows], tree.pace)


def _complaints(rng: np.random.Generator, out: ScaleOutput, claims: Columns) -> Columns:
    expected = len(claims["number"]) * COMPLAINT_SHARE
    c = simulate_complaints(rng, out.tree, claims, int(expected + rng.random()), end_of(out.day))
    return c | dict(number=out.next_numbers("complaints", len(c["received"])))


def _callbacks(
    rng: np.random.Generator, out: ScaleOutput, claims: Columns, complaints: Columns
) -> Columns:
    count, end, start = len(claims["number"]), end_of(out.day), int(claims["reported"].min())
    scene = np.flatnonzero(rng.random(count) < SCENE_SHARE)
    paid = paid_between(claims, 0, end)
    paid = paid[rng.random(len(paid)) < CLOSED_SHARE * count / max(len(paid), 1)]
    parts = [
        scene_cases(rng, claims, scene),
        closed_cases(claims, paid),
        complaint_cases(complaints),
    ]
    missing = max(0, round(CALLBACK_SHARE * count) - sum(len(part["asked"]) for part in parts))
    last = max(int(claims["reported"].max()), start) + 1
    numbers = out.next_numbers("rescues", missing)
    rescue = rescue_cases(out.tree, rng, np.sort(rng.integers(start, last, missing)), 0)
    cases = join([*parts, rescue | dict(subject=numbers)])
    c = simulate_callbacks(rng, out.tree, take(cases, np.flatnonzero(cases["asked"] < end)))
    return c | dict(number=out.next_numbers("callbacks", len(c["asked"])))


def _write_piece(
    out: ScaleOutput, claims: Columns, calls: Columns, claims_path: Path, calls_path: Path
) -> None:
    end = end_of(out.day)
    write_parquet(claims_table(claims, out.tree.code, end), claims_path)
    write_parquet(callbacks_table(calls, out.tree.code, end), calls_path)


def _write_rest(out: ScaleOutput, claims: int, seed: int, complaints: list[Columns]) -> None:
    write_parquet(
        complaints_table(join(complaints), out.tree.code, end_of(out.day)),
        out.path("complaints_{day}.parquet"),
    )
    shares = simulate_exposure(np.random.default_rng([seed, 3]), out.tree, _months(out.day), 0.05)
    ended = take(shares, np.flatnonzero(shares["end"] <= end_of(out.day)))
    exposure = in_yuan(ended, YUAN_PER_CLAIM * claims / MONTHS)
    write_parquet(exposure_table(exposure, out.tree.code), out.path("exposure_{day}.parquet"))
    write_workbook(
        in_chinese("branches", branches_table(out.tree, out.day)), out.path("branches_{day}.xlsx")
    )


def write_company(
    landing: Path,
    claims: int,
    day: date = date(2012, 12, 31),
    seed: int = 1,
    provinces: tuple[str, ...] = (),
) -> list[Path]:
    """Write one full delivery of a company with so many claims in the 24 months up to `day`, in all
    provinces or in some (see `company_tree`).
    """
    landing.mkdir(parents=True, exist_ok=True)
    out = ScaleOutput(landing, day, make_company_tree(provinces))
    all_complaints, writing = [], Future()
    writing.set_result(None)
    with ThreadPoolExecutor(1) as writer:
        for part, (rng, piece) in enumerate(_pieces(claims, seed, day, out.tree), 1):
            complaints = _complaints(rng, out, piece)
            calls = _callbacks(rng, out, piece, complaints)
            all_complaints.append(complaints)
            writing.result()  # at most one piece waits
            paths = [
                out.path(f"{extract}_{{day}}_part{part:03d}.parquet")
                for extract in ("claims", "callbacks")
            ]
            writing = writer.submit(_write_piece, out, piece, calls, *paths)
        writing.result()
    _write_rest(out, claims, seed, all_complaints)
    return out.paths
