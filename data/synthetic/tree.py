"""The organisation tree, and what makes one branch different from another."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from .clock import end_of, seconds
from .places import COMPLAINT_SHARE, COUNTIES, DISTRICTS, LIKING, PACE, PROVINCES

HEAD_OFFICE = "大地财险(合成样本)"
LEVELS = ["head_office", "province", "central", "sub"]
BASE_DAY = date(2010, 1, 1)
OPENED_2011 = date(2011, 5, 16)
CLOSED_2012 = date(2012, 10, 31)
MOVED, RENAMED = date(2012, 7, 1), date(2012, 10, 15)
UNKNOWN_CODES = ["9901", "0099"]  # used by a few rows, listed nowhere
CHANGING = (
    "安徽",
    "湖北",
    "湖南",
)  # the provinces where branches open, close, move and change their names


@dataclass(frozen=True, eq=False)
class Tree:
    """Columns of one length, a row per branch in the order of creation; row 0 is the head
    office.
    """

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
        return self.name.index(name)

    def below(self, name: str) -> np.ndarray:
        """True for the branch of that name and everything under it."""
        inside = np.arange(len(self.code)) == self.find(name)
        for row in range(len(self.code)):
            inside[row] |= inside[self.parent[row]]
        return inside


def _subs_of(rng: np.random.Generator, city: str) -> list[str]:
    if city in COUNTIES:
        return COUNTIES[city].split()
    return [city + part for part in DISTRICTS[: rng.integers(1, 4)]]


def _rows(rng: np.random.Generator, provinces: tuple[str, ...]) -> list[tuple]:
    """code, name, parent row, level, region, share"""
    rows = [("00", HEAD_OFFICE, 0, 0, "总部", 0.0)]
    chosen = [row for row in PROVINCES if not provinces or row[0] in provinces]
    for p, (province, region, size, cities) in enumerate(chosen, 1):
        p_row, p_code = len(rows), f"{p:02d}"
        rows.append((p_code, province + "分公司", 0, 1, region, 0.02 * size))
        names = cities.split()
        sizes = 0.98 * size * rng.dirichlet(np.linspace(6, 2, len(names)))
        for c, (city, c_size) in enumerate(zip(names, sizes, strict=True), 1):
            c_row, c_code = len(rows), f"{p_code}{c:02d}"
            rows.append((c_code, city + "中心支公司", p_row, 2, region, 0.08 * c_size))
            subs = _subs_of(rng, city)
            parts = 0.92 * c_size * rng.dirichlet(np.full(len(subs), 3.0))
            for s, (sub, s_size) in enumerate(zip(subs, parts, strict=True), 1):
                rows.append((f"{c_code}{s:02d}", sub + "支公司", c_row, 3, region, s_size))
    return rows


def _traits(
    rng: np.random.Generator, rows: list[tuple], parent: np.ndarray
) -> tuple[np.ndarray, ...]:
    """A branch inherits from its parent and adds a little of its own."""
    level = np.array([row[3] for row in rows])
    pace = rng.normal(0, np.array([0, 0.17, 0.08, 0.05])[level])
    liking = rng.normal(0, np.array([0, 0.22, 0.12, 0.08])[level]) - 0.5 * pace
    trouble = rng.normal(0, np.array([0, 0.28, 0.18, 0.12])[level]) + 0.6 * pace
    for row, (_, name, *_rest) in enumerate(rows):
        if level[row] == 1:
            province = name.removesuffix("分公司")
            pace[row] = np.log(PACE.get(province, np.exp(pace[row])))
            liking[row] = LIKING.get(province, liking[row])
            trouble[row] = np.log(COMPLAINT_SHARE.get(province, np.exp(trouble[row])))
        elif level[row] > 1:
            pace[row] += pace[parent[row]]
            liking[row] += liking[parent[row]]
            trouble[row] += trouble[parent[row]]
    return np.exp(pace), liking, np.exp(trouble)


@lru_cache(maxsize=2)
def make_company_tree(provinces: tuple[str, ...] = ()) -> Tree:
    """The whole company, or a smaller one of some provinces; those of `CHANGING` must be among
    them.
    """
    rng = np.random.default_rng([2012, 1])
    rows = _rows(rng, provinces)
    code, name, parent, level, region, share = (list(column) for column in zip(*rows, strict=True))
    opened = [
        date(2003 + one + int(rng.integers(3)), int(rng.integers(1, 13)), int(rng.integers(1, 28)))
        for one in level
    ]
    opened[name.index("宁乡支公司")] = OPENED_2011
    parent = np.array(parent)
    pace, liking, trouble = _traits(rng, rows, parent)
    return Tree(
        code,
        name,
        parent,
        np.array(level),
        region,
        opened,
        np.array(share) / sum(share),
        pace,
        liking,
        trouble,
    )


def assign_branches(tree: Tree, place: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Hand the cases of a branch that is not yet open, or is closed, to the branch above it."""
    place = place.copy()
    new, old = tree.find("宁乡支公司"), tree.find("宜城支公司")
    place[(place == new) & (times < seconds(OPENED_2011))] = tree.parent[new]
    place[(place == old) & (times >= end_of(CLOSED_2012))] = tree.parent[old]
    return place


def branch_rows(tree: Tree, day: date) -> list[dict]:
    """The branches extract as it stood on that day."""
    rows = []
    for i, code in enumerate(tree.code):
        rows.append(
            dict(
                branch_code=code,
                name=tree.name[i],
                parent_code=None if i == 0 else tree.code[tree.parent[i]],
                level=LEVELS[tree.level[i]],
                region=tree.region[i],
                opened_on=tree.opened[i],
                closed_on=None,
                valid_from=max(BASE_DAY, tree.opened[i]),
            )
        )
    if day >= CLOSED_2012:
        rows[tree.find("宜城支公司")]["closed_on"] = CLOSED_2012
    # Chaohu was split up among its neighbours; Xiangfan took its old name Xiangyang again.
    moved = rows[tree.find("无为支公司")] | dict(
        parent_code=tree.code[tree.find("芜湖中心支公司")], valid_from=MOVED
    )
    renamed = rows[tree.find("襄樊中心支公司")] | dict(name="襄阳中心支公司", valid_from=RENAMED)
    rows += [row for row in (moved, renamed) if row["valid_from"] <= day]
    return sorted(rows, key=lambda row: (row["branch_code"], row["valid_from"]))
