"""How many rows and columns the sheets of an XLS workbook span, found without reading its cells.

An XLS is a compound file (Microsoft MS-CFB) with a stream of records (MS-XLS, BIFF5 and BIFF8).
"""

import struct
from collections.abc import Iterator

import numpy as np

STREAMS = ("Workbook", "Book")  # of BIFF8 and of BIFF5
END_OF_CHAIN = 0xFFFFFFFA  # this number and those above it are not sectors
HEADER_SECTORS = 109  # sectors of the table that the header itself lists
MINI_SECTOR_BYTES = 64
ENTRY_BYTES = 128  # of the directory
ROOT_ENTRY = 5

BOF, DIMENSIONS, FILE_PASS = (0x0809, 0x0200, 0x002F)
# Records that begin with the row and the column of a cell; of a run of cells, the last two bytes
# are its last column.
CELLS = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E}
RUNS = {0x00BD, 0x00BE}


def measure_sheets(content: bytes) -> list[tuple[int, int]]:
    """Return rows and columns of each sheet, as declared or as its cells say, whichever is more.

    Raises ValueError where the content is not an XLS workbook.
    """
    try:
        stream = _read_workbook_stream(content)
        return _measure_records(stream)
    except (IndexError, struct.error) as error:
        raise ValueError(f"it is not a whole XLS workbook: {error}") from error


def read_records(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield each record of an XLS workbook: where it begins in its stream, its kind and its body.

    Raises ValueError where the content is not an XLS workbook.
    """
    try:
        stream = _read_workbook_stream(content)
    except (IndexError, struct.error) as error:
        raise ValueError(f"it is not a whole XLS workbook: {error}") from error

    offset = 0
    for kind, body in _records(stream):
        yield offset, kind, body
        offset += 4 + len(body)


def is_encrypted(content: bytes) -> bool:
    """Return whether a compound file is a workbook with a password, of either kind of Excel."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return True

    try:
        return any(kind == FILE_PASS for _, kind, _ in read_records(content))
    except ValueError:
        return False


def _measure_records(stream: bytes) -> list[tuple[int, int]]:
    extents = []
    for kind, body in _records(stream):
        if kind == BOF:
            extents.append((0, 0))
            continue

        if kind == DIMENSIONS or kind in CELLS or kind in RUNS:
            rows, columns = _extent(kind, body)
            most_rows, most_columns = extents.pop()
            # What a sheet says of itself may be less than what it has: the larger counts.
            extents.append((max(rows, most_rows), max(columns, most_columns)))

    return extents


def _extent(kind: int, body: bytes) -> tuple[int, int]:
    """Return how many rows and columns there are up to what a record says."""
    if kind == DIMENSIONS:
        layout = "<IIHH" if len(body) >= 14 else "<HHHH"
        _, rows, _, columns = struct.unpack_from(layout, body)
        return rows, columns

    row, column = struct.unpack_from("<HH", body)
    if kind in RUNS:
        (column,) = struct.unpack("<H", body[-2:])

    return row + 1, column + 1


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, offset)
        start = offset + 4
        offset = start + size
        yield kind, stream[start:offset]


def _read_workbook_stream(content: bytes) -> bytes:
    # Offsets of the header of a compound file: [MS-CFB] 2.2.
    (sector_shift,) = struct.unpack_from("<H", content, 30)
    (first_directory,) = struct.unpack_from("<I", content, 48)
    smallest, first_mini = struct.unpack_from("<II", content, 56)
    sector_bytes = 1 << sector_shift
    sectors = _Sectors(content[sector_bytes:], sector_bytes)
    table = _read_sector_table(content, sectors)
    directory = sectors.read_chain(first_directory, table)

    container = 0
    for offset in range(0, len(directory), ENTRY_BYTES):
        entry = directory[offset : offset + ENTRY_BYTES]
        start, size = struct.unpack_from("<II", entry, 116)
        if entry[66] == ROOT_ENTRY:
            container = start
        if _entry_name(entry) not in STREAMS:
            continue
        if size >= smallest:
            return sectors.read_chain(start, table)[:size]

        # A small stream is in sectors of its own, which are together the stream of the root.
        mini_table = np.frombuffer(sectors.read_chain(first_mini, table), "<u4")
        mini = _Sectors(sectors.read_chain(container, table), MINI_SECTOR_BYTES)
        return mini.read_chain(start, mini_table)[:size]

    raise ValueError("it contains no workbook")


def _entry_name(entry: bytes) -> str:
    (size,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(0, size - 2)].decode("utf-16-le", errors="replace")


def _read_sector_table(content: bytes, sectors: "_Sectors") -> np.ndarray:
    """Return for each sector the one that follows it in its stream."""
    (next_listing,) = struct.unpack_from("<I", content, 68)
    listed = list(struct.unpack_from(f"<{HEADER_SECTORS}I", content, 76))

    # A broken file may list the same sector for ever.
    seen = set()
    while next_listing < END_OF_CHAIN and next_listing not in seen:
        seen.add(next_listing)
        listing = np.frombuffer(sectors.read(next_listing), "<u4").tolist()
        *more, next_listing = listing
        listed += more

    table = b"".join(sectors.read(number) for number in listed if number < END_OF_CHAIN)
    return np.frombuffer(table, "<u4")


class _Sectors:
    """The sectors of a compound file, numbered from 0."""

    def __init__(self, content: bytes, size: int):
        self.content, self.size = content, size

    def read(self, number: int) -> bytes:
        sector = self.content[number * self.size : (number + 1) * self.size]
        if not sector:
            raise IndexError(f"sector {number} is missing")
        return sector

    def read_chain(self, first: int, table: np.ndarray) -> bytes:
        """Return the sectors of a stream, one after the other."""
        parts = []
        number = first
        while number < END_OF_CHAIN:
            if len(parts) > len(table):
                raise IndexError("its sectors form a circle")
            parts.append(self.read(number))
            number = int(table[number])

        return b"".join(parts)
