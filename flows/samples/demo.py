"""The sample company's nightly run, as the founding article speaks of it."""

import logging
from pathlib import Path

from data.synthetic import SAMPLE_DAY, write_delivery
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly.flow import run_nightly, start_warm_up
from flows.nightly.run_options import RunOptions

LOG = logging.getLogger("servicekpi")


def run_demo(store: Path) -> RunOutcome:
    """Land the sample company's extracts and run the pipeline on them."""
    starting = start_warm_up()  # while the extracts are being written
    landing = store / "landing"
    landing.mkdir(parents=True, exist_ok=True)
    LOG.info("the sample company delivers its extracts of %s", SAMPLE_DAY)
    write_delivery(landing, SAMPLE_DAY)
    starting.join()
    return run_nightly(RunOptions(landing=landing, as_of=SAMPLE_DAY, store=store))
