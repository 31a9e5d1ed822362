"""What branches object to: a returned form is read whatever a spreadsheet made of it, each of its
lines gets an answer, and nothing in it ends a night.
"""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from data.config.profile import load_profile
from data.store.store import Store
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from flows.publications import challenge_form, preview
from flows.publications.build import LakeSnapshot
from flows.publications.challenge_answers import ANSWERS_SHOWN, JudgedForms, summarize_answers
from flows.publications.challenges import judge_challenges
from transforms.engine.duckdb_engine import DuckDB

JULY = date(2012, 7, 31)
BRANCHES = """branch_code,name,parent_code,level
HQ,总公司,,head_office
01,甲省,HQ,province
0101,甲一,01,central
0102,甲二,01,central
"""
CLAIMS = """claim_id,branch_code,line,reported_at,closed_at,paid_at,outcome,has_injury,paid_amount
C1,0101,商业车险,2012-07-05 10:00:00,2012-07-09 10:00:00,2012-07-10 10:00:00,normal,否,800.00
C3,0102,交强险,2012-03-05 10:00:00,2012-07-02 10:00:00,,rejected,否,0
C4,0102,交强险,2012-04-05 10:00:00,2012-07-09 10:00:00,2012-07-10 10:00:00,normal,否,500
00007,0102,交强险,2012-07-05 10:00:00,,,,否,
"""
EXPOSURE = """branch_code,month,line,premium,policies_issued,policies_in_force
0101,2012-07-01,车险,1000,10,100
0102,2012-07-01,车险,2000,20,200
0102,2012-07-01,财产险,500,5,50
"""
COMPLAINTS = """complaint_id,branch_code,channel,received_at,closed_at,is_valid
K1,0102,regulator,2012-07-15 10:00:00,2012-07-20 10:00:00,是
"""
HEADER = ["as_of", "kpi_id", "extract", "key", "column", "should_be", "reason", "name"]
# Both are cases of 0102: the first is as the extract says, the second is not.
RIGHT = ["2012-07-31", "claim_closure_pct", "claims", "C4"]
RIGHT += ["paid_at", "2012-07-10 10:00:00", "paid on the tenth", "Wu"]
WRONG = ["2012-07-31", "claim_closure_pct", "claims", "C3"]
WRONG += ["closed_at", "2012-07-01 10:00:00", "closed a day earlier", "Wu"]


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    """A store with a preview of July."""
    root = tmp_path_factory.mktemp("company")
    landing = root / "landing"
    landing.mkdir()
    files = {"branches": BRANCHES, "claims": CLAIMS, "exposure": EXPOSURE, "complaints": COMPLAINTS}
    for name, text in files.items():
        (landing / f"{name}_20120731.csv").write_text(text, encoding="utf-8")
    run_nightly(RunOptions(as_of=JULY, render=False, landing=landing, store=root / "store"))
    preview.write_preview(Store(root / "store"), JULY)
    return Store(root / "store")


@pytest.fixture
def judge(store, tmp_path):
    """Judges forms, given as the bytes of files by name, as a run does."""
    landing = tmp_path / "landing"
    landing.mkdir()

    def judge_forms(files: dict[str, bytes]) -> JudgedForms:
        for name, content in files.items():
            (landing / name).write_bytes(content)
        engine = DuckDB(tmp_path / "engine", "Asia/Shanghai")
        engine.confine(store.root)
        try:
            snapshot = LakeSnapshot.from_lake(store.lake, JULY, None)
            return judge_challenges(store, landing, snapshot, load_profile("default"), engine)
        finally:
            engine.close()

    return judge_forms


def write_form(*lines: list[str], header: list[str] = HEADER, delimiter: str = ",") -> str:
    rows = [delimiter.join(f'"{cell}"' for cell in row) for row in (header, *lines)]
    return "\r\n".join(rows) + "\r\n"


def write_workbook(path: Path, *lines: list) -> bytes:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("challenges")
        day = book.add_format({"num_format": "yyyy/m/d h:mm"})
        for number, row in enumerate((HEADER, *lines)):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
    return path.read_bytes()


def outcomes(judged: JudgedForms) -> list[tuple[int, str]]:
    assert judged.problems == []
    return [(answer.line, answer.outcome) for answer in judged.answers]


def the_answer(judged: JudgedForms) -> tuple[str, str]:
    assert judged.problems == []
    (answer,) = judged.answers
    return answer.outcome, answer.why


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("challenges_0102.csv", write_form(RIGHT, WRONG).encode()),
        ("challenges_0102.csv", b"\xef\xbb\xbf" + write_form(RIGHT, WRONG).encode()),
        ("challenges_0102.csv", write_form(RIGHT, WRONG, delimiter=";").encode()),
        ("challenges_0102.txt", write_form(RIGHT, WRONG, delimiter="\t").encode("utf-16")),
        (
            "CHALLENGES_0102.CSV",
            write_form(RIGHT, [*WRONG[:6], "结案早一天", "吴"]).encode("gb18030"),
        ),
        ("Challenges_0102 (1).csv", write_form(RIGHT, WRONG).encode()),
    ],
    ids=["utf-8", "byte order mark", "semicolons", "utf-16 tabs", "gb18030", "downloaded twice"],
)
def test_a_form_is_read_whatever_it_was_saved_as(name, content, judge):
    assert outcomes(judge({name: content})) == [(2, "accepted"), (3, "open")]


def test_a_form_may_be_a_workbook_with_days_as_excel_keeps_them(judge, tmp_path):
    right, wrong = list(RIGHT), list(WRONG)
    right[0], right[5] = datetime(2012, 7, 31), datetime(2012, 7, 10, 10)
    wrong[0], wrong[5] = 41121, 41091.5
    content = write_workbook(tmp_path / "form.xlsx", right, wrong)
    assert outcomes(judge({"CHALLENGES_0102.XLSX": content})) == [(2, "accepted"), (3, "open")]


@pytest.mark.parametrize("as_of", ["2012/7/31", "2012-7-31", "2012.07.31", "20120731", "41121"])
@pytest.mark.parametrize("should_be", ["2012/7/10 10:00", "2012年7月10日 10时", "41100.4166666667"])
def test_days_and_times_are_read_as_in_extracts(as_of, should_be, judge):
    line = [as_of, *RIGHT[1:5], should_be, *RIGHT[6:]]
    assert the_answer(judge({"challenges.csv": write_form(line).encode()}))[0] == "accepted"


@pytest.mark.parametrize(
    ("change", "outcome", "why"),
    [
        ({"reason": ""}, "rejected", "it has no reason: say why the figure is wrong"),
        ({"should_be": ""}, "rejected", "should_be is empty: write what the cell should be, or - "),
        ({"column": ""}, "rejected", "it does not say which column of claims is wrong"),
        ({"column": "colour"}, "rejected", "claims has no column 'colour'"),
        (
            {"column": "结案时间"},
            "open",
            "the extract still says 2012-07-02 10:00:00: have closed_at",
        ),
        ({"column": "CLOSED_AT "}, "open", "the extract still says 2012-07-02 10:00:00"),
        ({"should_be": "-"}, "open", "the extract still says 2012-07-02 10:00:00"),
        ({"should_be": "July"}, "rejected", "closed_at: 'July' is not a valid date and time"),
        ({"should_be": "2012/7/2 10:00"}, "accepted", "closed_at is 2012-07-02 10:00:00"),
        ({"column": "paid_at", "should_be": "空"}, "accepted", "says so now: paid_at is empty"),
        ({"column": "outcome", "should_be": "拒赔"}, "accepted", "outcome is rejected"),
        ({"column": "outcome", "should_be": "maybe"}, "rejected", "is not one of the known values"),
        ({"column": "paid_amount", "should_be": "１,０００.50元"}, "open", "still says 0.00"),
        ({"column": "has_injury", "should_be": "无"}, "accepted", "has_injury is false"),
        ({"kpi_id": "no_such_pct"}, "rejected", "claims C3 was not counted in no_such_pct"),
        ({"extract": "no_such"}, "rejected", "no_such C3 was not counted in claim_closure_pct"),
        ({"key": "C9"}, "rejected", "claims C9 was not counted in claim_closure_pct"),
        ({"key": '=""C3""'}, "open", "the extract still says 2012-07-02 10:00:00"),
        ({"key": "'C3"}, "open", "the extract still says 2012-07-02 10:00:00"),
        ({"as_of": "2012-06-30"}, "rejected", "there is no preview of 2012-06-30"),
        ({"as_of": "last week"}, "rejected", "as_of 'last week' is not a day: write it as 2012-"),
        ({"as_of": ""}, "rejected", "as_of '' is not a day"),
    ],
    ids=lambda value: "-".join(map(str, value.items())) if isinstance(value, dict) else None,
)
def test_every_line_gets_its_answer(change, outcome, why, judge):
    line = list((dict(zip(HEADER, WRONG, strict=True)) | change).values())
    answer = the_answer(judge({"challenges.csv": write_form(line).encode()}))
    assert answer[0] == outcome and why in answer[1]


@pytest.mark.parametrize(
    ("name", "is_of_branch"),
    [
        ("challenges_0102.csv", True),
        ("Challenges-0102.CSV", True),
        ("challenges_01.csv", True),
        ("challenges_hq.csv", True),
        ("challenges.csv", True),
        ("challenges_of_july.csv", True),
        ("challenges_0101.csv", False),
        ("challenges_0101(2).csv", False),
    ],
)
def test_a_case_of_another_branch_is_refused_where_the_form_names_its_branch(
    name, is_of_branch, judge
):
    """A branch may object to cases of the branches below it; a name without a branch tells none."""
    outcome, why = the_answer(judge({name: write_form(WRONG).encode()}))
    if is_of_branch:
        assert outcome == "open"
    else:
        assert (outcome, why) == ("rejected", "claims C3 is a case of 0102, not of 0101")


def test_a_line_that_names_another_branch_is_refused(judge):
    form = write_form([*WRONG, "0101"], [*WRONG, "0102"], header=[*HEADER, "branch_code"])
    judged = judge({"challenges.csv": form.encode()})
    assert outcomes(judged) == [(2, "rejected"), (3, "open")]


def test_a_key_keeps_its_zeros_and_a_line_in_which_nothing_is_filled_in_is_no_challenge(judge):
    empty = [*WRONG[:4], "", "", "", "Wu"]
    zeros = [*WRONG[:3], "00007", "closed_at", "2012-07-06", "closed the next day", ""]
    judged = judge({"challenges.csv": write_form(empty, zeros, empty).encode()})
    assert outcomes(judged) == [(3, "open")]
    assert judged.answers[0].why.startswith("the extract still says nothing")


def test_exposure_is_compared_by_branch_and_month_over_all_lines_of_business(judge):
    line = ["2012-07-31", "complaint_per_100m_premium", "exposure", "0102 2012-07"]
    right, wrong = ([*line, "premium", amount, "premium", ""] for amount in ("2500", "2000"))
    judged = judge({"challenges.csv": write_form(right, wrong).encode()})
    assert outcomes(judged) == [(2, "accepted"), (3, "open")]


def test_each_form_is_answered_whatever_is_wrong_with_the_others(judge, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(write_form(WRONG), encoding="utf-8")
    (tmp_path / "landing" / "challenges_link.csv").symlink_to(outside)
    judged = judge(
        {
            "challenges_a.csv": b"",
            "challenges_b.csv": b"claim_id,paid_at\r\nC3,2012-07-01\r\n",
            "challenges_c.xlsx": b"not a workbook",
            "challenges_d.pdf": b"%PDF-1.4 \x00\x01\x02",
            "challenges_e.csv": b"<html><body>login</body></html>",
            "challenges_f.csv": write_form(WRONG).encode(),
            "challenges_g.csv": (write_form(WRONG) + "one cell\r\n" + write_form(RIGHT)).encode(),
            "challenges_h.csv": write_form(WRONG, header=[*HEADER[:6], "why", "name"]).encode(),
        }
    )
    assert [(answer.file_name, answer.line, answer.outcome) for answer in judged.answers] == [
        ("challenges_f.csv", 2, "open"),
        ("challenges_g.csv", 2, "open"),
        ("challenges_g.csv", 3, "rejected"),
        ("challenges_g.csv", 4, "rejected"),
        ("challenges_g.csv", 5, "accepted"),
    ]
    wrong = [str(problem).split()[0].rstrip(":") for problem in judged.problems]
    letters = [*"abcdeh", "link"]
    assert [name.split("_")[1].split(".")[0] for name in wrong] == letters
    assert "has no column reason" in str(judged.problems[5])


NASTY = [
    "x" * 200_000,
    "' OR '1'='1",
    "'; DROP TABLE challenge; --",
    "{0} {pack} %s",
    '=HYPERLINK(""http://x"")',
    "\x00\x01\x1b[31m",
    "a\r\nb\nc",
    "\u202e\ufeff\u200b",
    "💥" * 300,
    "1e999999",
    "99999999999999999999999999999999999999",
    "../../etc/passwd",
]


@pytest.mark.parametrize("name", ["as_of", "kpi_id", "extract", "key", "column", "should_be"])
def test_no_cell_ends_a_run_and_none_fills_a_message(name, judge, store):
    lines = [
        list((dict(zip(HEADER, WRONG, strict=True)) | {name: text}).values()) for text in NASTY
    ]
    judged = judge({"challenges.csv": write_form(*lines).encode("utf-8", "surrogatepass")})
    assert judged.problems == [] and judged.answers
    assert {answer.outcome for answer in judged.answers} <= {"rejected", "open"}
    notes = summarize_answers(judged)
    assert max(map(len, notes)) < 400
    answers = (store.root / "preview" / "2012-07-31" / "answers.csv").read_text(encoding="utf-8")
    assert max(map(len, answers.splitlines()), default=0) < 800
    assert not any(cell.startswith("=") for row in csv.reader(answers.splitlines()) for cell in row)


def test_a_person_is_not_named_in_an_answer(judge, store):
    line = [*WRONG[:5], "call 13812345678", *WRONG[6:]]
    outcome, why = the_answer(judge({"challenges.csv": write_form(line).encode()}))
    assert outcome == "rejected" and "13812345678" not in why
    answers = (store.root / "preview" / "2012-07-31" / "answers.csv").read_text(encoding="utf-8")
    assert "13812345678" not in answers and "Wu" not in answers and "day earlier" not in answers


def test_a_form_of_very_many_lines_is_refused(judge, monkeypatch):
    monkeypatch.setattr(challenge_form, "MAX_FILLED_LINES", 3)
    most = {"challenges.csv": write_form(*[WRONG] * 3).encode()}
    assert len(outcomes(judge(most))) == 3
    (problem,) = judge({"challenges.csv": write_form(*[WRONG] * 4).encode()}).problems
    assert "challenges.csv has more than 3 lines that are filled in" in str(problem)


def test_the_notes_of_a_run_show_the_first_answers_and_count_the_others(judge):
    for count in (ANSWERS_SHOWN, ANSWERS_SHOWN + 1):
        judged = judge({"challenges.csv": write_form(*[WRONG] * count).encode()})
        notes = summarize_answers(judged)
        assert notes[0] == f"{count} challenges: 0 accepted, 0 rejected, {count} open"
        assert sum(note.startswith("challenge challenges.csv:") for note in notes) == ANSWERS_SHOWN
        assert ("1 more answers" in notes[-1]) == (count > ANSWERS_SHOWN)


def test_an_answer_says_what_the_branch_has_without_the_case(judge):
    """Of 0102, two of three claims are settled; without C3, which is, one of two."""
    (answer,) = judge({"challenges.csv": write_form(WRONG).encode()}).answers
    assert answer.case is not None and answer.case.branch_code == "0102"
    assert answer.case.value == pytest.approx(100 * 2 / 3)
    assert answer.case.value_without == pytest.approx(100 / 2)


def test_the_form_of_a_pack_comes_back_as_it_is(store, judge):
    """Filled in by the branch: what it reads of the case stays in its columns."""
    form = store.root / "preview" / "2012-07-31" / "branches" / "0102" / "challenges.csv"
    with form.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {line["branch_code"] for line in lines} == {"0102"}
    open_claims = [line for line in lines if line["kpi_id"] == "claim_closure_pct"]
    assert [line["key"] for line in open_claims] == ["00007"]
    assert judge({"challenges.csv": form.read_bytes()}).answers == []
    answer = {"column": "closed_at", "should_be": "2012/7/6 9:00", "reason": "settled"}
    filled = write_form(list((open_claims[0] | answer).values()), header=list(lines[0]))
    assert the_answer(judge({"challenges_0102.csv": filled.encode()}))[0] == "open"
