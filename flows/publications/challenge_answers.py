"""The answers to challenges: as a file next to the preview, and in the notes of a run."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.problem import Problem
from data.store.atomic import replace_file
from expectations.parsing.personal_data import mask_personal_data
from flows.publications.challenge_form import Challenge
from flows.publications.challenged_cases import PreviewedCase
from reports.csv.kpi_csv import neutralise

OUTCOMES = ("accepted", "rejected", "open")
ANSWERS_SHOWN = 20  # in the notes of a run; the file next to the preview has all
CHARACTERS_SHOWN = 60  # of a cell from outside
# Who objects, and in which words, stays in landing.
ABOUT = ("as_of", "kpi_id", "extract", "key", "column")
HEADER = ("file_name", "line", *ABOUT, "outcome", "why", "branch_code", "value", "value_without")


@dataclass(frozen=True)
class ChallengeAnswer:
    """What became of a line: `outcome` accepted (the extract says so now), rejected (there is
    nothing to object to, or the line cannot be read) or open (the source has still to be fixed),
    why, and the `case`, where the line is about one.
    """

    file_name: str
    line: int
    outcome: str
    why: str
    challenge: Challenge | None = None
    case: PreviewedCase | None = None


@dataclass(frozen=True)
class JudgedForms:
    """The answers to every line that says something, and a problem for each file that cannot be
    read.
    """

    answers: list[ChallengeAnswer]
    problems: list[Problem]


def answer_order(answer: ChallengeAnswer) -> tuple[str, int]:
    """Return what answers are ordered by: file and line."""
    return answer.file_name, answer.line


def show_cell(text: str) -> str:
    """Return a cell from outside as a message may show it: personal data hidden, its
    beginning where it is long.
    """
    line = mask_personal_data(" ".join(text[: 4 * CHARACTERS_SHOWN].split()))
    if len(line) <= CHARACTERS_SHOWN:
        return line
    return line[: CHARACTERS_SHOWN - 1] + "…"


def summarize_answers(judged: JudgedForms) -> list[str]:
    """Return how many challenges there were and what became of them, of the first ones what each
    would do, and which files could not be read.
    """
    notes = [str(problem) for problem in judged.problems]
    answers = judged.answers
    if not answers:
        return notes
    counts = Counter(answer.outcome for answer in answers)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)
    notes.append(f"{len(answers)} challenges: {outcomes}")
    notes += map(_describe_answer, answers[:ANSWERS_SHOWN])
    if len(answers) > ANSWERS_SHOWN:
        more = len(answers) - ANSWERS_SHOWN
        notes.append(f"{more:,} more answers: answers.csv next to the preview of their day")
    return notes


def _describe_answer(answer: ChallengeAnswer) -> str:
    """Return an answer as a sentence, with what the case would do to the branch's figure."""
    about = f"challenge {answer.file_name}:{answer.line} is {answer.outcome}: {answer.why}"
    case = answer.case
    if answer.challenge is None or case is None or case.value is None:
        return about
    return (
        f"{about}; {answer.challenge.kpi_id} of {case.branch_code} {_number_text(case.value)},"
        f" without the case {_number_text(case.value_without)}"
    )


def write_answers(path: Path, answers: list[ChallengeAnswer]) -> None:
    """Write the answers on one preview, whole."""
    with replace_file(path) as sibling, sibling.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        writer.writerows(_list_cells(answer) for answer in answers)


def _list_cells(answer: ChallengeAnswer) -> Iterator[str]:
    challenge, case = answer.challenge, answer.case or PreviewedCase("")
    about = [""] * len(ABOUT)
    if challenge is not None:
        about = [show_cell(str(getattr(challenge, name) or "")) for name in ABOUT]
    texts = [answer.file_name, str(answer.line), *about, answer.outcome, answer.why]
    yield from map(neutralise, [*texts, case.branch_code])
    yield _number_text(case.value)
    yield _number_text(case.value_without)


def _number_text(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
