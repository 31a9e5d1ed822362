"""What of the landing folder a run takes in."""

from data.config import profile
from data.store.lake import Lake
from flows.intake.landing import look_at_landing
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.unit.flows.conftest import NIGHT
from tests.unit.flows.intake.test_wait_for_files import delivered


def test_a_file_that_is_not_whole_is_left_out_and_said(tmp_path):
    why = "claims_20120630.csv is still being written"
    for name, content in {
        "claims_20120630.csv": CLAIMS,
        "complaints_20120630.csv": COMPLAINTS,
    }.items():
        delivered(tmp_path, NIGHT, name, content)
    found = look_at_landing(
        tmp_path,
        Lake(tmp_path),
        profile.load_profile("default"),
        [],
        unread={"claims_20120630.csv": why},
    )
    assert [delivery.extract for delivery in found.deliveries] == ["complaints"]
    assert [str(problem) for problem in found.problems] == [
        f"{why} - a later run takes it in, once it is complete (docs/runbook/late-extract.md)"
    ]
