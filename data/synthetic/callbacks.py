"""Call-backs: who is to be called, when they were dialled, what they said."""

import numpy as np

from .claims import NORMAL, Columns, settled
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
EVENTS = ["asked", "dialled", "connected", "completed"]

LIMIT = np.array([1 * DAY, 3 * DAY, 1 * DAY, 1_800])  # from the event to the latest first dial
TYPICAL = np.array([7.0, 22.0, 6.0, 0.16]) * 3_600
SPREAD = np.array([0.75, 0.75, 0.8, 0.65])
BASE_ODDS = np.array([3.30, 2.98, 3.75, 2.35])
REACHED = np.array([0.88, 0.90, 0.85, 0.95])
RATED = np.array([0.60, 0.63, 0.57, 0.86])


def _call_hours(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """The call centre dials from 08:30 to 20:30, on every day."""
    day, second = np.divmod(times, DAY)
    outside = (second < 30_600) | (second >= 73_800)
    morning = (
        np.where(second >= 73_800, day + 1, day) * DAY + 30_600 + rng.integers(0, 9_000, len(times))
    )
    return np.where(outside, morning, times)


def _calls(rng: np.random.Generator, c: Columns) -> None:
    kind, size = c["kind"], len(c["kind"])
    wait = (TYPICAL[kind] * np.exp(SPREAD[kind] * rng.standard_normal(size))).astype(np.int64) + 45
    dialled = c["asked"] + wait
    dialled = np.where(kind == COMPLAINT, dialled, _call_hours(rng, dialled))
    never = rng.random(size) < 0.012
    c["due"] = c["asked"] + LIMIT[kind]
    c["dialled"] = np.where(never, NEVER, dialled)
    attempts = np.minimum(rng.geometric(0.72, size), 6)
    reached = (rng.random(size) < REACHED[kind]) & ~never
    again = _call_hours(rng, dialled + (attempts - 1) * rng.integers(3_000, 40_000, size))
    ring = rng.integers(6, 40, size)
    c["connected"] = np.where(
        reached, np.where(attempts > 1, np.maximum(again, dialled + 600), dialled) + ring, NEVER
    )
    c["attempts"] = np.where(
        never, 0, np.where(reached, attempts, np.minimum(attempts + 2, 8))
    ).astype(np.int8)
    c["talk"] = (70 * np.exp(0.5 * rng.standard_normal(size))).astype(np.int64).clip(8, 1_800)
    done = reached & (rng.random(size) < 0.94)
    c["completed"] = np.where(done, c["connected"] + c["talk"], NEVER)


def _answers(rng: np.random.Generator, tree: Tree, c: Columns) -> None:
    kind, size = c["kind"], len(c["kind"])
    knack = np.random.default_rng([2012, 9]).normal(0, 1, AGENTS)
    c["agent"] = rng.integers(0, AGENTS, size, dtype=np.int16)
    odds = BASE_ODDS[kind] + tree.liking[c["place"]] - c["grief"] + 0.08 * knack[c["agent"]]
    pleased = rng.random(size) < 1 / (1 + np.exp(-odds))
    dice = rng.random(size)
    rating = np.where(pleased, 4 + (dice < 0.68), 1 + (dice > 0.12) + (dice > 0.40))
    done = c["completed"] < NEVER
    c["rating"] = np.where((rng.random(size) < RATED[kind]) & done, rating, 0).astype(np.int8)
    issue = (np.cumsum(ISSUE_SHARE, axis=1)[kind] < rng.random(size)[:, None]).sum(axis=1)
    told = done & (rng.random(size) < np.where(pleased, 0.045, 0.55))
    c["issue"] = np.where(told, np.minimum(issue, 3), -1).astype(np.int8)
    said = done & (rng.random(size) < np.where(pleased, 0.006, 0.10))
    c["comment"] = np.where(said, rng.integers(0, len(COMMENTS), size), -1).astype(np.int8)
    checked = done & (rng.random(size) < 0.06)
    score = np.clip(91 + 3.5 * knack[c["agent"]] + 4 * rng.standard_normal(size), 40, 100)
    c["quality"] = np.where(checked, np.round(score * 2) * 50, -1).astype(
        np.int64
    )  # halves, in hundredths


def simulate_callbacks(rng: np.random.Generator, tree: Tree, cases: Columns) -> Columns:
    """Calls about these cases: kind, subject, place, asked (the event that calls for it), grief
    (bad experience).
    """
    order = np.argsort(cases["asked"], kind="stable")
    c = {name: column[order] for name, column in cases.items()}
    _calls(rng, c)
    _answers(rng, tree, c)
    del c["grief"]
    return c


def _cases(
    kind: int, subject: np.ndarray, place: np.ndarray, asked: np.ndarray, grief: np.ndarray
) -> Columns:
    return dict(
        kind=np.full(len(subject), kind, np.int8),
        subject=subject,
        place=place,
        asked=asked,
        grief=grief.astype(np.float32),
    )


def scene_cases(rng: np.random.Generator, claims: Columns, chosen: np.ndarray) -> Columns:
    reported = claims["reported"][chosen]
    survey_wait = np.minimum(claims["surveyed"][chosen] - reported, DAY) / 3_600
    asked = reported + rng.integers(1_800, 9_000, len(chosen))
    return _cases(
        SCENE, claims["number"][chosen], claims["place"][chosen], asked, 0.02 * survey_wait
    )


def closed_cases(claims: Columns, chosen: np.ndarray) -> Columns:
    done = settled(claims)[chosen]
    days = (done - claims["reported"][chosen]) / DAY
    return _cases(
        CLOSED,
        claims["number"][chosen],
        claims["place"][chosen],
        done,
        0.2 * np.log1p(days / 10) - 0.2,
    )


def rescue_cases(
    tree: Tree, rng: np.random.Generator, asked: np.ndarray, first_number: int
) -> Columns:
    place = rng.choice(len(tree.share), len(asked), p=tree.share).astype(np.int32)
    numbers = first_number + np.arange(len(asked))
    return _cases(RESCUE, numbers, place, asked, rng.normal(0, 0.1, len(asked)))


def complaint_cases(complaints: Columns) -> Columns:
    days = np.minimum((complaints["closed"] - complaints["received"]) / DAY, 90)
    return _cases(
        COMPLAINT, complaints["number"], complaints["place"], complaints["received"], 0.01 * days
    )


def paid_between(claims: Columns, start: int, end: int) -> np.ndarray:
    done = settled(claims)
    return np.flatnonzero((claims["outcome"] == NORMAL) & (done >= start) & (done < end))
