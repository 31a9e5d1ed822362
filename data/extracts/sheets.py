"""Which sheets of a workbook are the table, and how their columns meet."""

from collections.abc import Callable
from dataclasses import dataclass, field

from python_calamine import CalamineSheet, SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from data.config.header_text import normalize_header
from data.config.profile_source import Source
from data.extracts.headers import HEADER_LINES, is_header
from data.extracts.plain_file import PlainFile
from data.problem import Problem

ReadHead = Callable[[str], tuple[list[list[str]], int]]


@dataclass
class Sheet:
    """A sheet of a workbook.

    `number` is its position from 1, `head` its first rows, `height` how many it has. `header` is
    the index of its header, `names` are its columns; `positions` say where each cell of a row goes
    in the table that several sheets make.
    """

    name: str
    number: int
    head: list[list[str]]
    height: int
    header: int = 0
    names: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    @property
    def has_row(self) -> bool:
        """Whether anything is written in its first rows."""
        return any(map(any, self.head))

    def arrange(self, cells: list[str], width: int) -> list[str]:
        """Return the cells of a row where they belong in the table."""
        arranged = [""] * width
        for position, cell in zip(self.positions, cells, strict=False):
            arranged[position] = cell
        return arranged


def choose_sheets(
    metadata: list[SheetMetadata], read_head: ReadHead, file: PlainFile
) -> tuple[list[Sheet], list[str]]:
    """Return the sheets to read, and notes about the others.

    Raises Problem where there is none, or the only one with the header is hidden.
    """
    numbers = {
        sheet.name: number
        for number, sheet in enumerate(metadata, start=1)
        if sheet.typ == SheetTypeEnum.WorkSheet
    }
    hidden = {sheet.name for sheet in metadata if sheet.visible != SheetVisibleEnum.Visible}
    declared = file.source.sheet
    if declared and declared not in numbers:
        raise Problem(
            f"{file.name} has no sheet {declared!r}; it has: {', '.join(numbers)}",
            "correct `sheet` in the profile",
        )

    sheets = [Sheet(name, number, *read_head(name)) for name, number in numbers.items()]
    with_header = [sheet for sheet in sheets if _find_sure_header(sheet, file.source) is not None]
    if declared:
        selected = [sheet for sheet in sheets if sheet.name == declared]
    else:
        selected = _choose_visible(sheets, with_header, hidden, file)

    others = [sheet for sheet in sheets if sheet not in selected]
    return selected, _describe_others(others, with_header, hidden)


def _choose_visible(
    sheets: list[Sheet], with_header: list[Sheet], hidden: set[str], file: PlainFile
) -> list[Sheet]:
    visible = [sheet for sheet in with_header if sheet.name not in hidden]
    if visible:
        filled = [sheet for sheet in visible if _has_data(sheet, file.source)]
        return filled or visible[:1]

    if with_header:
        raise Problem(
            f"{file.name}: the only sheet with the header is hidden: {with_header[0].name!r}",
            "show the sheet, or name it as `sheet` in the profile",
        )

    for sheet in sheets:
        if sheet.has_row and sheet.name not in hidden:
            return [sheet]

    raise Problem(f"{file.name}: no sheet has a row", "deliver the workbook again")


def _find_sure_header(sheet: Sheet, source: Source) -> int | None:
    for index, cells in enumerate(sheet.head):
        if is_header(cells, source):
            return index
    return None


def _has_data(sheet: Sheet, source: Source) -> bool:
    """Return whether a sheet with the header has a record: an empty template, or one with a line
    that explains the columns, has none. A row with a digit in it is taken for a record.
    """
    if sheet.height > HEADER_LINES:
        return True

    header = _find_sure_header(sheet, source)
    behind = sheet.head[header + 1 :] if header is not None else []
    return any(letter.isdigit() for cells in behind for cell in cells for letter in cell)


def _describe_others(others: list[Sheet], with_header: list[Sheet], hidden: set[str]) -> list[str]:
    notes = []
    for sheet in others:
        is_hidden = sheet.name in hidden
        if not sheet.has_row and not is_hidden:
            continue

        state = "is not read"
        if is_hidden:
            state = "is hidden and not read"

        reason = "it does not have the header"
        if sheet in with_header:
            reason = "it has the header; name it as `sheet` in the profile to read it"

        notes.append(f"sheet {sheet.name!r} ({sheet.height:,} rows) {state}: {reason}")

    return notes


def align_columns(sheets: list[Sheet], file: PlainFile) -> list[str]:
    """Return the columns of the table that sheets make together, and say where theirs go.

    Columns are the same where they fill the same one of the contract, or are called the same.
    Raises Problem where an amount is in one unit here and in another there.
    """
    names: list[str] = []
    positions: dict[str, int] = {}
    units: dict[str, str | None] = {}

    contract = file.source.contract
    for sheet in sheets:
        origins = file.source.resolve(contract, sheet.names)
        filled = {origin.header: name for name, origin in origins.items() if origin.header}
        for name in sheet.names:
            identity = filled.get(name, normalize_header(name))
            if name in filled:
                unit = origins[identity].unit
                if units.setdefault(identity, unit) != unit:
                    raise Problem(
                        f"{file.name}: sheet {sheet.name!r} has {name!r},"
                        f" another sheet the same column in {units[identity]}",
                        "deliver each sheet as a file of its own",
                    )

            if identity not in positions:
                positions[identity] = len(names)
                names.append(name)

            sheet.positions.append(positions[identity])

    return names


def time_columns(sheet: Sheet, source: Source) -> set[int]:
    """Return the indices of a sheet's columns that hold days or instants."""
    contract = source.contract
    origins = source.resolve(contract, sheet.names)
    headers = set()
    for column in contract.columns:
        if column.type in ("instant", "date") and column.name in origins:
            headers.add(origins[column.name].header)

    return {index for index, name in enumerate(sheet.names) if name in headers}


def find_merged_keys(opened: CalamineSheet, sheet: Sheet, source: Source) -> list[str]:
    """Return a note on the required columns whose cells are merged over several rows."""
    required = _required_columns(sheet, source)
    merged: dict[str, list[str]] = {}
    for (first, left), (last, right) in opened.merged_cell_ranges or []:
        is_above = first <= sheet.header
        is_in_one_row = last == first
        if is_above or is_in_one_row:
            continue

        for column in range(left, right + 1):
            if column in required:
                ranges = merged.setdefault(required[column], [])
                ranges.append(f"rows {first + 1} to {last + 1}")

    return [
        f"sheet {sheet.name!r}: cells of {name} are merged over several rows in {len(ranges):,}"
        f" places ({', '.join(ranges[:3])}): only the first row of each has the value and the"
        " others lack it; unmerge them, fill every row and deliver it again"
        for name, ranges in merged.items()
    ]


def _required_columns(sheet: Sheet, source: Source) -> dict[int, str]:
    """Return the required columns of the contract by the index of the sheet's that fill them."""
    contract = source.contract
    origins = source.resolve(contract, sheet.names)

    required = {}
    for column in contract.columns:
        if not column.required or column.name not in origins:
            continue
        # A column may be filled with a constant: no header then.
        header = origins[column.name].header
        if header:
            required[sheet.names.index(header)] = column.name

    return required
