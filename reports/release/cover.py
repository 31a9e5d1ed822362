"""The front sheets of a release's workbook: Cover, Contents, Notes."""

from xlsxwriter.worksheet import Worksheet

from reports.release.csvw import to_plain_text
from reports.release.writer import FIRST_ROW, ReleaseWriter, SheetTable

COVER_WIDTH = 110
LINK_COLUMN = 4  # of Contents
QUALITY = ("relevance", "accuracy", "timeliness", "comparability", "accessibility")


def write_cover(writer: ReleaseWriter, page: Worksheet) -> None:
    """Write the cover; after all tables, since it counts their markers."""
    title = writer.say("title", name=writer.facts.name)
    page.set_column(0, 0, COVER_WIDTH)
    page.write_string(0, 0, title, writer.title)
    for row_number, line in enumerate(cover_lines(writer), start=1):
        page.write_string(row_number, 0, line, writer.text)


def cover_lines(writer: ReleaseWriter) -> list[str]:
    """Return what the cover says below its title, line by line."""
    facts, say = writer.facts, writer.say
    lines = [*_identity_lines(writer), *_reading_lines(writer)]
    lines += [say(dimension, **facts.quality) for dimension in QUALITY]
    lines += [say("corrected", text=line) for line in facts.notice]
    for marker, count in sorted(writer.marker_counts.items()):
        lines.append(say("marks", marker=marker, cells=str(count)))

    return lines


def _identity_lines(writer: ReleaseWriter) -> list[str]:
    """Return whose release it is, of what, from when and in which state."""
    facts, say = writer.facts, writer.say
    version = f"{facts.version} ({writer.name_code('audience', facts.audience)})"
    return [
        say("producer", text=to_plain_text(facts.producer)),
        say("holds", text="; ".join(facts.titles)),
        say("published", text=facts.publish_at),
        say("announced", text=facts.announced_on),
        say("version", text=version),
        say("next", text=facts.next_release),
        say("contact", text=facts.contact),
        say("revision_policy"),
        say("state", text=writer.name_code("row_status", facts.state)),
    ]


def _reading_lines(writer: ReleaseWriter) -> list[str]:
    """Return how to read and use the release, and how it was made."""
    facts, say = writer.facts, writer.say
    return [
        say("reading"),
        say("licence", text=facts.licence),
        say("method"),
        say("not_for"),
        say("formats"),
        say("rounding"),
        say("floors", floor=str(facts.floor), few=str(facts.few)),
        say("told_before", text=", ".join(facts.pre_release) or say("nobody")),
        say("run", publication=facts.publication_id, sha256=facts.manifest_sha256),
    ]


def write_contents(writer: ReleaseWriter, page: Worksheet, tables: list[SheetTable]) -> None:
    """Write the list of the tables, each with a link to its sheet."""
    _write_title(writer, page, "contents")
    parts = ("sheet", "number", "title", "period", "link")
    heads = [writer.say(f"contents_{part}") for part in parts]
    rows = [[table.sheet, str(table.number), table.title, table.period, ""] for table in tables]
    widths = [30, 12, 60, 30, 44]
    writer.write_list(page, "Contents_table", heads, rows, widths)

    # Behind the list: write_list cannot write a link.
    for row_number, table in enumerate(tables, start=FIRST_ROW):
        text = writer.say("link", number=str(table.number), title=table.title)
        target = f"internal:'{table.sheet}'!A1"
        page.write_url(row_number, LINK_COLUMN, target, writer.text, text)


def write_notes(writer: ReleaseWriter, page: Worksheet) -> None:
    """Write the list of notes with the tables that refer to them; one row of "none" if empty."""
    _write_title(writer, page, "notes")
    note = writer.say("note")

    rows = []
    for number, text in enumerate(writer.notes, start=1):
        tables = map(str, writer.tables_of_note[number])
        rows.append([f"{note} {number}", text, ", ".join(tables)])

    if not rows:
        rows = [[writer.say("none")] * 3]

    heads = [writer.say(f"notes_{part}") for part in ("number", "text", "tables")]
    writer.write_list(page, "Notes_table", heads, rows, [16, 100, 20])


def _write_title(writer: ReleaseWriter, page: Worksheet, key: str) -> None:
    title, one_table = writer.say(key), writer.say("one_table")
    page.write_string(0, 0, title, writer.title)
    page.write_string(1, 0, one_table, writer.plain)
