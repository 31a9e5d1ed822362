"""Claims: when each step happened, and how much it cost. Columns are numpy arrays of one length in
a dict.
"""

import numpy as np

from .clock import DAY, NEVER, later, office
from .tree import Tree, assign_branches

LINES = ["交强险", "商业车险", "企财险", "责任险"]
LINE_SHARE = [0.39, 0.50, 0.05, 0.06]
INJURY_SHARE = np.array([0.15, 0.08, 0.01, 0.30])
OUTCOMES = ["normal", "zero", "rejected", "cancelled"]
NORMAL, ZERO, REJECTED, CANCELLED = range(4)
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


def _lognormal(
    rng: np.random.Generator, mean: np.ndarray | float, sigma: float, size: int
) -> np.ndarray:
    return mean * np.exp(sigma * rng.standard_normal(size) - sigma * sigma / 2)


def _money(rng: np.random.Generator, injured: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Loss in cents: most motor claims are a few hundred to a few thousand yuan, injuries cost tens
    of thousands.
    """
    median = np.where(injured, 14_000, np.where(line == 2, 6_000, 2_150))
    yuan = median * np.exp(np.where(injured, 1.15, 1.0) * rng.standard_normal(len(line)))
    return (np.clip(yuan, 80, 3_000_000) * 100).astype(np.int64) // 10 * 10


def _waits(
    rng: np.random.Generator, injured: np.ndarray, loss: np.ndarray, pace: np.ndarray
) -> list[np.ndarray]:
    """Days for collecting documents, for the assessment, and from the close of the file to the
    money.
    """
    size = len(loss)
    small = ~injured & (loss <= SMALL)
    bigger = np.clip(loss / 8_000_00, 0.4, 30) ** 0.25
    documents = np.where(injured, 128 * bigger, np.where(small, 1.9, 19 * bigger))
    sigma = np.where(injured, 0.95, np.where(small, 0.85, 1.0))
    approval = np.where(injured, 7.0, np.where(small, 0.75, 3.6))
    payment = np.where(small, 0.6, 2.0)
    return [
        pace * documents * np.exp(sigma * rng.standard_normal(size) - sigma * sigma / 2),
        pace * approval * rng.standard_exponential(size),
        pace * payment * rng.standard_exponential(size),
    ]


def _first_look(rng: np.random.Generator, tree: Tree, c: Columns) -> None:
    """The accident before the report, the survey and the registration after it."""
    size, reported = len(c["reported"]), c["reported"]
    c["occurred"] = reported - (60 + _lognormal(rng, 9_000, 1.9, size)).clip(0, 60 * DAY).astype(
        np.int64
    )
    agreed = rng.random(size) < 0.22
    appointment = (office(rng, reported + rng.integers(7_200, 2 * DAY, size)) // 900 + 1) * 900
    c["survey_agreed"] = np.where(agreed, appointment, NEVER)
    start = np.where(agreed, appointment - 1_500, reported)
    minutes = _lognormal(rng, 22 * tree.pace[c["place"]] ** 0.7, 0.55, size)
    came = rng.random(size) > np.where(c["outcome"] == CANCELLED, 0.55, 0.03)
    c["surveyed"] = np.where(
        came, np.maximum(start, reported + 60) + (minutes * 60).astype(np.int64), NEVER
    )
    seen = np.where(came, c["surveyed"], reported)
    c["registered"] = later(rng, seen, rng.standard_exponential(size) * 0.35)


def _close(rng: np.random.Generator, c: Columns, waits: list[np.ndarray]) -> None:
    outcome, size = c["outcome"], len(c["outcome"])
    c["documents"] = later(rng, c["registered"], waits[0])
    c["approved"] = later(rng, c["documents"], waits[1])
    c["closed"] = c["approved"] + rng.integers(60, 7_200, size)
    c["paid"] = np.where(outcome == NORMAL, later(rng, c["closed"], waits[2]), NEVER)
    dropped = (outcome == CANCELLED) | (outcome == ZERO)  # no assessment: the file is simply shut
    c["closed"] = np.where(dropped, c["documents"], c["closed"])
    c["documents"] = np.where(dropped, NEVER, c["documents"])
    c["approved"] = np.where(dropped, NEVER, c["approved"])
    c["registered"] = np.where(
        (outcome == CANCELLED) & (rng.random(size) < 0.4), NEVER, c["registered"]
    )


def _reopen(rng: np.random.Generator, c: Columns) -> None:
    """Some paid claims come back (a hidden damage, a follow-up treatment) and are paid a second
    time.
    """
    size = len(c["paid"])
    chosen = np.flatnonzero((rng.random(size) < REOPENED_SHARE) & (c["outcome"] == NORMAL))
    for name in ("reopened", "closed_again", "paid_again"):
        c[name] = np.full(size, NEVER)
    c["amount_again"] = c["amount"].copy()
    back = later(rng, c["paid"][chosen], rng.gamma(1.2, 35, len(chosen)) + 1)
    closed = later(rng, back, rng.gamma(1.3, 14, len(chosen)))
    c["reopened"][chosen], c["closed_again"][chosen] = back, closed
    c["paid_again"][chosen] = later(rng, closed, rng.standard_exponential(len(chosen)) * 2)
    more = (c["amount"][chosen] * rng.uniform(1.05, 1.8, len(chosen))).astype(np.int64)
    c["amount_again"][chosen] = more


def simulate_claims(
    rng: np.random.Generator, tree: Tree, reported: np.ndarray, number: np.ndarray, pace: np.ndarray
) -> Columns:
    """One claim per report. `pace` stretches all waits of a branch."""
    size = len(reported)
    place = assign_branches(
        tree, rng.choice(len(tree.share), size, p=tree.share).astype(np.int32), reported
    )
    line = rng.choice(4, size, p=LINE_SHARE).astype(np.int8)
    outcome = rng.choice(4, size, p=[0.915, 0.038, 0.009, 0.038]).astype(np.int8)
    injured = rng.random(size) < INJURY_SHARE[line]
    loss = _money(rng, injured, line)
    c = dict(number=number, place=place, line=line, outcome=outcome, reported=reported)
    c["injury"] = np.where(rng.random(size) < 0.01, -1, injured).astype(np.int8)
    c["amount"] = np.where(outcome == NORMAL, loss, 0)
    c["estimate"] = (loss * np.exp(0.30 * rng.standard_normal(size) + 0.02)).astype(np.int64)
    c["estimate_later"] = (loss * np.exp(0.10 * rng.standard_normal(size))).astype(np.int64)
    _first_look(rng, tree, c)
    _close(rng, c, _waits(rng, injured, loss, pace[place]))
    _reopen(rng, c)
    return c


def settled(c: Columns) -> np.ndarray:
    """The first settlement: the payment, or the close of a file without one."""
    return np.where(c["outcome"] == NORMAL, c["paid"], c["closed"])


def join(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
