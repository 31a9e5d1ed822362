"""`servicekpi profile FILE`: what an unknown file looks like, as the draft of a profile."""

import json
from pathlib import Path

from data import extracts
from data.contract import contracts
from data.draft import Draft, Seen, look
from data.extracts.reading import Reading
from data.problem import Problem
from data.profile import PROFILES, Source, load
from expectations.masks import mask

PERSONAL = ("name", "phone", "mobile", "mail", "address", "姓名", "电话", "手机", "身份证", "车牌", "地址", "联系", "报案人", "birth", "gender")


def draft(path: Path, folder: Path) -> str:
    """The draft of a profile for a file, as TOML with what was seen in comments.

    Raises Problem where the file cannot be read at all.
    """
    if not path.is_file():
        raise Problem(f"there is no file {path}", "give the path of the file to look at")
    reading = extracts.read(path, Source("claims", path.name), folder)
    return written(path, reading, look(reading, path.name))


def keep(text: str, name: str) -> Path:
    """Write a draft into data/profiles. Raises Problem where there is one of that name already."""
    target = PROFILES / f"{name}.toml"
    if target.exists():
        raise Problem(f"there is a profile {name} already", "choose another name, or edit data/profiles by hand")
    target.write_text(text, encoding="utf-8")
    load(name)
    return target


def written(path: Path, reading: Reading, found: Draft) -> str:
    """A draft as TOML."""
    how = ", ".join(filter(None, (reading.format, reading.encoding)))
    lines = [f"# Drafted from {path.name}: {how}, {found.rows:,} rows. Say here what the set is and what it cannot tell."]
    if found.looked_at < found.rows:
        lines.append(f"# Counts below are those of the first {found.looked_at:,} rows.")
    lines += [f"# WARNING {text}" for text in found.warnings]
    lines += ["#", "# What was seen:"] + [f"#   {_told(seen, found)}" for seen in found.columns]
    lines += ["", 'timezone = "Asia/Shanghai"', "", "[[source]]", f'extract = "{found.extract}"', f"files = {_quoted(path.name)}"]
    lines.append('delivery = "full"               # or delta: only what is new or has changed')
    if reading.encoding:
        lines.append(f"encoding = {_quoted(reading.encoding)}")
    orders = {seen.order for seen in found.mapping.values()} & {"dmy", "mdy"}
    if len(orders) == 1:
        lines.append(f'dates = "{orders.pop()}"')
    nulls = sorted({word for seen in found.mapping.values() for word in seen.nulls})
    if nulls:
        lines.append(f"nulls = {json.dumps(nulls, ensure_ascii=False)}")
    lines += ["", "[source.columns]"]
    for column in contracts()[found.extract].columns:
        if column.name in found.mapping:
            lines.append(f"{column.name} = {_quoted(found.mapping[column.name].name)}")
        elif column.required:
            lines.append(f'# {column.name} = ""              # required: {column.meaning["en"]}; or {{ constant = "..." }}')
    return "\n".join(lines) + "\n"


def _told(seen: Seen, found: Draft) -> str:
    target = next((name for name, other in found.mapping.items() if other is seen), None)
    said = [f"{seen.kind}, {seen.distinct:,} different"]
    if seen.empty:
        said.append(f"{seen.empty:,} empty")
    if seen.nulls:
        said.append("null words " + ", ".join(f"{word} ({count:,})" for word, count in seen.nulls.items()))
    hidden = any(word in seen.name.lower() for word in PERSONAL) or any(mask(cell) != cell for cell in seen.examples)
    if target is None and hidden:
        said.append("looks like personal data: not read")
    elif seen.kind != "empty":
        said.append("such as " + ", ".join(_one_line(mask(cell)) for cell in seen.examples))
    return f"{_one_line(seen.name)}: {'; '.join(said)}" + (f" -> {target}" if target else "")


def _one_line(text: str) -> str:
    """Text that stays within its comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:60]


def _quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
