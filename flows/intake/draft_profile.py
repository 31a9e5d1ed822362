"""`servicekpi profile FILE`: what an unknown file looks like, as the draft of a profile."""

import json
import re
from pathlib import Path

from data import safe_names
from data.config.contract import load_contracts
from data.config.contract_parts import Column
from data.config.day_in_name import DAY
from data.config.profile import PROFILES, load_profile
from data.config.profile_source import Source
from data.extracts.headers import HEADER_LINES, is_header
from data.extracts.infer_profile import Draft, infer_draft
from data.extracts.infer_types import ColumnProfile
from data.extracts.open_file import open_file
from data.extracts.opened_file import OpenedFile
from data.problem import Problem
from expectations.parsing.personal_data import mask_personal_data

# In headers of columns whose cells are not shown: whose they are is nobody's business here.
PERSONAL_HEADERS = (
    *("name", "phone", "mobile", "mail", "address", "birth", "gender"),
    *("姓名", "电话", "手机", "身份证", "车牌", "地址", "联系", "报案人"),
)
COMMENT_LETTERS = 60  # of a header or cell that is repeated in a comment


def draft_profile(path: Path, folder: Path) -> str:
    """Return the draft of a profile for a file, as TOML with what was seen in comments.

    Raises Problem where the file cannot be read at all.
    """
    if not path.is_file():
        raise Problem(f"file {path} not found", "give the path of the file to look at")
    source = _guess_source(path, folder)
    reading = open_file(path, source, folder)
    return write_draft(path, reading, infer_draft(reading, path.name), source.header_line)


def _guess_source(path: Path, folder: Path) -> Source:
    """Return how to open a file whose titles may stand above its header.

    It is opened as the extract whose required columns some line names; else with the first line
    that has more cells than what seems to be the header.
    """
    reading = None
    for extract in load_contracts():
        source = Source(extract=extract, files=path.name)
        reading = open_file(path, source, folder)
        if is_header(reading.headers, source):
            return source
    assert reading is not None, "there is at least one contract"
    return Source(extract="claims", files=path.name, header_line=_find_wider_line(reading))


def _find_wider_line(reading: OpenedFile) -> int | None:
    """Return the first line with more filled cells than the header has names; None: there is none.

    A column without a name of its own is called `column 3` (see headers.py).
    """
    if reading.typed:
        return None
    batch = next(iter(reading.batches), None)
    if batch is None:
        return None
    own_names = [name for name in reading.headers if not re.fullmatch(r"column \d+", name)]
    for row in batch.slice(0, HEADER_LINES).to_pylist():
        filled = [name for name in reading.headers if (row[name] or "").strip()]
        if len(filled) > len(own_names):
            return row["_line"]
    return None


def name_pattern(name: str) -> str:
    """Return a pattern that the same file of another day will match."""
    escaped = re.sub(r"([*?[])", r"[\1]", name)
    return DAY.sub("*", escaped)


def keep_draft(text: str, name: str) -> Path:
    """Write a draft into data/profiles. Raises Problem where there is one of that name already."""
    target = PROFILES / f"{safe_names.check_name('profile', name)}.toml"
    if target.exists():
        raise Problem(
            f"profile {name} exists already",
            "choose another name, or edit data/profiles by hand",
        )
    target.write_text(text, encoding="utf-8")
    load_profile(name)
    return target


def write_draft(path: Path, reading: OpenedFile, draft: Draft, header_line: int | None) -> str:
    """Return a draft as TOML.

    Args:
        path: the file that was examined.
        reading: how it was opened.
        draft: what was seen in it.
        header_line: the line of its header, from 1, where it has to be declared.
    """
    lines = [
        "#:schema ../reference/schema/profile.schema.json",
        *_describe_file(path, reading, draft),
        "",
        'timezone = "Asia/Shanghai"      # where the clocks of the source are',
        "",
        "[[source]]",
        f'extract = "{draft.extract}"',
        *_source_lines(path, reading, draft, header_line),
        "",
        "[source.columns]",
    ]
    for column in load_contracts()[draft.extract].columns:
        lines += _column_lines(column, draft)
    return "\n".join(lines) + "\n"


def _describe_file(path: Path, reading: OpenedFile, draft: Draft) -> list[str]:
    """Return the comments at the top: what the file is, what is odd about it, what was seen."""
    form = reading.format
    if reading.encoding:
        form += f", {reading.encoding}"
    lines = [
        f"# Drafted from {path.name}: {form}, {draft.rows:,} rows."
        " Say here what the set is and what it cannot show."
    ]
    if draft.looked_at < draft.rows:
        lines.append(f"# Counts below are those of the first {draft.looked_at:,} rows.")
    lines += [f"# WARNING {text}" for text in draft.warnings]
    lines += ["#", "# What was seen:"]
    lines += [f"#   {_describe_column(profile, draft)}" for profile in draft.columns]
    return lines


def _source_lines(
    path: Path, reading: OpenedFile, draft: Draft, header_line: int | None
) -> list[str]:
    """Return the settings of the source, and in comments those that a person has to decide on."""
    lines = [
        f"files = {_quote(name_pattern(path.name))}",
        'delivery = "full"               # or delta: only what is new or has changed',
    ]
    if not DAY.search(path.name):
        lines.append(
            '# extract_date = 2012-12-31     # or { column = "..." }: the file name has no day;'
            " without this, the day of its arrival is taken"
        )
    if draft.keys < draft.looked_at:
        lines.append(
            '# repeats = "keep_first"        # where a key that repeats is not an error:'
            " the file is finer than one row per case"
        )
    if any(profile.has_decimal_comma for profile in draft.mapping.values()):
        lines.append('decimal = ","')
    if reading.encoding and " " not in reading.encoding:  # of a mixed text nothing is declared
        lines.append(f"encoding = {_quote(reading.encoding)}")
    if header_line:
        lines.append(f"header_line = {header_line}")
    mapped = draft.mapping.values()
    date_orders = {profile.order for profile in mapped} & {"dmy", "mdy"}
    if len(date_orders) == 1:
        lines.append(f'dates = "{date_orders.pop()}"')
    null_words = {word for profile in mapped for word in profile.nulls}
    texts = sorted(word for word in null_words if not _is_number(word))
    if texts:
        lines.append(f"nulls = {json.dumps(texts, ensure_ascii=False)}")
    return lines


def _column_lines(column: Column, draft: Draft) -> list[str]:
    """Return how a column of the contract is filled; nothing where it need not be."""
    if column.name in draft.mapping:
        return _mapping_lines(column, draft)
    if column.name in draft.assumed:
        ((setting, value),) = draft.assumed[column.name].items()
        return [
            f"{column.name} = {{ {setting} = {json.dumps(value)} }}"
            f"   # assumed, for a first look: {column.meaning['en']}"
        ]
    if column.required:
        return [f'# {column.name} = ""              # required: {column.meaning["en"]}']
    return []


def _mapping_lines(column: Column, draft: Draft) -> list[str]:
    """Return the line that maps a column, and where its words are not known, a comment that would
    say what they mean.
    """
    profile = draft.mapping[column.name]
    header = _quote(profile.name)
    numbers = [word for word in profile.nulls if _is_number(word)]
    if numbers:
        lines = [f"{column.name} = {{ column = {header}, nulls = {json.dumps(numbers)} }}"]
    else:
        lines = [f"{column.name} = {header}"]
    if column.name in draft.unknown_words:
        words = map(mask_personal_data, draft.unknown_words[column.name])
        values = ", ".join(f'{_quote(word)} = ""' for word in words)
        lines.append(
            f"# {column.name} = {{ column = {header}, values = {{ {values} }} }}"
            f"   # each means one of: {_describe_values(column)}; or nothing"
        )
    return lines


def _describe_values(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    return "true, false" if column.type == "boolean" else "a number"


def _is_number(word: str) -> bool:
    """Return whether a word for nothing is a number in other columns: 999 is declared for its own
    column only.
    """
    return word.lstrip("-").isdigit()


def _describe_column(profile: ColumnProfile, draft: Draft) -> str:
    """Return what a column of the file holds, and which one of the contract it fills."""
    targets = [name for name, mapped in draft.mapping.items() if mapped is profile]
    facts = [f"{profile.kind}, {profile.distinct:,} different"]
    if profile.empty:
        facts.append(f"{profile.empty:,} empty")
    if profile.nulls:
        counts = [f"{word} ({count:,})" for word, count in profile.nulls.items()]
        facts.append(f"null words {', '.join(counts)}")
    if not targets and _is_personal(profile):
        facts.append("looks like personal data: not read")
    elif profile.kind != "empty":
        examples = [_to_one_line(mask_personal_data(cell)) for cell in profile.examples]
        facts.append(f"such as {', '.join(examples)}")
    description = f"{_to_one_line(profile.name)}: {'; '.join(facts)}"
    return f"{description} -> {targets[0]}" if targets else description


def _is_personal(profile: ColumnProfile) -> bool:
    header = profile.name.lower()
    if any(word in header for word in PERSONAL_HEADERS):
        return True
    return any(mask_personal_data(cell) != cell for cell in profile.examples)


def _to_one_line(text: str) -> str:
    """Return text that stays within its comment."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:COMMENT_LETTERS]


def _quote(text: str) -> str:
    """Return a TOML string."""
    return json.dumps(text, ensure_ascii=False)
