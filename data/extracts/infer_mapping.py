"""Which contract an unknown file is likely to fill, and which of its columns with which."""

import re
from typing import NamedTuple

from data.config.contract import Contract, load_contracts
from data.config.contract_parts import Column
from data.config.header_text import normalize_header
from data.extracts.infer_types import ColumnProfile

# Words by which foreign systems call our columns, besides the contracts' own names and aliases.
COLUMN_WORDS = {
    "claim_id": "claim case file number id no",
    "complaint_id": "complaint file number id no",
    "callback_id": "callback call response survey number id no",
    "branch_code": (
        "branch office company insurer agency airport code surgery location org organisation"
        " department"
    ),
    "reported_at": "reported report received notified notification open opened date ts",
    "received_at": "received contact opened open complaint date ts",
    "occurred_at": "incident accident acc loss occurred date",
    "closed_at": "closed close closing final fin end date ts",
    "paid_at": "paid payment settlement date",
    "completed_at": "completed end time date ts",
    "first_dialled_at": "dialled start begin ts",
    "paid_amount": "paid close amount agg aggregate claim",
    "first_estimate": "estimate claim amount requested req",
    "outcome": "outcome status disposition result finding",
    "line": "line type coverage class",
    "category": "category reason theme complaint",
    "rating": "rating score satisfaction",
    "agent_id": "agent operator user",
    "is_valid": "valid confirmed justified",
    "channel": "channel source",
    "subject_id": "case claim subject id",
    "has_injury": "injury injured",
    "month": "month period",
}
# 报案日期 is 报案时间 in another hand.
SYNONYMS = {
    "日期": "时间",
    "号码": "号",
    "编号": "号",
    "编码": "代码",
    "名称": "",
    "金额": "",
}
# Words that say nothing by themselves about what a column is of.
GENERIC_WORDS = {"id", "no", "number", "code", "date", "ts", "time", "type"}
FITTING_KINDS = {
    "instant": ("date", "day first"),
    "date": ("date", "day first"),
    "money": ("integer", "amount"),
    "decimal": ("integer", "amount"),
    "integer": ("integer",),
    "boolean": ("yes/no",),
    "code": ("text", "integer"),
    "text": ("text", "integer"),
}
SAME_NAME, SIMILAR_NAME = 10.0, 5.0  # scores; common words and what is added to them are below 2
REQUIRED_BONUS, KEY_BONUS = 0.3, 0.5

Mapping = dict[str, ColumnProfile]


class _Match(NamedTuple):
    """A column of the contract and one of the file; the greatest is the best, then the first."""

    score: float
    contract_order: int
    file_order: int


def infer_mapping(columns: list[ColumnProfile], file_name: str) -> tuple[str, Mapping]:
    """Return the likeliest extract, and its columns with those of the file that fill them."""
    mappings = {name: _fill(contract, columns) for name, contract in load_contracts().items()}

    def likelihood(name: str) -> tuple[bool, float, int, bool]:
        columns = load_contracts()[name].columns
        required = {column.name for column in columns if column.required}
        filled = len(required & mappings[name].keys()) / len(required)
        singular = name.rstrip("s").removesuffix("e")
        is_named = singular in file_name.lower()
        return is_named, filled, len(mappings[name]), name == "claims"

    extract = max(mappings, key=likelihood)

    return extract, mappings[extract]


def _fill(contract: Contract, columns: list[ColumnProfile]) -> Mapping:
    """Map each file column onto at most one of the contract's, the best match first."""
    matches = []
    for position, column in enumerate(contract.columns):
        for number, profile in enumerate(columns):
            matches.append(_Match(_score(column, profile, contract), -position, -number))

    mapping: Mapping = {}

    taken: set[int] = set()
    for match in sorted(matches, reverse=True):
        name = contract.columns[-match.contract_order].name
        number = -match.file_order
        if match.score > 0 and name not in mapping and number not in taken:
            mapping[name] = columns[number]
            taken.add(number)

    names = [column.name for column in contract.columns]
    return {name: mapping[name] for name in names if name in mapping}


def _score(column: Column, profile: ColumnProfile, contract: Contract) -> float:
    """Return how well a file's column fits one of the contract: by its name, then by its cells."""
    if profile.kind == "empty":
        return 0

    names = (column.name, *column.aliases)
    if normalize_header(profile.name) in set(map(normalize_header, names)):
        return SAME_NAME

    is_fitting = profile.kind in FITTING_KINDS[column.type]
    if not is_fitting or (column.free_text and profile.kind != "text"):
        return 0
    if _replace_synonyms(profile.name) in set(map(_replace_synonyms, column.aliases)):
        return SIMILAR_NAME

    words = _words_of(profile.name)
    known = set(COLUMN_WORDS.get(column.name, column.name.replace("_", " ")).split())
    if not words & known - GENERIC_WORDS:
        return 0

    score = len(words & known) / len(words)
    if column.required:
        score += REQUIRED_BONUS
    if column.name in contract.key[:1] and profile.is_key:
        score += KEY_BONUS

    return score


def _words_of(header: str) -> set[str]:
    """Return the words of a header: `DateClosed` and `date_closed` have the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return set(re.findall(r"[a-z]+", spaced.lower()))


def _replace_synonyms(name: str) -> str:
    """Return a Chinese header in the words that most systems would use."""
    replaced = normalize_header(name)
    for word, usual in SYNONYMS.items():
        replaced = replaced.replace(word, usual)
    return replaced
