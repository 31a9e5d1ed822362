"""Complaints: each grows out of the business of a branch, most of them out of a slow claim."""

import numpy as np

from .claims import Columns, first_settlement, take_rows
from .clock import DAY, NEVER, office_moment_after
from .tree import Tree

CHANNELS = ["regulator", "company", "industry_body", "other"]
REGULATOR, COMPANY = 0, 1
CHANNEL_SHARE = [0.033, 0.837, 0.04, 0.09]
OUTCOMES = ["upheld", "partly_upheld", "rejected", "withdrawn"]
REJECTED = 2  # this outcome and those after it: nothing was wrong
VALID_OUTCOME_SHARE = np.array([0.45, 0.35, 0.14, 0.06])
INVALID_OUTCOME_SHARE = np.array([0.0, 0.0, 0.75, 0.25])
CATEGORIES = ["claims", "销售", "服务", "承保", "其他"]
CATEGORY_SHARE = [0.62, 0.14, 0.13, 0.07, 0.04]
COMPLEXITIES = ["simple", "complex", "special"]
LIMIT_DAYS = np.array([10, 30, 60])  # in force in China until 2020
EVENTS = ["received", "contacted", "closed", "escalated"]


def _draw_causes(
    rng: np.random.Generator, tree: Tree, claims: Columns, count: int, until: int
) -> Columns:
    """Return claims that made somebody complain, and when: during the wait, or just after it."""
    branch = claims["branch"]
    wait = np.minimum(first_settlement(claims) - claims["reported"], 200 * DAY)

    # The longer the wait the likelier a complaint, though less than in proportion.
    weight = tree.trouble[branch] * (wait / DAY + 3) ** 0.5
    share = weight / weight.sum()
    rows = np.sort(rng.choice(len(wait), count, replace=False, p=share))
    reported = claims["reported"][rows]

    patience = wait[rows] * rng.uniform(0.1, 1.1, count)
    day = (reported + 3_600 + patience.astype(np.int64)) // DAY
    second = 28_800 + rng.integers(0, 43_200, count)  # between 08:00 and 20:00
    moment = np.maximum(day * DAY + second, reported + 1_800)
    causes = {
        "received": moment,
        "branch": branch[rows],
        "line": claims["line"][rows],
        "claim": claims["number"][rows],
    }

    return take_rows(causes, moment < until)


def limit_days(complaints: Columns) -> np.ndarray:
    """Return the days that handling may take.

    Empty complexity counts as simple; an extension moves to the next longer limit.
    """
    step = np.maximum(complaints["complexity"], 0) + complaints["extended"]
    return LIMIT_DAYS[np.minimum(step, 2)]


def last_day(complaints: Columns) -> np.ndarray:
    """Return the number of the last day on which closing is in time."""
    return complaints["received"] // DAY + limit_days(complaints)


def escalate(complaints: Columns) -> None:
    """Escalate complaints past their limit, by two levels if they drag on."""
    limit = last_day(complaints)
    day_closed = complaints["closed"] // DAY
    days_late = day_closed - limit
    is_late = days_late > 0
    drags_on = days_late > 12
    complaints["escalation"] = is_late.astype(np.int8) + drags_on.astype(np.int8)
    next_morning = (limit + 1) * DAY + 32_400
    complaints["escalated"] = np.where(is_late, next_morning, NEVER)


def simulate_complaints(
    rng: np.random.Generator, tree: Tree, claims: Columns, count: int, until: int
) -> Columns:
    """Return complaints about claims.

    Args:
        rng: the source of chance; the order of the draws is part of the sample.
        tree: the branches and how much trouble each makes.
        claims: what the complaints are drawn from.
        count: how many are drawn.
        until: those received at this moment or later are left out.
    """
    complaints = _draw_causes(rng, tree, claims, count, until)
    size = len(complaints["received"])
    complaints["channel"] = rng.choice(4, size, p=CHANNEL_SHARE).astype(np.int8)
    complaints["valid"] = rng.random(size) < 0.62
    complaints["category"] = rng.choice(5, size, p=CATEGORY_SHARE).astype(np.int8)
    is_about_claim = (complaints["category"] == 0) & (rng.random(size) < 0.9)
    complaints["claim"] = np.where(is_about_claim, complaints["claim"], 0)
    complexity = rng.choice([-1, 0, 1, 2], size, p=[0.05, 0.70, 0.21, 0.04])
    complaints["complexity"] = complexity.astype(np.int8)
    complaints["extended"] = rng.random(size) < 0.04
    complaints["outcome"] = _draw_outcomes(rng, complaints["valid"])
    _contact_and_close(rng, tree, complaints)
    escalate(complaints)

    return complaints


def _draw_outcomes(rng: np.random.Generator, is_valid: np.ndarray) -> np.ndarray:
    dice = rng.random(len(is_valid))
    if_valid = np.searchsorted(VALID_OUTCOME_SHARE.cumsum(), dice)
    if_invalid = np.searchsorted(INVALID_OUTCOME_SHARE.cumsum(), dice)
    outcome = np.where(is_valid, if_valid, if_invalid)
    # The shares add up to 1 only within the precision of a double: the last outcome takes the rest.
    last_outcome = len(OUTCOMES) - 1
    return outcome.clip(0, last_outcome).astype(np.int8)


def _contact_and_close(rng: np.random.Generator, tree: Tree, complaints: Columns) -> None:
    """Add when the branch contacted the customer, and when the complaint was closed."""
    received = complaints["received"]
    size = len(received)
    pace = tree.pace[complaints["branch"]]
    luck = np.exp(1.1 * rng.standard_normal(size))
    seconds_to_contact = 3_600 * 1.6 * pace * luck
    contacted = received + seconds_to_contact.astype(np.int64) + 60
    is_forgotten = rng.random(size) < 0.03
    complaints["contacted"] = np.where(is_forgotten, NEVER, contacted)

    # Work is done with the limit in sight: a branch of average pace takes 42% of it.
    luck = np.exp(0.55 * rng.standard_normal(size))
    days = limit_days(complaints) * 0.42 * pace * luck
    complaints["closed"] = office_moment_after(rng, received, days)


def number_complaints(complaints: Columns) -> Columns:
    """Return the complaints sorted by receipt and numbered within the year."""
    order = np.argsort(complaints["received"], kind="stable")
    complaints = take_rows(complaints, order)
    received = complaints["received"].astype("datetime64[s]")

    # numpy counts years from 1970.
    year = 1970 + received.astype("datetime64[Y]").astype(np.int64)
    number_in_year = np.arange(len(year)) - np.searchsorted(year, year) + 1
    complaints["number"] = year * 1_000_000 + number_in_year

    return complaints
