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
    is_outside = (second < OPENS) | (second >= CLOSES)
    morning = np.where(second >= CLOSES, day + 1, day) * DAY + OPENS
    return np.where(is_outside, morning + rng.integers(0, 9_000, len(times)), times)


def _dial(rng: np.random.Generator, calls: Columns) -> None:
    """Add when a call was due, dialled, connected and completed, and how many dials it took."""
    kind, occasion = calls["kind"], calls["occasion"]
    size = len(kind)
    luck = np.exp(WAIT_SPREAD[kind] * rng.standard_normal(size))
    first_dial = occasion + (TYPICAL_WAIT[kind] * luck).astype(np.int64) + 45
    # Complaints are urgent: they are called back at any hour.
    first_dial = np.where(kind == COMPLAINT, first_dial, _move_to_call_hours(rng, first_dial))
    is_forgotten = rng.random(size) < 0.012
    calls["due"] = occasion + LIMIT[kind]
    calls["dialled"] = np.where(is_forgotten, NEVER, first_dial)
    attempts = np.minimum(rng.geometric(0.72, size), 6)
    is_reached = (rng.random(size) < REACHED_SHARE[kind]) & ~is_forgotten
    pause = rng.integers(3_000, 40_000, size)
    last_dial = _move_to_call_hours(rng, first_dial + (attempts - 1) * pause)
    last_dial = np.where(attempts > 1, np.maximum(last_dial, first_dial + 600), first_dial)
    seconds_ringing = rng.integers(6, 40, size)
    calls["connected"] = np.where(is_reached, last_dial + seconds_ringing, NEVER)
    attempts = np.where(is_reached, attempts, np.minimum(attempts + 2, 8))
    calls["attempts"] = np.where(is_forgotten, 0, attempts).astype(np.int8)
    talk = (70 * np.exp(0.5 * rng.standard_normal(size))).astype(np.int64)
    calls["talk"] = talk.clip(8, 1_800)
    is_completed = is_reached & (rng.random(size) < 0.94)
    calls["completed"] = np.where(is_completed, calls["connected"] + calls["talk"], NEVER)


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
    dice = rng.random(size)
    good_rating = 4 + (dice < 0.68)
    bad_rating = 1 + (dice > 0.12) + (dice > 0.40)
    rating = np.where(is_pleased, good_rating, bad_rating)
    is_completed = calls["completed"] < NEVER
    is_rated = (rng.random(size) < RATED_SHARE[kind]) & is_completed
    calls["rating"] = np.where(is_rated, rating, 0).astype(np.int8)
    share_up_to = np.cumsum(ISSUE_SHARE, axis=1)[kind]
    issue = (share_up_to < rng.random(size)[:, None]).sum(axis=1)
    has_issue = is_completed & (rng.random(size) < np.where(is_pleased, 0.045, 0.55))
    last_issue = len(ISSUES) - 1
    calls["issue"] = np.where(has_issue, np.minimum(issue, last_issue), -1).astype(np.int8)
    has_comment = is_completed & (rng.random(size) < np.where(is_pleased, 0.006, 0.10))
    comment = rng.integers(0, len(COMMENTS), size)
    calls["comment"] = np.where(has_comment, comment, -1).astype(np.int8)
    is_checked = is_completed & (rng.random(size) < 0.06)
    score = np.clip(91 + 3.5 * agent_knack + 4 * rng.standard_normal(size), 40, 100)
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
    reported = claims["reported"][rows]
    hours_to_survey = np.minimum(claims["surveyed"][rows] - reported, DAY) / 3_600
    occasion = reported + rng.integers(1_800, 9_000, len(rows))
    number, branch = claims["number"][rows], claims["branch"][rows]
    return _make_cases(SCENE, number, branch, occasion, 0.02 * hours_to_survey)


def closed_cases(claims: Columns, rows: np.ndarray) -> Columns:
    """Return a case per claim of these rows: how was the settlement?"""
    paid = first_settlement(claims)[rows]
    days = (paid - claims["reported"][rows]) / DAY
    grief = 0.2 * np.log1p(days / 10) - 0.2
    return _make_cases(CLOSED, claims["number"][rows], claims["branch"][rows], paid, grief)


def rescue_cases(
    tree: Tree, rng: np.random.Generator, occasion: np.ndarray, first_number: int
) -> Columns:
    """Return a case per roadside rescue at these moments, numbered from `first_number`."""
    size = len(occasion)
    branch = rng.choice(len(tree.share), size, p=tree.share).astype(np.int32)
    numbers = first_number + np.arange(size)
    return _make_cases(RESCUE, numbers, branch, occasion, rng.normal(0, 0.1, size))


def complaint_cases(complaints: Columns) -> Columns:
    """Return a case per complaint: how was it handled?"""
    received = complaints["received"]
    days = np.minimum((complaints["closed"] - received) / DAY, 90)
    return _make_cases(COMPLAINT, complaints["number"], complaints["branch"], received, 0.01 * days)


def find_paid(claims: Columns, start: int, end: int) -> np.ndarray:
    """Return the rows of the claims paid in [start, end)."""
    paid = first_settlement(claims)
    is_paid = (claims["outcome"] == NORMAL) & (paid >= start) & (paid < end)
    return np.flatnonzero(is_paid)
