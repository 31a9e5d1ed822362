"""Call-backs: who is to be called, when they were dialled, what they said.

A call-back has an occasion (a report, a payment, a rescue, a complaint), from which its limit runs,
and a grief: what a bad experience takes off the odds of a good rating.
"""

import numpy as np

from .claims import NORMAL, Columns, first_settlement, take_rows
from .clock import DAY, NEVER
from .tree import Tree

KINDS = ["scene_report", "closed_claim", "roadside_rescue", "complaint"]
SCENE, CLOSED, RESCUE, COMPLAINT = range(4)
AGENTS = 168
ISSUES = ["查勘不及时", "缺少指引", "单证麻烦", "赔付慢"]
ISSUE_SHARE = np.array(
    [[0.5, 0.4, 0.07, 0.03], [0.08, 0.12, 0.40, 0.40], [0.7, 0.3, 0, 0], [0.15, 0.15, 0.3, 0.4]]
)
COMMENTS = [
    "查勘员态度很好",
    "等了一个多小时才到现场",
    "希望赔款快一点",
    "单证要求一次说清楚,不要跑几趟",
    "没人告诉我下一步怎么办",
    "修理厂定损价格偏低",
    "客户表示满意,感谢回访",
    "客户在开车, 约晚上再打",
    '对"无责不赔"的解释不认可',
    "救援车到得很快",
    "赔款已到账",
    "电话不易打通",
    "人伤案件材料太多",
    "希望短信通知进度",
    "客户要求经理回电",
]
EVENTS = ["occasion", "dialled", "connected", "completed"]

OPENS, CLOSES = 30_600, 73_800  # the call centre dials from 08:30 to 20:30, on every day

# One figure per kind, in the order of KINDS.
LIMIT = np.array([1 * DAY, 3 * DAY, 1 * DAY, 1_800])  # from the event to the latest first dial
TYPICAL_WAIT = np.array([7.0, 22.0, 6.0, 0.16]) * 3_600
WAIT_SPREAD = np.array([0.75, 0.75, 0.8, 0.65])
BASE_LOG_ODDS = np.array([3.30, 2.98, 3.75, 2.35])
REACHED_SHARE = np.array([0.88, 0.90, 0.85, 0.95])
RATED_SHARE = np.array([0.60, 0.63, 0.57, 0.86])


def _move_to_call_hours(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Return the times, those out of hours moved to the next morning."""
    day, second = np.divmod(times, DAY)
    is_after_hours = second >= CLOSES
    is_outside = is_after_hours | (second < OPENS)

    next_open_day = day + is_after_hours

    # Spread over two and a half hours: what waited overnight is not dialled at once.
    queue = rng.integers(0, 9_000, len(times))
    morning = next_open_day * DAY + OPENS + queue

    return np.where(is_outside, morning, times)


def _dial(rng: np.random.Generator, calls: Columns) -> None:
    """Add when a call was due, dialled, connected and completed, and how many dials it took."""
    kind, occasion = calls["kind"], calls["occasion"]
    size = len(kind)
    first_dial = _draw_first_dial(rng, kind, occasion)
    is_forgotten = rng.random(size) < 0.012
    calls["due"] = occasion + LIMIT[kind]
    calls["dialled"] = np.where(is_forgotten, NEVER, first_dial)

    attempts = np.minimum(rng.geometric(0.72, size), 6)
    is_reached = rng.random(size) < REACHED_SHARE[kind]
    is_reached &= ~is_forgotten
    last_dial = _draw_last_dial(rng, first_dial, attempts)
    seconds_ringing = rng.integers(6, 40, size)
    calls["connected"] = np.where(is_reached, last_dial + seconds_ringing, NEVER)

    # Whoever is not reached is tried two more times before the case is given up.
    attempts = np.where(is_reached, attempts, np.minimum(attempts + 2, 8))
    calls["attempts"] = np.where(is_forgotten, 0, attempts).astype(np.int8)

    talk = 70 * np.exp(0.5 * rng.standard_normal(size))
    calls["talk"] = talk.astype(np.int64).clip(8, 1_800)

    # Some hang up before the last question: connected, not completed.
    is_completed = is_reached & (rng.random(size) < 0.94)
    hung_up = calls["connected"] + calls["talk"]
    calls["completed"] = np.where(is_completed, hung_up, NEVER)


def _draw_first_dial(
    rng: np.random.Generator, kind: np.ndarray, occasion: np.ndarray
) -> np.ndarray:
    """Return when each case was first dialled, had nobody forgotten it."""
    luck = np.exp(WAIT_SPREAD[kind] * rng.standard_normal(len(kind)))
    wait = TYPICAL_WAIT[kind] * luck
    first_dial = occasion + wait.astype(np.int64) + 45
    in_call_hours = _move_to_call_hours(rng, first_dial)
    # Complaints are urgent: they are called back at any hour.
    return np.where(kind == COMPLAINT, first_dial, in_call_hours)


def _draw_last_dial(
    rng: np.random.Generator, first_dial: np.ndarray, attempts: np.ndarray
) -> np.ndarray:
    """Return when each case was dialled for the last time."""
    pause = rng.integers(3_000, 40_000, len(attempts))
    last_dial = _move_to_call_hours(rng, first_dial + (attempts - 1) * pause)
    # A first dial at any hour may lie after the call hours to which the last one was moved.
    last_dial = np.maximum(last_dial, first_dial + 600)
    return np.where(attempts > 1, last_dial, first_dial)


def _answer(rng: np.random.Generator, tree: Tree, calls: Columns) -> None:
    """Add who called, what the customer answered, and how good the call was."""
    kind = calls["kind"]
    size = len(kind)

    # The knack of an agent is part of the person: the same in every month of the sample.
    knack = np.random.default_rng([2012, 9]).normal(0, 1, AGENTS)
    calls["agent"] = rng.integers(0, AGENTS, size, dtype=np.int16)
    agent_knack = knack[calls["agent"]]

    log_odds = BASE_LOG_ODDS[kind] + tree.liking[calls["branch"]]
    log_odds = log_odds - calls["grief"] + 0.08 * agent_knack
    is_pleased = rng.random(size) < 1 / (1 + np.exp(-log_odds))
    is_completed = calls["completed"] < NEVER
    _rate(rng, calls, is_pleased, is_completed)
    _name_issue(rng, calls, is_pleased, is_completed)
    _comment(rng, calls, is_pleased, is_completed)
    _assess_quality(rng, calls, agent_knack, is_completed)


def _rate(
    rng: np.random.Generator, calls: Columns, is_pleased: np.ndarray, is_completed: np.ndarray
) -> None:
    """Add ratings from 1 to 5; 0 where the customer gave none."""
    size = len(is_pleased)
    dice = rng.random(size)
    good_rating = 4 + (dice < 0.68)
    bad_rating = 1 + (dice > 0.12) + (dice > 0.40)
    rating = np.where(is_pleased, good_rating, bad_rating)

    is_willing = rng.random(size) < RATED_SHARE[calls["kind"]]
    is_rated = is_willing & is_completed
    calls["rating"] = np.where(is_rated, rating, 0).astype(np.int8)


def _name_issue(
    rng: np.random.Generator, calls: Columns, is_pleased: np.ndarray, is_completed: np.ndarray
) -> None:
    """Add the issue that the customer named; -1 for none."""
    size = len(is_pleased)
    share_up_to = np.cumsum(ISSUE_SHARE, axis=1)[calls["kind"]]
    dice = rng.random(size)[:, None]
    issue = (share_up_to < dice).sum(axis=1)

    # The shares add up to 1 only within the precision of a double: the last issue takes the rest.
    issue = np.minimum(issue, len(ISSUES) - 1)

    share = np.where(is_pleased, 0.045, 0.55)
    has_issue = is_completed & (rng.random(size) < share)
    calls["issue"] = np.where(has_issue, issue, -1).astype(np.int8)


def _comment(
    rng: np.random.Generator, calls: Columns, is_pleased: np.ndarray, is_completed: np.ndarray
) -> None:
    """Add the comment that was written down; -1 for none."""
    size = len(is_pleased)
    share = np.where(is_pleased, 0.006, 0.10)
    has_comment = is_completed & (rng.random(size) < share)
    comment = rng.integers(0, len(COMMENTS), size)
    calls["comment"] = np.where(has_comment, comment, -1).astype(np.int8)


def _assess_quality(
    rng: np.random.Generator, calls: Columns, agent_knack: np.ndarray, is_completed: np.ndarray
) -> None:
    """Add the score of the calls that were listened to, in hundredths of a point; -1 for none."""
    size = len(agent_knack)
    is_checked = is_completed & (rng.random(size) < 0.06)
    score = 91 + 3.5 * agent_knack + 4 * rng.standard_normal(size)
    score = np.clip(score, 40, 100)
    hundredths = np.round(score * 2) * 50  # halves of a point
    calls["quality"] = np.where(is_checked, hundredths, -1).astype(np.int64)


def simulate_callbacks(rng: np.random.Generator, tree: Tree, cases: Columns) -> Columns:
    """Return the calls about these cases, in order of their occasions."""
    order = np.argsort(cases["occasion"], kind="stable")
    calls = take_rows(cases, order)
    _dial(rng, calls)
    _answer(rng, tree, calls)
    del calls["grief"]
    return calls


def _make_cases(
    kind: int, subject: np.ndarray, branch: np.ndarray, occasion: np.ndarray, grief: np.ndarray
) -> Columns:
    return {
        "kind": np.full(len(subject), kind, np.int8),
        "subject": subject,
        "branch": branch,
        "occasion": occasion,
        "grief": grief.astype(np.float32),
    }


def scene_cases(rng: np.random.Generator, claims: Columns, rows: np.ndarray) -> Columns:
    """Return a case per claim of these rows: how was the survey at the scene?"""
    number, branch = claims["number"][rows], claims["branch"][rows]
    reported, surveyed = claims["reported"][rows], claims["surveyed"][rows]

    # A survey that never came is remembered as one that took a day.
    seconds_to_survey = np.minimum(surveyed - reported, DAY)
    grief = 0.02 * (seconds_to_survey / 3_600)
    occasion = reported + rng.integers(1_800, 9_000, len(rows))
    return _make_cases(SCENE, number, branch, occasion, grief)


def closed_cases(claims: Columns, rows: np.ndarray) -> Columns:
    """Return a case per claim of these rows: how was the settlement?"""
    number, branch = claims["number"][rows], claims["branch"][rows]
    paid = first_settlement(claims)[rows]
    days = (paid - claims["reported"][rows]) / DAY
    # The tenth day hurts more than the hundredth.
    grief = 0.2 * np.log1p(days / 10) - 0.2
    return _make_cases(CLOSED, number, branch, paid, grief)


def rescue_cases(
    tree: Tree, rng: np.random.Generator, occasion: np.ndarray, first_number: int
) -> Columns:
    """Return a case per roadside rescue.

    Args:
        tree: the branches, by whose share of the business rescues are spread.
        rng: the source of chance; the order of the draws is part of the sample.
        occasion: the moments of the rescues.
        first_number: of the first one; the others are numbered from it.
    """
    size = len(occasion)
    branch = rng.choice(len(tree.share), size, p=tree.share).astype(np.int32)
    numbers = first_number + np.arange(size)
    grief = rng.normal(0, 0.1, size)

    return _make_cases(RESCUE, numbers, branch, occasion, grief)


def complaint_cases(complaints: Columns) -> Columns:
    """Return a case per complaint: how was it handled?"""
    number, branch = complaints["number"], complaints["branch"]
    received = complaints["received"]
    days = (complaints["closed"] - received) / DAY
    # From three months on it is as bad as it gets; an open complaint is closed NEVER.
    grief = 0.01 * np.minimum(days, 90)
    return _make_cases(COMPLAINT, number, branch, received, grief)


def find_paid(claims: Columns, start: int, end: int) -> np.ndarray:
    """Return the rows of the claims paid in [start, end)."""
    paid = first_settlement(claims)
    is_paid = (claims["outcome"] == NORMAL) & (paid >= start) & (paid < end)
    return np.flatnonzero(is_paid)
