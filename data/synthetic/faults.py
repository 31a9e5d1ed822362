"""Faults planted in the delivered files. Every faulty row is an additional row with a key of its
own.
"""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .calibrate import spread

# How many of each, per file. Keys of `same_key_different_content` are there twice: two rows each.
FAULTS = {
    "claims_20120930": {
        "closed_before_reported": 4,
        "paid_before_reported": 3,
        "reported_at_missing": 3,
        "negative_amount": 2,
        "same_row_twice": 3,
        "same_key_different_content": 2,
    },
    "claims_20121130": {
        "closed_before_reported": 3,
        "reported_at_missing": 2,
        "reported_at_unreadable": 3,
        "negative_amount": 2,
        "same_row_twice": 2,
        "same_key_different_content": 1,
        "header_repeated": 1,
        "totals_line": 1,
    },
    "claims_20121231": {
        "closed_before_reported": 2,
        "reported_at_unreadable": 2,
        "same_row_twice": 1,
    },
    "callbacks_20120930": {
        "rating_outside": 5,
        "same_row_twice": 2,
        "same_key_different_content": 2,
    },
    "callbacks_20121130": {"rating_outside": 3, "kind_missing": 2},
    "callbacks_20121231": {
        "rating_outside": 2,
        "same_key_different_content": 1,
        "header_repeated": 1,
    },
    "complaints_20120930": {
        "closed_before_received": 2,
        "received_at_missing": 1,
        "same_row_twice": 1,
    },
    "complaints_20121130": {"received_at_unreadable": 1, "totals_line": 1},
    "complaints_20121231": {"closed_before_received": 1, "same_key_different_content": 1},
}
NO_ROWS = {"header_repeated", "totals_line"}
UNREADABLE = "2012-13-45 25:61:00"
TWO_DAYS = timedelta(days=2)


def _broken(kind: str, row: dict) -> dict:
    """The row with the fault."""
    match kind:
        case "closed_before_reported":
            return row | {"closed_at": row["reported_at"] - TWO_DAYS}
        case "paid_before_reported":
            return row | {"paid_at": row["reported_at"] - TWO_DAYS}
        case "closed_before_received":
            return row | {"closed_at": row["received_at"] - TWO_DAYS}
        case "reported_at_missing" | "received_at_missing" | "kind_missing":
            return row | {kind.removesuffix("_missing"): None}
        case "negative_amount":
            return row | {"paid_amount": -row["paid_amount"]}
        case "rating_outside":
            return row | {"rating": 9}
    return row


def _complete(table: pa.Table) -> np.ndarray:
    """Rows that went all the way, so that there is something to break."""
    last = {"claims": "paid_at", "callbacks": "rating", "complaints": "closed_at"}
    column = next(table[name] for name in last.values() if name in table.column_names)
    return np.flatnonzero(pc.is_valid(column).to_numpy())


def _faulty_rows(table: pa.Table, name: str) -> tuple[list[dict], list[str]]:
    """The additional rows, and the keys of those whose time is to be made unreadable."""
    key, stamp = table.column_names[0], name.rpartition("_")[2]
    wanted = {kind: count for kind, count in FAULTS.get(name, {}).items() if kind not in NO_ROWS}
    models = table.take(
        pa.array(spread(_complete(table), sum(wanted.values()) + 1)[1:])
    ).to_pylist()
    extra, unreadable = [], []
    for kind, count in wanted.items():
        for _ in range(count):
            row = models.pop()
            if kind == "same_row_twice":
                extra.append(row)
                continue
            row[key] = f"{row[key][0]}99{stamp}{len(extra):04d}"
            extra.append(_broken(kind, row))
            if kind == "same_key_different_content":
                extra.append(
                    row | {"branch_code": "0101" if row["branch_code"] != "0101" else "0102"}
                )
            elif kind.endswith("_unreadable"):
                unreadable.append(row[key])
    return extra, unreadable


def with_faults(table: pa.Table, name: str) -> tuple[pa.Table, list[str]]:
    """The table with the faulty rows scattered over it."""
    if name not in FAULTS:
        return table, []
    rows, unreadable = _faulty_rows(table, name)
    both = pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)]).combine_chunks()
    places = (np.arange(len(rows)) + 1) * table.num_rows // (len(rows) + 1)
    order = np.insert(np.arange(table.num_rows), places, table.num_rows + np.arange(len(rows)))
    return both.take(pa.array(order)), unreadable


def spoil_times(text: pa.Table, key: str, column: str, keys: list[str]) -> pa.Table:
    """Texts that are no times, in the rows with these keys."""
    if not keys:
        return text
    spoiled = pc.if_else(pc.is_in(text[key], pa.array(keys)), UNREADABLE, text[column])
    return text.set_column(text.column_names.index(column), column, spoiled)


def with_stray_lines(lines: list[str], name: str, columns: list[str]) -> list[str]:
    """The header once more in the middle, and a line of totals at the end."""
    faults = FAULTS.get(name, {})
    if "header_repeated" in faults:
        middle = len(lines) // 2
        lines = lines[:middle] + lines[:1] + lines[middle:]
    if "totals_line" in faults:
        total = ["合计"] + [""] * (len(columns) - 1)
        total[len(columns) // 2] = str(len(lines) - 1)
        lines = lines + [",".join(total)]
    return lines
