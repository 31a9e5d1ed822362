"""The keyed diff of two versions of a published table."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SIDES = ("before", "after")


def diff_rows(
    former: pa.Table, present: pa.Table, key: tuple, shared: tuple, figures: tuple, said: tuple
) -> pa.Table:
    """The rows in which two versions of a table differ: the columns of the key, and those of
    `figures` and `said` with `_before` and `_after`, null where there is no such row. Rows are
    compared by their `figures`, decimals and floats; a decimal that is null is 0.

    Only rows count whose values of each group of columns in `shared` are in both versions. Both are
    in order of the key, which is unique; its columns are text or dates.
    """
    tables = (former, present)
    codes = {name: _codes(former[name], present[name]) for name in key}
    chosen = [np.ones(table.num_rows, bool) for table in tables]
    for group in shared:
        held = [_combined([codes[name] for name in group], side) for side in (0, 1)]
        seen = np.zeros((2, 1 + max(int(found.max(initial=0)) for found in held)), bool)
        for side, found in enumerate(held):
            seen[side, found] = True
        chosen = [mask & seen.all(axis=0)[found] for mask, found in zip(chosen, held, strict=True)]
    rows = [np.flatnonzero(mask) for mask in chosen]
    keys = [_combined([codes[name] for name in key], side)[rows[side]] for side in (0, 1)]
    at = np.searchsorted(keys[0], keys[1])
    is_both = np.append(keys[0], -1)[at] == keys[1]
    was, now = rows[0][at[is_both]], rows[1][is_both]
    differs = np.zeros(len(now), bool)
    for name in figures:
        first, second = (_bits(table[name]) for table in tables)
        differs |= (first[was] != second[now]).any(axis=1)
    gone = np.ones(len(rows[0]), bool)
    gone[at[is_both]] = False
    # What is in both and differs, what is no longer there, what is new: in order of the key.
    places = [np.concatenate([was[differs], rows[0][gone], np.full((~is_both).sum(), -1)])]
    places += [np.concatenate([now[differs], np.full(gone.sum(), -1), rows[1][~is_both]])]
    order = np.argsort(
        np.concatenate([keys[1][is_both][differs], keys[0][gone], keys[1][~is_both]])
    )
    places = [place[order] for place in places]
    taken = [pa.array(place, mask=place < 0) for place in places]
    first, second = (
        {name: _plain(table[name].take(place)) for name in (*key, *figures, *said)}
        for table, place in zip(tables, taken, strict=True)
    )
    columns = {name: pc.coalesce(second[name], first[name]) for name in key}
    columns |= {
        f"{name}_{side}": held[name]
        for side, held in zip(SIDES, (first, second), strict=True)
        for name in (*figures, *said)
    }
    return pa.table(columns)


def _codes(former: pa.ChunkedArray, present: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, int]:
    """Two columns as whole numbers in the order of their values, and how many numbers there are."""
    if pa.types.is_date(former.type):
        first, second = (
            column.cast(pa.int32()).to_numpy().astype(np.int64) for column in (former, present)
        )
        both = np.concatenate([first, second])
        least, most = (int(both.min()), int(both.max())) if len(both) else (0, 0)
        return first - least, second - least, most - least + 1
    encoded = [
        (
            column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        ).combine_chunks()
        for column in (former, present)
    ]
    held = [column.dictionary.to_pylist() for column in encoded]
    number = {value: position for position, value in enumerate(sorted(set(held[0]) | set(held[1])))}
    first, second = (
        np.array([number[value] for value in values] or [0])[column.indices.to_numpy()]
        for column, values in zip(encoded, held, strict=True)
    )
    return first, second, max(1, len(number))


def _combined(codes: list[tuple], side: int) -> np.ndarray:
    """Several columns of one side as one number, in the order of the columns. Raises OverflowError
    where it would not fit into 63 bits.
    """
    combined, size = np.zeros(1, np.int64), 1
    for column in codes:
        size *= column[2]
        combined = combined * column[2] + column[side]
    if size >= 2**63:
        raise OverflowError("the key of the table does not fit into 63 bits")
    return combined


def _bits(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers as rows of whole numbers that are equal where the numbers are: decimals as they are,
    null being 0, floats by their bits.
    """
    whole = pc.fill_null(
        column, float("nan") if pa.types.is_floating(column.type) else 0
    ).combine_chunks()
    width = 1 if pa.types.is_floating(column.type) else 2
    return np.frombuffer(whole.buffers()[1], np.int64)[whole.offset * width :][
        : len(whole) * width
    ].reshape(-1, width)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
