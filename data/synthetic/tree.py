"""The organisation tree, and what makes one branch different from another."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from .clock import end_of, seconds
from .places import COMPLAINT_SHARE, COUNTIES, DISTRICTS, LIKING, PACE, PROVINCES

HEAD_OFFICE = "大地财险(合成样本)"
LEVELS = ["head_office", "province", "central", "sub"]
HEAD, PROVINCE, CENTRAL, SUB = range(4)
BASE_DAY = date(2010, 1, 1)
OPENED_BRANCH, OPENED_ON = "宁乡支公司", date(2011, 5, 16)
CLOSED_BRANCH, CLOSED_ON = "宜城支公司", date(2012, 10, 31)
MOVED_ON, RENAMED_ON = date(2012, 7, 1), date(2012, 10, 15)
UNKNOWN_CODES = ["9901", "0099"]  # used by a few rows, listed nowhere
# Of head office, provinces, cities and sub-branches: how far each may be from the one above it.
SPREAD_OF_PACE = np.array([0, 0.17, 0.08, 0.05])
SPREAD_OF_LIKING = np.array([0, 0.22, 0.12, 0.08])
SPREAD_OF_TROUBLE = np.array([0, 0.28, 0.18, 0.12])
# The provinces in which branches open, close, move and change their names.
CHANGING = ("安徽", "湖北", "湖南")


@dataclass(frozen=True, eq=False)
class Tree:
    """Columns of one length, a row per branch in order of its code; row 0 is the head office."""

    code: list[str]
    name: list[str]
    parent: np.ndarray
    level: np.ndarray
    region: list[str]
    opened: list[date]
    share: np.ndarray  # of the business
    pace: np.ndarray  # time a claim takes, 1 is average
    liking: np.ndarray  # log odds of a good rating, 0 is average
    trouble: np.ndarray  # complaints per claim, 1 is average

    def find(self, name: str) -> int:
        """Return the row of the branch of that name."""
        return self.name.index(name)

    def below(self, name: str) -> np.ndarray:
        """Return a mask of the branch of that name and everything under it."""
        inside = np.arange(len(self.code)) == self.find(name)
        for row in range(len(self.code)):
            inside[row] |= inside[self.parent[row]]
        return inside


@dataclass(frozen=True)
class _Branch:
    code: str
    name: str
    parent: int  # its row
    level: int
    region: str
    share: float


def _draw_subs(rng: np.random.Generator, city: str) -> list[str]:
    """Return the names of the sub-branches of a city: its counties, or districts of the town."""
    if city in COUNTIES:
        return COUNTIES[city].split()
    return [city + district for district in DISTRICTS[: rng.integers(1, 4)]]


def _draw_branches(rng: np.random.Generator, provinces: tuple[str, ...]) -> list[_Branch]:
    """Return the branches, each after the one above it."""
    branches = [_Branch("00", HEAD_OFFICE, 0, HEAD, "总部", 0.0)]
    selected = [row for row in PROVINCES if not provinces or row[0] in provinces]
    for number, (name, region, share, cities) in enumerate(selected, 1):
        code = f"{number:02d}"
        # An office keeps a little of the business to itself, its branches have the rest.
        own_share = 0.02 * share
        province = _Branch(code, name + "分公司", 0, PROVINCE, region, own_share)
        row = len(branches)
        branches.append(province)
        branches += _draw_cities(rng, province, row, cities.split(), 0.98 * share)

    return branches


def _draw_cities(
    rng: np.random.Generator, province: _Branch, row: int, cities: list[str], share: float
) -> list[_Branch]:
    """Return the branches of the cities of a province, which stands in `row`.

    `share` of the business is what they have together.
    """
    branches: list[_Branch] = []

    # The first city is the largest, but not always.
    shares = share * rng.dirichlet(np.linspace(6, 2, len(cities)))
    for number, (city, city_share) in enumerate(zip(cities, shares, strict=True), 1):
        code = f"{province.code}{number:02d}"
        name = city + "中心支公司"
        central = _Branch(code, name, row, CENTRAL, province.region, 0.08 * city_share)
        row_of_city = row + 1 + len(branches)
        branches += _draw_city(rng, city, central, row_of_city, 0.92 * city_share)

    return branches


def _draw_city(
    rng: np.random.Generator, city: str, central: _Branch, row: int, share: float
) -> list[_Branch]:
    """Return the central branch of a city, which stands in `row`, and its sub-branches.

    `share` of the business is what the sub-branches have together.
    """
    names = _draw_subs(rng, city)
    shares = share * rng.dirichlet(np.full(len(names), 3.0))

    branches = [central]
    for number, (name, sub_share) in enumerate(zip(names, shares, strict=True), 1):
        code = f"{central.code}{number:02d}"
        branches.append(_Branch(code, name + "支公司", row, SUB, central.region, sub_share))

    return branches


def _draw_traits(
    rng: np.random.Generator, branches: list[_Branch]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pace, liking and trouble: a branch adds a little of its own to its parent's.

    Provinces that the published article names have what it says of them.
    """
    level = np.array([branch.level for branch in branches])
    log_pace = rng.normal(0, SPREAD_OF_PACE[level])

    # Slow branches are liked less, and give more trouble.
    liking = rng.normal(0, SPREAD_OF_LIKING[level]) - 0.5 * log_pace

    log_trouble = rng.normal(0, SPREAD_OF_TROUBLE[level]) + 0.6 * log_pace

    for row, branch in enumerate(branches):
        if branch.level == PROVINCE:
            province = branch.name.removesuffix("分公司")
            # Through exp and log also where nothing is named: the sample has the rounding of both.
            log_pace[row] = np.log(PACE.get(province) or np.exp(log_pace[row]))
            liking[row] = LIKING.get(province, liking[row])
            log_trouble[row] = np.log(COMPLAINT_SHARE.get(province) or np.exp(log_trouble[row]))
        elif branch.level > PROVINCE:
            log_pace[row] += log_pace[branch.parent]
            liking[row] += liking[branch.parent]
            log_trouble[row] += log_trouble[branch.parent]

    return np.exp(log_pace), liking, np.exp(log_trouble)


def _draw_opening(rng: np.random.Generator, branch: _Branch) -> date:
    if branch.name == OPENED_BRANCH:
        # Drawn and thrown away, so that the other branches keep their days.
        _draw_day(rng, branch.level)
        return OPENED_ON
    return _draw_day(rng, branch.level)


def _draw_day(rng: np.random.Generator, level: int) -> date:
    # The higher offices were there first. No day after the 27th: every month has it.
    year = 2003 + level + int(rng.integers(3))
    month = int(rng.integers(1, 13))
    day = int(rng.integers(1, 28))
    return date(year, month, day)


@lru_cache(maxsize=2)
def make_company_tree(provinces: tuple[str, ...] = ()) -> Tree:
    """Return the whole company, or one of some provinces only, those of `CHANGING` among them."""
    rng = np.random.default_rng([2012, 1])
    branches = _draw_branches(rng, provinces)
    opened = [_draw_opening(rng, branch) for branch in branches]
    pace, liking, trouble = _draw_traits(rng, branches)
    shares = [branch.share for branch in branches]
    parents = [branch.parent for branch in branches]
    levels = [branch.level for branch in branches]

    return Tree(
        code=[branch.code for branch in branches],
        name=[branch.name for branch in branches],
        parent=np.array(parents),
        level=np.array(levels),
        region=[branch.region for branch in branches],
        opened=opened,
        share=np.array(shares) / sum(shares),
        pace=pace,
        liking=liking,
        trouble=trouble,
    )


def assign_branches(tree: Tree, branch: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Hand the cases of a branch that is not open yet, or is closed, to the branch above it."""
    branch = branch.copy()
    new, old = tree.find(OPENED_BRANCH), tree.find(CLOSED_BRANCH)
    branch[(branch == new) & (times < seconds(OPENED_ON))] = tree.parent[new]
    branch[(branch == old) & (times >= end_of(CLOSED_ON))] = tree.parent[old]
    return branch


def list_branches(tree: Tree, day: date) -> list[dict]:
    """Return the branches extract as it was on that day."""
    rows = [_branch_row(tree, row) for row in range(len(tree.code))]
    if day >= CLOSED_ON:
        rows[tree.find(CLOSED_BRANCH)]["closed_on"] = CLOSED_ON

    # Chaohu was split up among its neighbours; Xiangfan took its old name Xiangyang again.
    wuhu = tree.code[tree.find("芜湖中心支公司")]
    moved = rows[tree.find("无为支公司")] | {"parent_code": wuhu, "valid_from": MOVED_ON}
    renamed = rows[tree.find("襄樊中心支公司")] | {
        "name": "襄阳中心支公司",
        "valid_from": RENAMED_ON,
    }
    rows += [row for row in (moved, renamed) if row["valid_from"] <= day]

    return sorted(rows, key=lambda row: (row["branch_code"], row["valid_from"]))


def _branch_row(tree: Tree, row: int) -> dict:
    return {
        "branch_code": tree.code[row],
        "name": tree.name[row],
        "parent_code": None if row == 0 else tree.code[tree.parent[row]],
        "level": LEVELS[tree.level[row]],
        "region": tree.region[row],
        "opened_on": tree.opened[row],
        "closed_on": None,
        "valid_from": max(BASE_DAY, tree.opened[row]),
    }
