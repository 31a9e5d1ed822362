"""A run in which an extract does not arrive."""

from flows.nightly import supervise
from flows.nightly.run_options import RunOptions
from tests.unit.flows.conftest import DAY
from tests.unit.flows.intake.test_wait_for_files import Clock


def test_by_policy_a_missing_extract_holds_the_night(tmp_path):
    root = tmp_path / "store"
    root.mkdir()
    (root / "operations.toml").write_text(
        '[arrival]\ndeadlines = { claims = "02:00" }\nafter_deadline = "hold"\n'
    )
    (tmp_path / "landing").mkdir()
    outcome = supervise.run_supervised(
        RunOptions(landing=tmp_path / "landing", store=root, as_of=DAY), Clock(), Clock().sleep
    )
    assert (
        outcome.exit_code == 3
        and "claims: no file of 2026-11-25 has arrived (deadline 2026-11-26 02:00)"
        in outcome.reason
    )
