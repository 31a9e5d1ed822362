"""What checking one file says, and what it may read."""

import pytest

from data.problem import Problem
from flows.intake import check_file


def test_looking_at_a_file_reaches_its_folder_and_the_store_and_no_other(tmp_path, monkeypatch):
    for name in ("landing", "store", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "claims_20120630.csv").write_text("claim_id\nC1\n")

    class Curious(check_file.Intake):
        def judge(self, *_):
            for name in ("landing", "store"):
                assert (
                    self.engine.arrow(
                        f"FROM read_csv('{tmp_path}/{name}/claims_20120630.csv')"
                    ).num_rows
                    == 1
                )
            self.engine.arrow(f"FROM read_csv('{tmp_path}/outside/claims_20120630.csv')")

    monkeypatch.setattr(check_file, "Intake", Curious)
    with pytest.raises(Exception, match="Permission Error"):
        check_file.check_file(
            tmp_path / "landing" / "claims_20120630.csv",
            "default",
            None,
            tmp_path / "store",
            5,
            tmp_path / "work",
        )


HEADER = "complaint_id,branch_code,channel,received_at,closed_at,is_valid\n"
GOOD = "K{},0101,regulator,2012-01-15 10:00:00,2012-01-20 10:00:00,是\n"
BAD = "K{},0101,regulator,2012-01-15 10:00:00,2012-01-10 10:00:00,是\n"


@pytest.mark.parametrize(
    ("limit", "shown", "more"),
    [(1, 1, "... and 2 more quarantined rows"), (2, 2, "... and 1 more"), (3, 3, ""), (4, 3, "")],
)
def test_as_many_rows_are_shown_as_were_requested(tmp_path, capsys, limit, shown, more):
    path = tmp_path / "complaints_20120630.csv"
    rows = [GOOD.format(0), *[BAD.format(number) for number in range(1, 4)]]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    assert check_file.check_file(path, "default", None, None, limit, tmp_path / "work")
    text = capsys.readouterr().out
    assert "4 rows read = 1 accepted + 3 quarantined + 0 superseded + 0 skipped" in text
    assert text.count('"complaint_id": "K') == shown
    assert ("... and" in text) == bool(more) and more in text


QUARANTINED = {"file_name": "a.csv", "line": 2, "reasons": "x", "content": None}
WARNED = {"file_name": "a.csv", "line": 3, "reasons": "y", "content": None}


@pytest.mark.parametrize(("limit", "warned"), [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2)])
def test_warned_rows_fill_up_what_quarantined_ones_leave(capsys, limit, warned):
    check_file._print_rows([QUARANTINED] * 2, [WARNED] * 2, limit)
    text = capsys.readouterr().out
    assert text.count("a.csv:2  x") == min(limit, 2)
    assert text.count("a.csv:3  accepted, with a warning: y") == warned


def test_the_format_of_a_file_can_be_declared(tmp_path, capsys):
    path = tmp_path / "letters.csv"
    path.write_text(HEADER + GOOD.format(0), encoding="utf-8")
    work = tmp_path / "work"
    with pytest.raises(Problem, match=r"letters\.csv matches no pattern of profile default"):
        check_file.check_file(path, "default", None, None, 5, work)
    with pytest.raises(Problem, match="unknown extract 'letters'"):
        check_file.check_file(path, "default", "letters", None, 5, work)
    with pytest.raises(Problem, match="nowhere not found"):
        check_file.check_file(tmp_path / "nowhere", "default", None, None, 5, work)
    assert check_file.check_file(path, "default", "complaints", None, 5, work)
    text = capsys.readouterr().out
    assert "letters.csv: complaints of " in text and "no rule is broken" in text
