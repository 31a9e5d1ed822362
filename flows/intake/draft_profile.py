"""`servicekpi profile FILE`: what an unknown file looks like, as the draft of a profile."""

import json
import re
from pathlib import Path

from data import safe_names
from data.config.contract import load_contracts
from data.config.profile import DAY, PROFILES, Source, load_profile
from data.extracts.headers import HEADER_LINES, is_header
from data.extracts.infer_profile import Draft, infer_draft
from data.extracts.infer_types import ColumnProfile
from data.extracts.open_file import open_file
from data.extracts.opened_file import OpenedFile
from data.problem import Problem
from expectations.parsing.personal_data import mask_personal_data

PERSONAL = (
    "name",
    "phone",
    "mobile",
    "mail",
    "address",
    "姓名",
    "电话",
    "手机",
    "身份证",
    "车牌",
    "地址",
    "联系",
    "报案人",
    "birth",
    "gender",
)


def draft_profile(path: Path, folder: Path) -> str:
    """The draft of a profile for a file, as TOML with what was seen in comments.

    Raises Problem where the file cannot be read at all.
    """
    if not path.is_file():
        raise Problem(f"there is no file {path}", "give the path of the file to look at")
    source = _source(path, folder)
    reading = open_file(path, source, folder)
    return write_draft(path, reading, infer_draft(reading, path.name), source.header_line)


def _source(path: Path, folder: Path) -> Source:
    """How to open a file whose titles may stand above its header: as the extract whose required
    columns some line names; else with the first line that has more cells than what seems to be the
    header.
    """
    for extract in load_contracts():
        source = Source(extract, path.name)
        reading = open_file(path, source, folder)
        if is_header(reading.headers, source):
            return source
    named = sum(not re.fullmatch(r"column \d+", header) for header in reading.headers)
    batch = None if reading.typed else next(iter(reading.batches), None)
    first = batch.slice(0, HEADER_LINES).to_pylist() if batch else []
    lines = (
        row["_line"]
        for row in first
        if sum(bool((row[header] or "").strip()) for header in reading.headers) > named
    )
    return Source("claims", path.name, header_line=next(lines, None))


def name_pattern(name: str) -> str:
    """A pattern that the same file of another day will meet."""
    return DAY.sub("*", re.sub(r"([*?[])", r"[\1]", name))


def keep_draft(text: str, name: str) -> Path:
    """Write a draft into data/profiles. Raises Problem where there is one of that name already."""
    target = PROFILES / f"{safe_names.check_name('profile', name)}.toml"
    if target.exists():
        raise Problem(
            f"there is a profile {name} already",
            "choose another name, or edit data/profiles by hand",
        )
    target.write_text(text, encoding="utf-8")
    load_profile(name)
    return target


def write_draft(path: Path, reading: OpenedFile, found: Draft, header_line: int | None) -> str:
    """A draft as TOML."""
    how = ", ".join(filter(None, (reading.format, reading.encoding)))
    lines = [
        f"# Drafted from {path.name}: {how}, {found.rows:,} rows. Say here what the set is and what it cannot tell."
    ]
    if found.looked_at < found.rows:
        lines.append(f"# Counts below are those of the first {found.looked_at:,} rows.")
    lines += [f"# WARNING {text}" for text in found.warnings]
    lines += ["#", "# What was seen:"] + [f"#   {_told(seen, found)}" for seen in found.columns]
    lines += [
        "",
        'timezone = "Asia/Shanghai"      # where the clocks of the source are',
        "",
        "[[source]]",
        f'extract = "{found.extract}"',
    ]
    lines.append(f"files = {_quoted(name_pattern(path.name))}")
    lines.append('delivery = "full"               # or delta: only what is new or has changed')
    if not DAY.search(path.name):
        lines.append(
            '# extract_date = 2012-12-31     # or { column = "..." }: the name of the file tells no day, that of its arrival is taken'
        )
    if found.keys < found.looked_at:
        lines.append(
            '# repeats = "keep_first"        # where a key that repeats is no error: the file is finer than one row per case'
        )
    if reading.encoding:
        lines.append(f"encoding = {_quoted(reading.encoding)}")
    if header_line:
        lines.append(f"header_line = {header_line}")
    orders = {seen.order for seen in found.mapping.values()} & {"dmy", "mdy"}
    if len(orders) == 1:
        lines.append(f'dates = "{orders.pop()}"')
    nulls = sorted(
        {word for seen in found.mapping.values() for word in seen.nulls if not _is_number(word)}
    )
    if nulls:
        lines.append(f"nulls = {json.dumps(nulls, ensure_ascii=False)}")
    lines += ["", "[source.columns]"]
    for column in load_contracts()[found.extract].columns:
        if column.name in found.mapping:
            lines += _mapped(column.name, found.mapping[column.name], found)
        elif column.name in found.assumed:
            ((word, value),) = found.assumed[column.name].items()
            lines.append(
                f"{column.name} = {{ {word} = {json.dumps(value)} }}   # assumed, for a first look: {column.meaning['en']}"
            )
        elif column.required:
            lines.append(f'# {column.name} = ""              # required: {column.meaning["en"]}')
    return "\n".join(lines) + "\n"


def _mapped(name: str, seen: ColumnProfile, found: Draft) -> list[str]:
    """The line that maps a column, and where its words are not known, the one that would say what
    they mean.
    """
    header = _quoted(seen.name)
    numbers = [word for word in seen.nulls if _is_number(word)]
    lines = [
        f"{name} = {{ column = {header}, nulls = {json.dumps(numbers)} }}"
        if numbers
        else f"{name} = {header}"
    ]
    if name in found.unknown_words:
        values = ", ".join(
            f'{_quoted(mask_personal_data(word))} = ""' for word in found.unknown_words[name]
        )
        column = load_contracts()[found.extract].column(name)
        known = ", ".join(column.values) or (
            "true, false" if column.type == "boolean" else "a number"
        )
        lines.append(
            f"# {name} = {{ column = {header}, values = {{ {values} }} }}   # each means one of: {known}; or nothing"
        )
    return lines


def _is_number(word: str) -> bool:
    """Whether a word for nothing is a number in other columns: 999 is declared for its own column
    only.
    """
    return word.lstrip("-").isdigit()


def _told(seen: ColumnProfile, found: Draft) -> str:
    target = next((name for name, other in found.mapping.items() if other is seen), None)
    said = [f"{seen.kind}, {seen.distinct:,} different"]
    if seen.empty:
        said.append(f"{seen.empty:,} empty")
    if seen.nulls:
        said.append(
            "null words " + ", ".join(f"{word} ({count:,})" for word, count in seen.nulls.items())
        )
    hidden = any(word in seen.name.lower() for word in PERSONAL) or any(
        mask_personal_data(cell) != cell for cell in seen.examples
    )
    if target is None and hidden:
        said.append("looks like personal data: not read")
    elif seen.kind != "empty":
        said.append(
            "such as " + ", ".join(_one_line(mask_personal_data(cell)) for cell in seen.examples)
        )
    return f"{_one_line(seen.name)}: {'; '.join(said)}" + (f" -> {target}" if target else "")


def _one_line(text: str) -> str:
    """Text that stays within its comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[
        :60
    ]


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
