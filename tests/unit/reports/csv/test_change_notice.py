"""A notice lists so many figures one by one, and says how many more there are."""

from datetime import date
from types import SimpleNamespace

import pyarrow as pa
import pytest

from reports.csv import change_notice


class _Publication:
    """What a notice reads of a publication."""

    facts = SimpleNamespace(publication_id="2012-06-30.2", compared_with="2012-06-30.1")
    kpis = ({"kpi_id": "cases", "unit": "count"},)

    def title(self, kpi):
        return change_notice.Both(kpi["kpi_id"], kpi["kpi_id"])

    def name(self, code):
        return code


def rows_of(count: int) -> pa.Table:
    period = {"period_kind": "month", "period_start": date(2012, 6, 1)}
    row = period | {"period_end": date(2012, 7, 1), "kpi_id": "cases", "branch_code": "0101"}
    row |= {"value_before": 1.0, "value_after": 2.0, "causes": "late_rows; reopened"}
    return pa.Table.from_pylist([row] * 4).slice(0, count)


@pytest.mark.parametrize(("count", "listed", "more"), [(2, 2, None), (3, 3, None), (4, 3, "1")])
def test_figures_beyond_the_limit_are_counted(monkeypatch, count, listed, more):
    monkeypatch.setattr(change_notice, "FIGURE_LIMIT", 3)
    lines = [line.en for line in change_notice.notice_lines(_Publication(), rows_of(count))]
    assert sum("0101" in line for line in lines) == listed
    assert len(lines) == 2 + listed + (more is not None)
    if more:
        assert more in lines[-1] and "0101" not in lines[-1]


def test_a_notice_without_figures_says_so():
    about, nothing = change_notice.notice_lines(_Publication(), rows_of(0))
    assert "2012-06-30.2" in about.en + nothing.en


def test_a_figure_is_one_line_in_each_language():
    _, about, line = change_notice.notice_lines(_Publication(), rows_of(1))
    assert "1 published" in about.en and "2012-06-30.1" in about.en
    assert line.en == "cases, June 2012, 0101: 1 -> 2 (late rows, reopened claims)"
    assert line.zh.startswith("cases，2012年6月，0101：1 → 2（数据迟到")
