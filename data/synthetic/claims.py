"""Claims: when each step happened, and how much it cost.

Columns are numpy arrays of one length in a dictionary, a row per claim.
"""

from collections.abc import Iterable

import numpy as np

from .clock import DAY, NEVER, move_to_office_hours, office_moment_after
from .tree import Tree, assign_branches

LINES = ["交强险", "商业车险", "企财险", "责任险"]
PROPERTY = LINES.index("企财险")
LINE_SHARE = [0.39, 0.50, 0.05, 0.06]
INJURY_SHARE = np.array([0.15, 0.08, 0.01, 0.30])  # of the claims of each line
INJURY_UNKNOWN_SHARE = 0.01
OUTCOMES = ["normal", "zero", "rejected", "cancelled"]
NORMAL, ZERO, REJECTED, CANCELLED = range(4)
OUTCOME_SHARE = [0.915, 0.038, 0.009, 0.038]
EVENTS = [
    "reported",
    "surveyed",
    "registered",
    "documents",
    "approved",
    "closed",
    "paid",
    "reopened",
    "closed_again",
    "paid_again",
]
SMALL = 3_000_00  # in cents
REOPENED_SHARE = 0.011

Columns = dict[str, np.ndarray]


def _draw_lognormal(
    rng: np.random.Generator, mean: np.ndarray | float, sigma: float, size: int
) -> np.ndarray:
    return mean * np.exp(sigma * rng.standard_normal(size) - sigma * sigma / 2)


def _draw_losses(rng: np.random.Generator, injured: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Return losses in cents.

    Most motor claims are a few hundred to a few thousand yuan, injuries cost tens of thousands.
    """
    median = np.where(injured, 14_000, np.where(line == PROPERTY, 6_000, 2_150))
    sigma = np.where(injured, 1.15, 1.0)
    yuan = median * np.exp(sigma * rng.standard_normal(len(line)))
    cents = (np.clip(yuan, 80, 3_000_000) * 100).astype(np.int64)
    return cents // 10 * 10


def _draw_waits(
    rng: np.random.Generator, injured: np.ndarray, loss: np.ndarray, pace: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the days for collecting documents, for the assessment, and from close to payment."""
    size = len(loss)
    small = ~injured & (loss <= SMALL)
    bigger = np.clip(loss / 8_000_00, 0.4, 30) ** 0.25
    documents = np.where(injured, 128 * bigger, np.where(small, 1.9, 19 * bigger))
    sigma = np.where(injured, 0.95, np.where(small, 0.85, 1.0))
    approval = np.where(injured, 7.0, np.where(small, 0.75, 3.6))
    payment = np.where(small, 0.6, 2.0)
    luck = np.exp(sigma * rng.standard_normal(size) - sigma * sigma / 2)
    return (
        pace * documents * luck,
        pace * approval * rng.standard_exponential(size),
        pace * payment * rng.standard_exponential(size),
    )


def _report_and_survey(rng: np.random.Generator, tree: Tree, claims: Columns) -> None:
    """Add the accident before the report, and the survey and the registration after it."""
    reported = claims["reported"]
    size = len(reported)
    seconds_to_report = (60 + _draw_lognormal(rng, 9_000, 1.9, size)).clip(0, 60 * DAY)
    claims["occurred"] = reported - seconds_to_report.astype(np.int64)
    agreed = rng.random(size) < 0.22
    wished = move_to_office_hours(rng, reported + rng.integers(7_200, 2 * DAY, size))
    appointment = (wished // 900 + 1) * 900  # at the next full quarter of an hour
    claims["survey_agreed"] = np.where(agreed, appointment, NEVER)
    sets_out = np.where(agreed, appointment - 1_500, reported)
    minutes = _draw_lognormal(rng, 22 * tree.pace[claims["branch"]] ** 0.7, 0.55, size)
    missed_share = np.where(claims["outcome"] == CANCELLED, 0.55, 0.03)
    came = rng.random(size) > missed_share
    arrived = np.maximum(sets_out, reported + 60) + (minutes * 60).astype(np.int64)
    claims["surveyed"] = np.where(came, arrived, NEVER)
    seen = np.where(came, claims["surveyed"], reported)
    claims["registered"] = office_moment_after(rng, seen, rng.standard_exponential(size) * 0.35)


def _settle(
    rng: np.random.Generator, claims: Columns, waits: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    """Add the way from the documents to the payment, or the plain close of a file without one."""
    outcome = claims["outcome"]
    size = len(outcome)
    days_for_documents, days_for_approval, days_for_payment = waits
    documents = office_moment_after(rng, claims["registered"], days_for_documents)
    approved = office_moment_after(rng, documents, days_for_approval)
    closed = approved + rng.integers(60, 7_200, size)
    paid = office_moment_after(rng, closed, days_for_payment)
    claims["paid"] = np.where(outcome == NORMAL, paid, NEVER)
    # Nothing is assessed of these: the file is simply closed once the matter is clear.
    dropped = (outcome == CANCELLED) | (outcome == ZERO)
    claims["closed"] = np.where(dropped, documents, closed)
    claims["documents"] = np.where(dropped, NEVER, documents)
    claims["approved"] = np.where(dropped, NEVER, approved)
    cancelled_at_once = (outcome == CANCELLED) & (rng.random(size) < 0.4)
    claims["registered"] = np.where(cancelled_at_once, NEVER, claims["registered"])


def _reopen(rng: np.random.Generator, claims: Columns) -> None:
    """Let some paid claims come back (hidden damage, follow-up treatment) and be paid again."""
    size = len(claims["paid"])
    is_reopened = (rng.random(size) < REOPENED_SHARE) & (claims["outcome"] == NORMAL)
    rows = np.flatnonzero(is_reopened)
    for name in ("reopened", "closed_again", "paid_again"):
        claims[name] = np.full(size, NEVER)
    claims["amount_again"] = claims["amount"].copy()
    days_until_back = rng.gamma(1.2, 35, len(rows)) + 1
    reopened = office_moment_after(rng, claims["paid"][rows], days_until_back)
    closed = office_moment_after(rng, reopened, rng.gamma(1.3, 14, len(rows)))
    claims["reopened"][rows] = reopened
    claims["closed_again"][rows] = closed
    days_for_payment = rng.standard_exponential(len(rows)) * 2
    claims["paid_again"][rows] = office_moment_after(rng, closed, days_for_payment)
    increase = rng.uniform(1.05, 1.8, len(rows))
    claims["amount_again"][rows] = (claims["amount"][rows] * increase).astype(np.int64)


def simulate_claims(
    rng: np.random.Generator, tree: Tree, reported: np.ndarray, number: np.ndarray, pace: np.ndarray
) -> Columns:
    """Return one claim per report.

    Args:
        rng: the source of chance; the order of the draws is part of the sample.
        tree: the branches, by whose share of the business claims are spread.
        reported: moments of the reports.
        number: of each claim.
        pace: what stretches all waits of a branch; 1 is average.
    """
    size = len(reported)
    branch = rng.choice(len(tree.share), size, p=tree.share).astype(np.int32)
    branch = assign_branches(tree, branch, reported)
    line = rng.choice(len(LINES), size, p=LINE_SHARE).astype(np.int8)
    outcome = rng.choice(len(OUTCOMES), size, p=OUTCOME_SHARE).astype(np.int8)
    injured = rng.random(size) < INJURY_SHARE[line]
    loss = _draw_losses(rng, injured, line)
    claims = {
        "number": number,
        "branch": branch,
        "line": line,
        "outcome": outcome,
        "reported": reported,
    }
    is_unknown = rng.random(size) < INJURY_UNKNOWN_SHARE
    claims["injury"] = np.where(is_unknown, -1, injured).astype(np.int8)
    claims["amount"] = np.where(outcome == NORMAL, loss, 0)
    first_error = np.exp(0.30 * rng.standard_normal(size) + 0.02)
    claims["estimate"] = (loss * first_error).astype(np.int64)
    later_error = np.exp(0.10 * rng.standard_normal(size))
    claims["estimate_later"] = (loss * later_error).astype(np.int64)
    _report_and_survey(rng, tree, claims)
    _settle(rng, claims, _draw_waits(rng, injured, loss, pace[branch]))
    _reopen(rng, claims)
    return claims


def first_settlement(claims: Columns) -> np.ndarray:
    """Return the moments of first settlement: the payment, or the close of a file without one."""
    return np.where(claims["outcome"] == NORMAL, claims["paid"], claims["closed"])


def join_columns(parts: Iterable[Columns]) -> Columns:
    """Return the rows of several parts, one after the other."""
    parts = list(parts)
    joined = {}
    for name in parts[0]:
        joined[name] = np.concatenate([part[name] for part in parts])
    return joined


def take_rows(columns: Columns, rows: np.ndarray) -> Columns:
    """Return some rows, given by their positions or as a mask."""
    return {name: column[rows] for name, column in columns.items()}
