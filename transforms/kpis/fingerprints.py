"""What the figures of each period are made of, as a fingerprint of the rows that it adds up.

A fingerprint is a sum over rows, so it is the same however the time line is cut into intervals and
in whatever order rows arrive: two runs that add up the same cases in a period agree on it.
"""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from transforms.kpis.cube import Cube
from transforms.kpis.positioned_rows import PositionedRows

# Two numbers of 64 bits each: that different rows agree on both by chance does not happen.
LANES = 2
# Odd numbers with as many ones as zeros, from splitmix64 (Steele, Lea and Flood 2014, OOPSLA).
FACTORS = np.array([0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


def fingerprint_periods(rows: PositionedRows, cube: Cube) -> np.ndarray:
    """Return the fingerprint of the rows of each period of the cube, shape (periods, LANES)."""
    own = np.stack([_sum_by_time(rows, cube, lane) for lane in range(LANES)], axis=1)
    if not rows.is_by_interval:
        return own[[period["period_id"] for period in cube.periods]]
    nothing = np.zeros((1, LANES), np.uint64)
    before = np.concatenate([nothing, np.cumsum(own, axis=0, dtype=np.uint64)])
    first = cube.period_column("first_interval")
    end = cube.period_column("end_interval")
    inside = before[end] - before[first]
    # What is still to come waits in the periods that end with as_of.
    waiting = np.where(end[:, None] == cube.later_interval, own[cube.later_interval], 0)
    return _mix(inside) + _mix(waiting.astype(np.uint64) + np.uint64(1))


def hash_text(text: str, lane: int) -> int:
    """Return 64 bits of a text, other ones in each lane."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8, salt=bytes([lane])).digest())


def _sum_by_time(rows: PositionedRows, cube: Cube, lane: int) -> np.ndarray:
    """Return the sum of what each row stands for, by interval or by period_id."""
    key = _hash_texts(cube.branches, lane)[rows.branch]
    names = _hash_texts((f"{kind}={name}" for kind, name in rows.segments), lane)
    for positions in rows.segment_positions:
        key = _mix(key ^ names[positions])
    times = max(cube.later_interval, *cube.position_of_id) + 1
    total = np.zeros(times, np.uint64)
    np.add.at(total, rows.time, _weigh(rows.measures, key, lane))
    return total


def _weigh(measures: dict[str, np.ndarray], key: np.ndarray, lane: int) -> np.ndarray:
    """Return a number per row that is linear in what adds up: measures, or the weights of
    observations.
    """
    if "observation" in measures:
        observed = _mix(key ^ _mix(measures["observation"].astype(np.uint64)))
        return observed * measures["weight"].astype(np.uint64)
    weighed = np.zeros(len(key), np.uint64)
    for name, values in measures.items():
        of_measure = _mix(key ^ np.uint64(hash_text(name, lane)))
        weighed += of_measure * values.astype(np.int64).astype(np.uint64)
    return weighed


def _hash_texts(texts: Iterable[str], lane: int) -> np.ndarray:
    """Return the hash of each text and, behind them, 0: the position -1 stands for none."""
    return np.array([*(hash_text(text, lane) for text in texts), 0], np.uint64)


def _mix(numbers: np.ndarray) -> np.ndarray:
    """Return numbers whose every bit depends on all bits of the given ones."""
    mixed = numbers ^ (numbers >> np.uint64(30))
    mixed = mixed * FACTORS[0]
    mixed ^= mixed >> np.uint64(27)
    mixed *= FACTORS[1]
    return mixed ^ (mixed >> np.uint64(31))
