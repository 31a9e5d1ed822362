"""The sample company's three days, as the founding article speaks of them."""

import logging
from pathlib import Path

from data.synthetic import DELIVERY_DAYS, write_delivery
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly.flow import run_nightly, start_warm_up
from flows.nightly.run_options import RunOptions


def run_demo(store: Path) -> RunOutcome:
    """Land and run each delivery day in turn; only the last one is rendered."""
    starting = start_warm_up()  # while the first extracts are being written
    landing = store / "landing"
    landing.mkdir(parents=True, exist_ok=True)
    for as_of in DELIVERY_DAYS:
        logging.getLogger("servicekpi").info(
            "the sample company delivers its extracts of %s", as_of
        )
        write_delivery(landing, as_of)
        starting.join()
        is_last = as_of == DELIVERY_DAYS[-1]
        outcome = run_nightly(RunOptions(landing=landing, as_of=as_of, store=store, render=is_last))
        if outcome.state != "published":
            break
    return outcome
