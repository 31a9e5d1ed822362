"""The page of runs, at its limit."""

import pytest

from reports.pages import run_history


@pytest.mark.parametrize(("seen", "is_cut"), [(199, False), (200, False), (201, True)])
def test_the_page_of_runs_lists_two_hundred_findings(seen, is_cut):
    run = {"started": None, "findings": []}
    for number in range(seen):
        run["findings"].append({"kind": "rule", "said": str(number), "rows": 1})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_history, "_local_minute", lambda *_: "")
        table = run_history.findings_table([run], run_history.ZoneInfo("UTC"))
    assert len(table.rows) == min(seen, 200) and (table.note is not None) == is_cut
