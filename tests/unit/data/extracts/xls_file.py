"""XLS workbooks written by hand: no library that we have writes them any more."""

import struct

SECTOR = 512
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NUMBER, DIMENSIONS, BOF, EOF, BOUNDSHEET = 0x0203, 0x0200, 0x0809, 0x000A, 0x0085


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def write_xls(
    *sheets: dict[tuple[int, int], float],
    declared: tuple[int, int] | None = None,
    padding: int = 4096,
) -> bytes:
    """Return a workbook: for each sheet the numbers in its cells by row and column from 0.

    `declared` is how many rows and columns each sheet says it has; a stream of less than 4,096 bytes
    goes to the small sectors.
    """
    bodies = [_sheet(cells, declared) for cells in sheets]
    bof = record(BOF, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    names = [f"s{number}".encode() for number in range(len(sheets))]
    entry_bytes = sum(4 + 8 + len(name) for name in names)
    offset = len(bof) + entry_bytes + 4
    entries = b""
    for name, body in zip(names, bodies, strict=True):
        entries += record(BOUNDSHEET, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)
        offset += len(body)
    stream = bof + entries + record(EOF) + b"".join(bodies)
    return compound_file(stream + bytes(max(0, padding - len(stream))))


def _sheet(cells: dict[tuple[int, int], float], declared: tuple[int, int] | None) -> bytes:
    rows, columns = declared or (
        max(row for row, _ in cells) + 1,
        max(column for _, column in cells) + 1,
    )
    parts = [
        record(BOF, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)),
        record(DIMENSIONS, struct.pack("<IIHHH", 0, rows, 0, columns, 0)),
    ]
    parts += [
        record(NUMBER, struct.pack("<HHHd", row, column, 0, number))
        for (row, column), number in sorted(cells.items())
    ]
    return b"".join([*parts, record(EOF)])


def compound_file(stream: bytes) -> bytes:
    """Return a compound file with one stream, `Workbook`."""
    is_small = len(stream) < 4096
    content = _padded(stream)
    sectors = len(content) // SECTOR
    # Sector 0 is the directory, then the content, then the tables.
    chain = [END, *range(2, sectors + 1), END]
    mini_table = b""
    if is_small:
        count = -(-len(stream) // 64)
        mini_table = _padded(struct.pack(f"<{count}I", *range(1, count), END), 0xFF)
        chain.append(END)
    table_sectors = -(-(len(chain) + 4) // (SECTOR // 4 - 1))
    table_at = len(chain)
    table = chain + [FAT_SECTOR] * table_sectors
    table += [FREE] * (table_sectors * SECTOR // 4 - len(table))
    directory = _entry("Root Entry", 5, 1 if is_small else END, len(content) if is_small else 0)
    directory += _entry("Workbook", 2, 0 if is_small else 1, len(stream))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIII", 0, table_sectors, 0, 0, 4096)
    header += struct.pack("<II", sectors + 1 if is_small else END, 1 if is_small else 0)
    header += struct.pack("<II", END, 0)
    listed = list(range(table_at, table_at + table_sectors))
    header += struct.pack("<109I", *listed, *[FREE] * (109 - table_sectors))
    packed_table = struct.pack(f"<{len(table)}I", *table)
    return header + _padded(directory) + content + mini_table + packed_table


def _padded(content: bytes, fill: int = 0) -> bytes:
    return content + bytes([fill]) * (-len(content) % SECTOR)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    siblings = struct.pack("<III", FREE, FREE, 1 if kind == 5 else FREE)
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1) + siblings
    return head + bytes(36) + struct.pack("<IQ", start, size)
