"""Measure league tables: `python -m tests.bench.league`.

They are of 2,000 branches x 40 KPIs x 24 months, simulated, on two threads.
"""

import argparse
import resource
import time

import numpy as np

from tests.leagues import POLICY, kpi, published
from transforms.leagues.mart_league import adjust_funnels, build_mart_league


def simulate_values(definition: dict, branches: int, months: int, seed: int):
    """A KPI whose branches differ a little, now and a year before."""
    random = np.random.default_rng(seed)
    counts = []
    for _ in range(2):
        size = np.floor(random.lognormal(5, 1, (months, branches))) + 1
        rate = np.clip(random.normal(0.8, 0.03, (months, branches)), 0, 1)
        cases = (
            random.binomial(size.astype(np.int64), rate)
            if definition["kind"] == "share"
            else random.poisson(size * rate)
        )
        counts.append((cases.astype(float), size, cases * 3.0))
    mix = (counts[0][0], counts[0][0] / counts[0][1], np.ones((months, branches)))
    return published(definition, *counts[0], before=counts[1], mix=mix)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("branches", 2000), ("kpis", 40), ("months", 24)):
        parser.add_argument(f"--{name}", type=int, default=default)
    size = parser.parse_args()
    kinds = ["share"] * 5 + ["mean", "mean", "rate"]
    kpis = [
        kpi(kinds[number % len(kinds)], f"kpi_{number:02d}", minimum_volume=30)
        for number in range(size.kpis)
    ]
    simulated = []
    for seed, definition in enumerate(kpis):
        simulated.append(simulate_values(definition, size.branches, size.months, seed))
    values, league_inputs = zip(*simulated, strict=True)
    started, used = time.perf_counter(), time.process_time()
    league, funnels = build_mart_league(values, league_inputs, kpis, POLICY, {}, 2)
    funnels = adjust_funnels(funnels)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(league):,} + {len(funnels):,} rows, {time.perf_counter() - started:.1f} s ({time.process_time() - used:.1f} s of CPU), {peak:.2f} GiB"
    )


if __name__ == "__main__":
    main()
