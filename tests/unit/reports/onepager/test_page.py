"""How many KPIs a one-pager has."""

from types import SimpleNamespace

import pytest

from reports.onepager import page


@pytest.mark.parametrize(("kpis", "selected"), [(17, 17), (18, 18), (19, 18)])
def test_a_side_of_paper_has_eighteen_kpis(kpis, selected):
    rows = [{"kpi_id": f"k{number}", "direction": "up", "kind": "share"} for number in range(kpis)]
    publication = SimpleNamespace(kpis=rows, league=lambda *_: [{}])
    assert page._select_kpis(publication, "central") == rows[:selected]


def test_what_is_not_judged_or_has_no_league_takes_no_line():
    judged = {"kpi_id": "a", "direction": "down", "kind": "rate"}
    rows = [
        judged | {"direction": "none"},
        judged | {"kind": "count"},
        judged | {"kpi_id": "no league"},
        judged,
    ]
    leagues = {"a": [{}], "no league": []}
    publication = SimpleNamespace(kpis=rows, league=lambda kpi_id, _: leagues[kpi_id])
    assert page._select_kpis(publication, "central") == [judged]
