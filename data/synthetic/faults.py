"""Faults planted in the delivered files.

Every faulty row is an additional row with a key of its own.
"""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .calibrate import spread

# How many of each, by extract. Keys of `same_key_different_content` are there twice: two rows each.
FAULTS: dict[str, dict[str, int]] = {
    "claims": {
        "closed_before_reported": 9,
        "paid_before_reported": 3,
        "reported_at_missing": 5,
        "negative_amount": 4,
        "same_row_twice": 6,
        "same_key_different_content": 3,
    },
    "callbacks": {
        "rating_outside": 10,
        "kind_missing": 2,
        "same_row_twice": 2,
        "same_key_different_content": 3,
    },
    "complaints": {
        "closed_before_received": 3,
        "received_at_missing": 1,
        "received_at_unreadable": 2,
        "same_row_twice": 1,
        "same_key_different_content": 1,
        "header_repeated": 1,
        "totals_line": 1,
    },
}
LINE_FAULTS = {"header_repeated", "totals_line"}  # lines that are not rows
UNREADABLE = "2012-13-45 25:61:00"
TWO_DAYS = timedelta(days=2)
# The column that only a row has that went all the way: there is something to break in it.
LAST_COLUMN = {"claims": "paid_at", "callbacks": "rating", "complaints": "closed_at"}


def _break_row(fault: str, row: dict) -> dict:
    """Return the row with the fault; some faults are not of a cell."""
    broken = {}
    match fault:
        case "closed_before_reported":
            broken = {"closed_at": row["reported_at"] - TWO_DAYS}
        case "paid_before_reported":
            broken = {"paid_at": row["reported_at"] - TWO_DAYS}
        case "closed_before_received":
            broken = {"closed_at": row["received_at"] - TWO_DAYS}
        case "reported_at_missing" | "received_at_missing" | "kind_missing":
            broken = {fault.removesuffix("_missing"): None}
        case "negative_amount":
            broken = {"paid_amount": -row["paid_amount"]}
        case "rating_outside":
            broken = {"rating": 9}

    return row | broken


def _sample_rows(table: pa.Table, extract: str, count: int) -> list[dict]:
    """Return rows that went all the way, spread over the table."""
    is_complete = pc.is_valid(table[LAST_COLUMN[extract]]).to_numpy()
    # One more than needed and the first left out: what is at the very top stays as it is.
    positions = spread(np.flatnonzero(is_complete), count + 1)[1:]
    return table.take(pa.array(positions, pa.int64())).to_pylist()


def _make_faulty_rows(table: pa.Table, extract: str, day: date) -> tuple[list[dict], list[str]]:
    """Return the additional rows, and the keys of those whose time is to be made unreadable."""
    key = table.column_names[0]
    faults = [
        fault
        for fault, count in FAULTS[extract].items()
        if fault not in LINE_FAULTS
        for _ in range(count)
    ]
    samples = _sample_rows(table, extract, len(faults))

    rows, unreadable_keys = [], []
    for fault in faults:
        row = samples.pop()
        if fault == "same_row_twice":
            rows.append(row)
            continue

        row[key] = f"{row[key][0]}99{day:%Y%m%d}{len(rows):04d}"
        rows.append(_break_row(fault, row))
        if fault == "same_key_different_content":
            other_branch = "0102" if row["branch_code"] == "0101" else "0101"
            rows.append(row | {"branch_code": other_branch})
        elif fault.endswith("_unreadable"):
            unreadable_keys.append(row[key])

    return rows, unreadable_keys


def plant_faults(table: pa.Table, extract: str, day: date) -> tuple[pa.Table, list[str]]:
    """Return an extract of a day with faulty rows scattered over it.

    Also returns the keys of the rows whose time is to be made unreadable (`spoil_times`).
    """
    rows, unreadable_keys = _make_faulty_rows(table, extract, day)
    faulty = pa.Table.from_pylist(rows, table.schema)
    both = pa.concat_tables([table, faulty]).combine_chunks()

    sound_count, faulty_count = table.num_rows, len(rows)
    numbers = np.arange(faulty_count)
    positions = (numbers + 1) * sound_count // (faulty_count + 1)
    order = np.insert(np.arange(sound_count), positions, sound_count + numbers)

    return both.take(pa.array(order, pa.int64())), unreadable_keys


def spoil_times(text: pa.Table, key: str, column: str, keys: list[str]) -> pa.Table:
    """Return the texts of an extract with times that cannot be read in some rows.

    Args:
        text: the extract, every cell as text.
        key: the column that names a row.
        column: the one to spoil.
        keys: of the rows to spoil; without any the text stays as it is.
    """
    if not keys:
        return text

    is_spoiled = pc.is_in(text[key], pa.array(keys))
    spoiled = pc.if_else(is_spoiled, UNREADABLE, text[column])
    position = text.column_names.index(column)

    return text.set_column(position, column, spoiled)


def plant_stray_lines(lines: list[str], extract: str, columns: list[str]) -> list[str]:
    """Return the lines of an extract with its stray ones.

    They are the header once more in the middle, and a line of totals at the end.
    """
    faults = FAULTS[extract]
    if "header_repeated" in faults:
        middle = len(lines) // 2
        lines = lines[:middle] + lines[:1] + lines[middle:]

    if "totals_line" in faults:
        cells = ["合计"] + [""] * (len(columns) - 1)
        cells[len(columns) // 2] = str(len(lines) - 1)
        lines = [*lines, ",".join(cells)]

    return lines
