"""The sample company's three days, as the founding article speaks of them."""

import logging
from pathlib import Path

from data.synthetic import DELIVERY_DAYS, write_delivery
from flows.nightly.flow import RunOutcome, run_nightly, start_warm_up


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
        outcome = run_nightly(
            landing=landing, as_of=as_of, store=store, render=as_of == DELIVERY_DAYS[-1]
        )
        if outcome.state != "published":
            break
    return outcome
