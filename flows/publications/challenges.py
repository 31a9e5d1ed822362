"""Challenges: what branches object to in their previews, judged against what the extracts say
now.
"""

from collections.abc import Iterator
from pathlib import Path

from data.config.contract import load_contracts
from data.config.profile import Profile
from data.problem import Problem
from data.store.store import Store
from flows.intake.landed_file import is_challenge_form, is_inside
from flows.publications.build import LakeSnapshot
from flows.publications.challenge_answers import (
    ChallengeAnswer,
    JudgedForms,
    answer_order,
    show_cell,
    write_answers,
)
from flows.publications.challenge_form import Challenge, ReturnedForm, read_form
from flows.publications.challenged_cases import PreviewedCase, PreviewedDay
from flows.publications.challenged_cells import ComparedCell, compare_cells, find_column
from transforms.engine.duckdb_engine import DuckDB


def find_forms(landing: Path) -> list[Path]:
    """Return the returned forms in a landing folder."""
    return [path for path in sorted(landing.iterdir()) if is_challenge_form(path)]


def judge_challenges(
    store: Store, landing: Path, snapshot: LakeSnapshot, profile: Profile, engine: DuckDB
) -> JudgedForms:
    """Answer every line of the returned forms in landing in which something is filled in, and write
    the answers next to the previews that they are about.

    The engine is one of its own. Each form is judged whatever is wrong with the others.
    """
    forms, problems = _read_forms(landing, engine)
    answers = []
    for form in forms:
        for line, reason in form.malformed:
            answers.append(ChallengeAnswer(form.file_name, line, "rejected", reason))
    challenges = [one for form in forms for one in form.challenges]
    for one in challenges:
        if one.as_of is None:
            why = f"as_of {show_cell(one.as_of_text)!r} is not a day: write it as 2012-12-31"
            answers.append(_answer(one, "rejected", why))
    for as_of in sorted({one.as_of for one in challenges if one.as_of}):
        of_day = [one for one in challenges if one.as_of == as_of]
        answers += _judge_day(PreviewedDay(store, as_of), of_day, snapshot, profile, engine)
    return JudgedForms(sorted(answers, key=answer_order), problems)


def _read_forms(landing: Path, engine: DuckDB) -> tuple[list[ReturnedForm], list[Problem]]:
    forms, problems = [], []
    for path in find_forms(landing):
        try:
            if not is_inside(landing, path):
                raise Problem(
                    f"{path.name} is a link out of the landing folder", "deliver the file itself"
                )
            forms.append(read_form(path, engine))
        except Problem as problem:
            problems.append(problem)
    return forms, problems


def _judge_day(
    day: PreviewedDay,
    challenges: list[Challenge],
    snapshot: LakeSnapshot,
    profile: Profile,
    engine: DuckDB,
) -> list[ChallengeAnswer]:
    """Answer the challenges on one preview, and write the answers next to it."""
    if not day.preview.exists:
        why = f"there is no preview of {day.preview.as_of}"
        return [_answer(one, "rejected", why) for one in challenges]
    cases = day.find_cases(challenges)
    faults = {one: next(_find_faults(one, day, cases.get(one)), None) for one in challenges}
    sound = [one for one, fault in faults.items() if fault is None]
    compared = compare_cells(sound, snapshot, profile, engine)
    answers = []
    for one, fault in faults.items():
        outcome, why = "rejected", fault
        if why is None:
            outcome, why = _judge_cell(one, compared[one])
        answers.append(_answer(one, outcome, why, cases.get(one)))
    answers.sort(key=answer_order)
    write_answers(day.preview.folder / "answers.csv", answers)
    return answers


def _find_faults(one: Challenge, day: PreviewedDay, case: PreviewedCase | None) -> Iterator[str]:
    """Yield why nothing can be said about a challenge, the first reason first."""
    about = f"{show_cell(one.extract)} {show_cell(one.key)}"
    if not one.reason:
        yield "it has no reason: say why the figure is wrong"
    if case is None:
        yield f"{about} was not counted in {show_cell(one.kpi_id)}"
        return
    branch_code = one.branch_code or day.branch_of_form(one.file_name)
    if branch_code and not day.is_below(case.branch_code, branch_code):
        yield f"{about} is a case of {case.branch_code}, not of {show_cell(branch_code)}"
    if not one.column:
        yield f"it does not say which column of {one.extract} is wrong"
    elif find_column(load_contracts()[one.extract], one.column) is None:
        yield f"{one.extract} has no column {show_cell(one.column)!r}"
    if not one.should_be:
        yield "should_be is empty: write what the cell should be, or - where it should be empty"


def _judge_cell(one: Challenge, cell: ComparedCell) -> tuple[str, str]:
    """Return outcome and reason by what the extract says now."""
    if cell.is_gone:
        return "accepted", "the extract no longer has the row"
    if cell.fault:
        return "rejected", f"{cell.column}: {show_cell(one.should_be)!r} {cell.fault}"
    if cell.is_so:
        return "accepted", f"the extract says so now: {cell.column} is {cell.now or 'empty'}"
    now = cell.now or "nothing"
    return "open", f"the extract still says {now}: have {cell.column} fixed at the source"


def _answer(
    one: Challenge, outcome: str, why: str, case: PreviewedCase | None = None
) -> ChallengeAnswer:
    return ChallengeAnswer(one.file_name, one.line, outcome, why, one, case)
