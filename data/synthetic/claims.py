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
    # Half the variance less, so that `mean` is the mean and not the median.
    exponent = sigma * rng.standard_normal(size) - sigma * sigma / 2
    return mean * np.exp(exponent)


def _draw_losses(rng: np.random.Generator, injured: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Return losses in cents.

    Most motor claims are a few hundred to a few thousand yuan, injuries cost tens of thousands.
    """
    of_things = np.where(line == PROPERTY, 6_000, 2_150)
    median = np.where(injured, 14_000, of_things)
    sigma = np.where(injured, 1.15, 1.0)
    yuan = median * np.exp(sigma * rng.standard_normal(len(line)))
    cents = (np.clip(yuan, 80, 3_000_000) * 100).astype(np.int64)

    # Surveyors write amounts in jiao, tenths of a yuan.
    return cents // 10 * 10


def _draw_waits(
    rng: np.random.Generator, injured: np.ndarray, loss: np.ndarray, pace: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the days for collecting documents, for the assessment, and from close to payment."""
    size = len(loss)
    small = ~injured & (loss <= SMALL)
    bigger = np.clip(loss / 8_000_00, 0.4, 30) ** 0.25

    # An injury has healed before its documents are complete: months, not weeks.
    documents = np.where(small, 1.9, 19 * bigger)
    documents = np.where(injured, 128 * bigger, documents)
    approval = np.where(small, 0.75, 3.6)
    approval = np.where(injured, 7.0, approval)
    payment = np.where(small, 0.6, 2.0)

    sigma = np.where(small, 0.85, 1.0)
    sigma = np.where(injured, 0.95, sigma)
    luck = np.exp(sigma * rng.standard_normal(size) - sigma * sigma / 2)

    return (
        pace * documents * luck,
        pace * approval * rng.standard_exponential(size),
        pace * payment * rng.standard_exponential(size),
    )


def _report_and_survey(rng: np.random.Generator, tree: Tree, claims: Columns) -> None:
    """Add the accident before the report, and the survey and the registration after it."""
    reported, branch = claims["reported"], claims["branch"]
    size = len(reported)
    seconds_to_report = 60 + _draw_lognormal(rng, 9_000, 1.9, size)
    seconds_to_report = seconds_to_report.clip(0, 60 * DAY).astype(np.int64)
    claims["occurred"] = reported - seconds_to_report

    is_agreed = rng.random(size) < 0.22
    wished = reported + rng.integers(7_200, 2 * DAY, size)
    wished = move_to_office_hours(rng, wished)
    appointment = (wished // 900 + 1) * 900  # at the next full quarter of an hour
    claims["survey_agreed"] = np.where(is_agreed, appointment, NEVER)

    # Who has an appointment sets out 25 minutes before it, the others at once.
    sets_out = np.where(is_agreed, appointment - 1_500, reported)
    sets_out = np.maximum(sets_out, reported + 60)
    typical_minutes = 22 * tree.pace[branch] ** 0.7
    minutes = _draw_lognormal(rng, typical_minutes, 0.55, size)
    arrived = sets_out + (minutes * 60).astype(np.int64)

    # Of a cancelled claim there is mostly nothing to look at.
    missed_share = np.where(claims["outcome"] == CANCELLED, 0.55, 0.03)
    came = rng.random(size) > missed_share
    claims["surveyed"] = np.where(came, arrived, NEVER)
    seen = np.where(came, arrived, reported)
    days_to_register = rng.standard_exponential(size) * 0.35
    claims["registered"] = office_moment_after(rng, seen, days_to_register)


def _settle(
    rng: np.random.Generator, claims: Columns, waits: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    """Add the way from the documents to the payment, or the plain close of a file without one."""
    outcome, registered = claims["outcome"], claims["registered"]
    size = len(outcome)
    days_for_documents, days_for_approval, days_for_payment = waits
    documents = office_moment_after(rng, registered, days_for_documents)
    approved = office_moment_after(rng, documents, days_for_approval)
    closed = approved + rng.integers(60, 7_200, size)
    paid = office_moment_after(rng, closed, days_for_payment)
    claims["paid"] = np.where(outcome == NORMAL, paid, NEVER)

    # Nothing is assessed of these: the file is simply closed once the matter is clear.
    is_cancelled = outcome == CANCELLED
    is_dropped = is_cancelled | (outcome == ZERO)
    claims["closed"] = np.where(is_dropped, documents, closed)
    claims["documents"] = np.where(is_dropped, NEVER, documents)
    claims["approved"] = np.where(is_dropped, NEVER, approved)
    is_cancelled_at_once = is_cancelled & (rng.random(size) < 0.4)
    claims["registered"] = np.where(is_cancelled_at_once, NEVER, registered)


def _reopen(rng: np.random.Generator, claims: Columns) -> None:
    """Let some paid claims come back (hidden damage, follow-up treatment) and be paid again."""
    amount, paid = claims["amount"], claims["paid"]
    size = len(paid)
    is_paid = claims["outcome"] == NORMAL
    is_reopened = is_paid & (rng.random(size) < REOPENED_SHARE)
    rows = np.flatnonzero(is_reopened)

    count = len(rows)
    for name in ("reopened", "closed_again", "paid_again"):
        claims[name] = np.full(size, NEVER)

    claims["amount_again"] = amount.copy()
    days_until_back = rng.gamma(1.2, 35, count) + 1
    reopened = office_moment_after(rng, paid[rows], days_until_back)
    days_for_assessment = rng.gamma(1.3, 14, count)
    closed = office_moment_after(rng, reopened, days_for_assessment)
    claims["reopened"][rows] = reopened
    claims["closed_again"][rows] = closed

    days_for_payment = rng.standard_exponential(count) * 2
    claims["paid_again"][rows] = office_moment_after(rng, closed, days_for_payment)
    increase = rng.uniform(1.05, 1.8, count)
    claims["amount_again"][rows] = (amount[rows] * increase).astype(np.int64)


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
