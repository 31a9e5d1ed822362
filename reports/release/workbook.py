"""The regulator's workbook: cover, contents, notes, one table per sheet; built to the numbered
rules that `reports/lint` checks.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import xlsxwriter

from data.config.return_layout import Column, Layout, Return
from data.store.releases import file_stem
from reports.release.csvw import to_plain_text
from reports.release.facts import ReleaseFacts
from reports.text import format
from reports.text.words import known_word, word
from reports.workbook.workbook import span

ROWS = 1_048_576 - 64  # of one sheet: the lines above a table are fewer
SHEET_NAME = 30
COLUMN = (12, 34)  # narrowest and widest


@dataclass
class Table:
    """One sheet: a return, or a part of one that has more rows than a sheet."""

    number: int
    sheet: str
    title: str
    period: str
    told: Return
    notes: list[int] = field(default_factory=list)


class ReleaseWriter:
    """Formats, notes and marker counts of one workbook while it is written. `facts` as in
    `flows.release.facts`.
    """

    def __init__(self, book, facts: ReleaseFacts):
        self.book = book
        self.facts = facts
        self.language = facts.language
        body = {"font_name": "Arial", "font_size": 12, "valign": "top"}
        self.text = book.add_format(body | {"text_wrap": True, "align": "left"})
        self.plain = book.add_format(body | {"align": "left"})
        self.head = book.add_format(body | {"bold": True, "text_wrap": True, "align": "left"})
        self.title = book.add_format(body | {"bold": True, "font_size": 16, "align": "left"})
        self.marker = book.add_format(body | {"align": "right"})
        self.numbers = {
            places: book.add_format(
                body | {"align": "right", "num_format": "#,##0" + "." * (places > 0) + "0" * places}
            )
            for places in range(11)
        }
        self.notes: list[str] = []
        self.tables_of_note: dict[int, list[int]] = {}
        self.marks: Counter = Counter()

    def say(self, key: str, **values) -> str:
        return getattr(word(f"release.{key}", **values), self.language)

    def called(self, section: str, code: str) -> str:
        return getattr(known_word(section, code), self.language)

    def note(self, text: str, table: Table) -> str:
        """The marker of a note, numbered in order of first appearance."""
        if text not in self.notes:
            self.notes.append(text)
        number = self.notes.index(text) + 1
        if number not in table.notes:
            table.notes.append(number)
            self.tables_of_note.setdefault(number, []).append(table.number)
        return f"[{self.say('note')} {number}]"


def write_release_workbook(
    path: Path, returns: list[Return], facts: ReleaseFacts, limit: int = ROWS
) -> None:
    """Write the workbook of a release. Its `created` stamp is the hour of publication, so that the
    same figures give the same bytes.
    """
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    options |= {"default_format_properties": {"font_name": "Arial", "font_size": 12}}
    with xlsxwriter.Workbook(path, options) as book:
        writing = ReleaseWriter(book, facts)
        cover, contents, notes = (
            book.add_worksheet(name) for name in ("Cover", "Contents", "Notes")
        )
        tables = _tables(writing, returns, limit)
        for table in tables:
            _table(writing, table)
        _notes(writing, notes)
        _contents(writing, contents, tables)
        _cover(writing, cover)
        cover.activate()
        created = datetime.fromisoformat(facts.publish_at).replace(tzinfo=None)
        producer = to_plain_text(facts.producer)
        book.set_properties(
            {
                "title": writing.say("title", name=facts.name),
                "author": producer,
                "company": producer,
                "subject": writing.say("subject"),
            }
            | {
                "keywords": ", ".join(file_stem(told.layout.id) for told in returns),
                "created": created,
            }
        )
        book.set_custom_property("Language", facts.language)


def _tables(writing: ReleaseWriter, returns: list[Return], limit: int) -> list[Table]:
    tables: list[Table] = []
    for told in returns:
        layout = told.layout
        pairs = sorted(
            zip(told.rows, told.marks, strict=True), key=lambda pair: row_order(layout, *pair)
        )
        starts = range(0, max(1, len(pairs)), limit)
        period = (
            writing.say(
                "period",
                first=told.rows[0]["time_period"][:10],
                last=told.rows[0]["time_period"][11:],
            )
            if told.rows
            else "-"
        )
        for part, start in enumerate(starts, start=1):
            rows, marks = zip(*pairs[start : start + limit], strict=True) if pairs else ((), ())
            number = len(tables) + 1
            sheet = f"Table_{number}_{file_stem(layout.id).replace('-', '_')}"[:SHEET_NAME].rstrip(
                "_"
            )
            title = layout.title[writing.language] + (
                writing.say("part", part=str(part), of=str(len(starts))) if len(starts) > 1 else ""
            )
            tables.append(
                Table(number, sheet, title, period, Return(layout, list(rows), list(marks)))
            )
    return tables


def row_order(layout: Layout, row: dict, marks: dict[str, str]) -> tuple:
    """Where a row stands: in the layout's order, then by key, the total last. What is hidden must
    not show in the order.
    """
    order = tuple((marks[name] != "", "" if marks[name] else row[name]) for name in layout.order)
    return layout.group(row), layout.is_total(row), order, tuple(row[name] for name in layout.key)


def _columns(writing: ReleaseWriter, table: Table) -> list[tuple[str, Column | None, str]]:
    """(what a column holds, the layout's column, its header): values, a status beside what may rest
    on few cases, status and notes of the row.
    """
    layout = table.told.layout
    columns: list[tuple[str, Column | None, str]] = []
    for column in layout.columns:
        unit = column.unit.get(writing.language) or (
            writing.say("place") if column.role == "rank" else ""
        )
        title = column.title[writing.language]
        markers = "".join(
            writing.note(note[writing.language], table)
            for note in layout.notes
            if column.name in note.get("columns", ())
        )
        columns.append(
            (
                "value",
                column,
                f"{title} ({unit})" * bool(unit)
                + title * (not unit)
                + f" {markers}" * bool(markers),
            )
        )
        if (
            column.role == "ratio"
            and column.denominator
            and layout.column(column.denominator).role == "count"
        ):
            columns.append(("mark", column, writing.say("status_of", what=title)))
    return [
        *columns,
        ("status", None, writing.say("status")),
        ("notes", None, writing.say("row_notes")),
    ]


def _table(writing: ReleaseWriter, table: Table) -> None:
    page = writing.book.add_worksheet(table.sheet)
    layout, language = table.told.layout, writing.language
    about = "".join(
        writing.note(note[language], table)
        for note in layout.notes
        if not note.get("columns") and not note.get("rows")
    )
    columns = _columns(writing, table)
    legend, cells = _cells(writing, table, columns)
    title = writing.say("table", number=str(table.number), title=table.title, period=table.period)
    lines = [
        title + (f" {about}" if about else ""),
        writing.say("one_table"),
        *([writing.say("refers")] if table.notes else []),
        *legend,
    ]
    lines += [writing.say("rank_rule", rule=layout.rank_rule.get(language, ""))] * bool(
        layout.rank_rule
    )
    lines += [writing.say("source", source=layout.source, regulator=layout.regulator[language])]
    for number, line in enumerate(lines):
        page.write_string(number, 0, line, writing.title if number == 0 else writing.plain)
    top = len(lines)
    page.add_table(
        top, 0, top + max(1, len(cells)), len(columns) - 1,
        {"name": table.sheet, "style": None, "autofilter": False, "columns": [{"header": head, "header_format": writing.head} for _, _, head in columns]},
    )  # fmt: skip
    for number, line in enumerate(cells, start=top + 1):
        for place, (cell, (kind, column, _)) in enumerate(zip(line, columns, strict=True)):
            if isinstance(cell, str):
                page.write_string(
                    number,
                    place,
                    cell,
                    writing.marker
                    if column and column.is_number and kind == "value"
                    else writing.text,
                )
            else:
                page.write_number(number, place, cell, writing.numbers[column.decimals])
    for place, (_, _, head) in enumerate(columns):
        longest = max(
            [span(text) for text in re.split(r"[ ：:]", head)]
            + [span(str(line[place])) for line in cells]
        )
        page.set_column(place, place, min(max(longest + 2, COLUMN[0]), COLUMN[1]))


def _cells(writing: ReleaseWriter, table: Table, columns: list) -> tuple[list[str], list[list]]:
    """The legend of the markers that a table uses, and its cells: numbers rounded to the column's
    decimals, or text.
    """
    told, language = table.told, writing.language
    reasons: dict[str, list[str]] = {}
    for row, marks in zip(told.rows, told.marks, strict=True):
        for column in told.layout.columns:
            mark = displayed_mark(column, row, marks)
            if mark and (reason := _reason(writing, column, mark)) not in reasons.setdefault(
                mark, []
            ):
                reasons[mark].append(reason)

    def marker(column: Column, mark: str) -> str:
        name = writing.facts.low_marker if mark == "low" else mark
        told_apart = len(reasons[mark]) > 1
        text = f"[{name}{reasons[mark].index(_reason(writing, column, mark)) + 1 if told_apart else ''}]"
        writing.marks[text] += 1
        return text

    cells = []
    for row, marks in zip(told.rows, told.marks, strict=True):
        line: list = []
        for kind, column, _ in columns:
            if kind == "value" and column.is_number:
                mark = displayed_mark(column, row, marks)
                line.append(
                    marker(column, mark)
                    if mark and mark != "u"
                    else float(format.rounded(row[column.name], column.decimals))
                )
            elif kind == "value":
                line.append(_label(writing, told, column, row))
            elif kind == "mark":
                line.append(
                    marker(column, "u")
                    if marks[column.name] == "u"
                    else writing.say("no_figure" if marks[column.name] else "plain")
                )
            elif kind == "status":
                line.append(
                    writing.called("row_status", writing.facts.row_status(told.layout, row, marks))
                )
            else:
                about = [
                    note
                    for note in told.layout.notes
                    if "rows" in note and row[note["rows"][0]] == note["rows"][1]
                ]
                line.append(
                    "".join(writing.note(note[language], table) for note in about)
                    or writing.say("none")
                )
        cells.append(line)
    legend = []
    for mark, told_as in reasons.items():
        name = writing.facts.low_marker if mark == "low" else mark
        legend += [
            f"[{name}{number if len(told_as) > 1 else ''}] = {reason}"
            for number, reason in enumerate(told_as, start=1)
        ]
    return legend, cells


def displayed_mark(column: Column, row: dict, marks: dict[str, str]) -> str:
    """The mark of a cell, `low` where a figure that is not zero would be printed as zero."""
    if (
        marks[column.name] in ("", "u")
        and column.is_number
        and row[column.name]
        and not format.rounded(row[column.name], column.decimals)
    ):
        return "low"
    return marks[column.name]


def _reason(writing: ReleaseWriter, column: Column, mark: str) -> str:
    if mark == "x" and column.absent:
        return column.absent[writing.language]
    if mark == "z" and column.total:
        return column.total[writing.language]
    if mark == "z":
        return writing.say("z_rank" if column.role == "rank" else "z_ratio")
    return writing.say(mark, floor=str(writing.facts.floor), few=str(writing.facts.few))


def _label(writing: ReleaseWriter, told: Return, column: Column, row: dict) -> str:
    if (
        column.name == "branch_name"
        and told.layout.total
        and told.layout.total[0] == "geographic_level"
        and told.layout.is_total(row)
    ):
        return writing.say("total")
    if column.name == "branch_name" and row["geographic_level"] == "other":
        return writing.say("other")
    if (
        told.layout.total
        and column.name == told.layout.total[0]
        and told.layout.is_total(row)
        and column.name != "geographic_level"
    ):
        return writing.say("total")
    section = {"time_identifier": "time_identifier", "geographic_level": "geographic_level"}.get(
        column.name, "segment"
    )
    text = (
        writing.called(section, row[column.name])
        if column.name not in ("time_period", "branch_code", "branch_name")
        else row[column.name]
    )
    return to_plain_text(str(text))


def _contents(writing: ReleaseWriter, page, tables: list[Table]) -> None:
    heads = [
        writing.say(name)
        for name in (
            "contents_sheet",
            "contents_number",
            "contents_title",
            "contents_period",
            "contents_link",
        )
    ]
    page.write_string(0, 0, writing.say("contents"), writing.title)
    page.write_string(1, 0, writing.say("one_table"), writing.plain)
    _listed(
        writing,
        page,
        "Contents_table",
        heads,
        [[table.sheet, str(table.number), table.title, table.period, ""] for table in tables],
        (30, 12, 60, 30, 44),
    )
    for number, table in enumerate(tables, start=3):
        page.write_url(
            number,
            4,
            f"internal:'{table.sheet}'!A1",
            writing.text,
            writing.say("link", number=str(table.number), title=table.title),
        )


def _notes(writing: ReleaseWriter, page) -> None:
    page.write_string(0, 0, writing.say("notes"), writing.title)
    page.write_string(1, 0, writing.say("one_table"), writing.plain)
    rows = [
        [
            f"{writing.say('note')} {number}",
            text,
            ", ".join(map(str, writing.tables_of_note[number])),
        ]
        for number, text in enumerate(writing.notes, start=1)
    ]
    rows = rows or [[writing.say("none")] * 3]
    _listed(
        writing,
        page,
        "Notes_table",
        [writing.say(name) for name in ("notes_number", "notes_text", "notes_tables")],
        rows,
        (16, 100, 20),
    )


def _listed(
    writing: ReleaseWriter, page, name: str, heads: list[str], rows: list[list[str]], widths: tuple
) -> None:
    columns = [{"header": head, "header_format": writing.head} for head in heads]
    page.add_table(
        2,
        0,
        2 + len(rows),
        len(heads) - 1,
        {"name": name, "style": None, "autofilter": False, "columns": columns},
    )
    for number, line in enumerate(rows, start=3):
        for place, cell in enumerate(line):
            page.write_string(number, place, cell, writing.text)
    for place, wide in enumerate(widths):
        page.set_column(place, place, wide)


def _cover(writing: ReleaseWriter, page) -> None:
    page.set_column(0, 0, 110)
    page.write_string(0, 0, writing.say("title", name=writing.facts.name), writing.title)
    for number, line in enumerate(cover_lines(writing), start=1):
        page.write_string(number, 0, line, writing.text)


def cover_lines(writing: ReleaseWriter) -> list[str]:
    """What the cover says, line by line."""
    facts, say = writing.facts, writing.say
    version = f"{facts.version} ({writing.called('audience', facts.audience)})"
    lines = [
        say("producer", text=to_plain_text(facts.producer)),
        say("holds", text="; ".join(facts.titles)),
        say("published", text=facts.publish_at),
    ]
    lines += [
        say("announced", text=facts.announced_on),
        say("version", text=version),
        say("next", text=facts.next_release),
    ]
    lines += [
        say("contact", text=facts.contact),
        say("revision_policy"),
        say("state", text=writing.called("row_status", facts.state)),
    ]
    lines += [
        say("reading"),
        say("licence", text=facts.licence),
        say("method"),
        say("not_for"),
        say("formats"),
        say("rounding"),
    ]
    lines += [
        say("floors", floor=str(facts.floor), few=str(facts.few)),
        say("told_before", text=", ".join(facts.pre_release) or say("nobody")),
    ]
    lines += [say("run", publication=facts.publication_id, sha256=facts.manifest_sha256)]
    lines += [
        say(name, **facts.quality)
        for name in ("relevance", "accuracy", "timeliness", "comparability", "accessibility")
    ]
    lines += [say("corrected", text=line) for line in facts.notice]
    return lines + [
        say("marks", marker=mark, cells=str(count)) for mark, count in sorted(writing.marks.items())
    ]
