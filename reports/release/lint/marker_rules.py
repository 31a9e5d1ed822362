"""What breaks the rules about markers such as [c] and [x1] (M)."""

import re
from collections import Counter
from collections.abc import Iterator

from reports.release.lint.book import Book
from reports.release.lint.rule import Rule
from reports.release.lint.sheet import MARKERS, NOTE_REFERENCE, Sheet, describe_cell
from reports.text.words import word

LEGEND = re.compile(r"\[([a-z]+\d*)\] = .+")
LISTED_NOTE = re.compile(r"(?:note|注) ?(\d+)")
# Flags go with a figure, they do not replace it: unreliable, provisional, revised, ...
FLAGS = ("u", "p", "r", "e", "f", "b", "ns", "s", "ss", "sss")


def _legend_markers(sheet: Sheet) -> list[str]:
    markers = []
    for line in sheet.lines:
        match = LEGEND.fullmatch(line)
        if match:
            markers.append(match[1])
    return markers


def find_unexplained_markers(sheet: Sheet) -> Iterator[str]:
    """M1: markers that are used and not explained above the table, or the other way round."""
    used = set(sheet.markers())
    explained = set(_legend_markers(sheet))
    for marker in sorted(used - explained):
        yield f"[{marker}] is not explained"
    for marker in sorted(explained - used):
        yield f"[{marker}] is explained but not used"


def find_markers_of_several_reasons(sheet: Sheet) -> Iterator[str]:
    """M2: a marker that is explained more than once."""
    for marker, reasons in sorted(Counter(_legend_markers(sheet)).items()):
        if reasons > 1:
            yield f"[{marker}] has {reasons} reasons"


def find_flags_instead_of_values(sheet: Sheet) -> Iterator[str]:
    """M3: a flag outside of a status column."""
    for header, cells in sheet.columns():
        if re.search(r"status|状态", header, re.IGNORECASE):
            continue
        for cell in cells:
            markers = MARKERS.findall(str(cell.value))
            if any(re.sub(r"\d", "", marker) in FLAGS for marker in markers):
                yield describe_cell(cell)


def find_misnumbered_notes(book: Book) -> Iterator[str]:
    """M4: notes that are not numbered by first appearance, or not those listed in Notes."""
    used = _note_numbers(book)
    matches = [LISTED_NOTE.fullmatch(line) for line in book.lines("Notes")]
    listed = [int(match[1]) for match in matches if match]
    if used != list(range(1, len(used) + 1)):
        yield f"they first appear as {', '.join(map(str, used))}"

    for number in used:
        if number not in listed:
            yield f"note {number} is not in Notes"

    for number in listed:
        if number not in used:
            yield f"note {number} is used nowhere"


def _note_numbers(book: Book) -> list[int]:
    """Return the numbers of the notes that tables refer to, in order of first appearance."""
    numbers: dict[int, None] = {}
    for sheet in book.tables:
        for text in sheet.texts():
            numbers |= dict.fromkeys(map(int, NOTE_REFERENCE.findall(text)))
    return list(numbers)


def find_wrong_marker_counts(book: Book) -> Iterator[str]:
    """M5: the cover states other numbers of marked cells than there are."""
    counts: Counter[str] = Counter()
    for sheet in book.tables:
        counts.update(f"[{marker}]" for marker in sheet.markers())

    on_cover = _marker_counts_on_cover(book)
    for marker in sorted({*counts, *on_cover}):
        # A marker that the cover does not name is wrong, too: None is not 0.
        stated = on_cover.get(marker)
        if counts[marker] != stated:
            yield f"{marker} is in {counts[marker]} cells, the cover says {stated or 0}"


def _marker_counts_on_cover(book: Book) -> dict[str, int]:
    line_in_words = word("release.marks", marker="MARK", cells="COUNT")
    counts = {}
    for text in (line_in_words.zh, line_in_words.en):
        escaped = re.escape(text)
        pattern = escaped.replace("MARK", r"(\[\w+\])").replace("COUNT", r"(\d+)")
        for line in book.lines("Cover"):
            match = re.fullmatch(pattern, line)
            if match:
                marker, cells = match.groups()
                counts[marker] = int(cells)

    return counts


SHEET_RULES: tuple[Rule[Sheet], ...] = (
    Rule(
        "M1",
        "explain above the table each marker that it uses, and only those",
        find_unexplained_markers,
    ),
    Rule(
        "M2",
        "number markers of one kind with different reasons: [x1], [x2]",
        find_markers_of_several_reasons,
    ),
    Rule(
        "M3",
        "put flags that accompany a value into a status column next to it",
        find_flags_instead_of_values,
    ),
)

BOOK_RULES: tuple[Rule[Book], ...] = (
    Rule(
        "M4",
        "number notes in the order in which they first appear, and list in Notes just those "
        "that appear",
        find_misnumbered_notes,
    ),
    Rule("M5", "print on the cover how many cells have each marker", find_wrong_marker_counts),
)
