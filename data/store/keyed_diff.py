"""The keyed diff of two versions of a published table.

Millions of rows are compared in seconds because keys become whole numbers first: a key is its
columns' codes as digits of one number, and both versions are in order of their keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SIDES = ("before", "after")


@dataclass(frozen=True)
class ColumnCodes:
    """A column of both versions as whole numbers, 0 to `size` - 1, in the order of its values."""

    former: np.ndarray
    present: np.ndarray
    size: int


def diff_rows(
    former: pa.Table,
    present: pa.Table,
    key: tuple[str, ...],
    shared: tuple[tuple[str, ...], ...],
    figures: tuple[str, ...],
    texts: tuple[str, ...],
) -> pa.Table:
    """Return the rows in which two versions of a table differ, in order of their key.

    Args:
        former: the version before.
        present: the version after. Both are in order of the key, which is unique.
        key: the columns of the key: text or dates.
        shared: groups of columns; only rows whose values of each group are in both versions count.
        figures: the columns that are compared: decimals (null is 0) or floats (null is NaN).
        texts: columns that are reported with a difference, but not compared.

    Returns:
        The columns of the key, and figures and texts with `_before` and `_after`: null where that
        version has no such row.
    """
    codes = {name: _encode_column(former[name], present[name]) for name in key}
    former_rows, present_rows = _rows_in_scope(codes, shared, former.num_rows, present.num_rows)
    key_codes = list(codes.values())
    former_keys = _combine([column.former for column in key_codes], key_codes)[former_rows]
    present_keys = _combine([column.present for column in key_codes], key_codes)[present_rows]

    position = np.searchsorted(former_keys, present_keys)
    # One number more, which no key is: keys behind the last one have no match.
    is_in_both = np.append(former_keys, -1)[position] == present_keys
    matched_former = former_rows[position[is_in_both]]
    matched_present = present_rows[is_in_both]
    differs = _differ(former.select(list(figures)), matched_former, present, matched_present)
    is_removed = np.ones(len(former_rows), bool)
    is_removed[position[is_in_both]] = False
    is_added = ~is_in_both

    # Rows that differ, then removed ones, then added ones; -1 where a version has no such row.
    before = [matched_former[differs], former_rows[is_removed], np.full(is_added.sum(), -1)]
    after = [matched_present[differs], np.full(is_removed.sum(), -1), present_rows[is_added]]
    keys = [present_keys[is_in_both][differs], former_keys[is_removed], present_keys[is_added]]
    order = np.argsort(np.concatenate(keys))
    return _join_sides(
        _take_rows(former, (*key, *figures, *texts), np.concatenate(before)[order]),
        _take_rows(present, (*key, *figures, *texts), np.concatenate(after)[order]),
        key,
    )


def _rows_in_scope(
    codes: dict[str, ColumnCodes],
    shared: Iterable[tuple[str, ...]],
    former_count: int,
    present_count: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the rows whose values of each group of columns are in both."""
    is_former, is_present = np.ones(former_count, bool), np.ones(present_count, bool)
    for group in shared:
        columns = [codes[name] for name in group]
        former = _combine([column.former for column in columns], columns)
        present = _combine([column.present for column in columns], columns)
        size = 1 + max(former.max(initial=0), present.max(initial=0))
        in_former, in_present = np.zeros(size, bool), np.zeros(size, bool)
        in_former[former] = True
        in_present[present] = True
        in_both = in_former & in_present
        is_former &= in_both[former]
        is_present &= in_both[present]
    return np.flatnonzero(is_former), np.flatnonzero(is_present)


def _differ(
    former: pa.Table, former_rows: np.ndarray, present: pa.Table, present_rows: np.ndarray
) -> np.ndarray:
    """Return which pairs of rows differ in a column of `former`."""
    differs = np.zeros(len(former_rows), bool)
    for name in former.column_names:
        before = _number_bits(former[name])[former_rows]
        after = _number_bits(present[name])[present_rows]
        differs |= (before != after).any(axis=1)
    return differs


def _join_sides(
    before: dict[str, pa.ChunkedArray], after: dict[str, pa.ChunkedArray], key: tuple[str, ...]
) -> pa.Table:
    columns = {name: pc.coalesce(after[name], before[name]) for name in key}
    for side, values in zip(SIDES, (before, after), strict=True):
        for name in values:
            if name not in key:
                columns[f"{name}_{side}"] = values[name]
    return pa.Table.from_pydict(columns)


def _take_rows(
    table: pa.Table, columns: tuple[str, ...], rows: np.ndarray
) -> dict[str, pa.ChunkedArray]:
    """Return rows by their positions; all null for the position -1."""
    indices = pa.array(rows, pa.int64(), mask=rows < 0)
    return {name: _decode(table[name].take(indices)) for name in columns}


def _encode_column(former: pa.ChunkedArray, present: pa.ChunkedArray) -> ColumnCodes:
    if pa.types.is_date(former.type):
        return _encode_dates(former, present)
    former_text, present_text = _dictionary_encode(former), _dictionary_encode(present)
    former_values = [str(value) for value in former_text.dictionary]
    present_values = [str(value) for value in present_text.dictionary]
    values = sorted({*former_values, *present_values})
    codes = {value: code for code, value in enumerate(values)}
    return ColumnCodes(
        former=_to_codes(former_text, former_values, codes),
        present=_to_codes(present_text, present_values, codes),
        size=max(1, len(codes)),
    )


def _encode_dates(former: pa.ChunkedArray, present: pa.ChunkedArray) -> ColumnCodes:
    former_days = former.cast(pa.int32()).to_numpy().astype(np.int64)
    present_days = present.cast(pa.int32()).to_numpy().astype(np.int64)
    days = np.concatenate([former_days, present_days])
    if not len(days):
        return ColumnCodes(former_days, present_days, 1)
    first = int(days.min())
    return ColumnCodes(former_days - first, present_days - first, int(days.max()) - first + 1)


def _dictionary_encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    array = column.combine_chunks()
    assert isinstance(array, pa.DictionaryArray)
    return array


def _to_codes(text: pa.DictionaryArray, values: list[str], codes: dict[str, int]) -> np.ndarray:
    code_by_index = np.array([codes[value] for value in values], np.int64)
    indices = text.indices.to_numpy()
    return code_by_index[indices]


def _combine(arrays: list[np.ndarray], columns: list[ColumnCodes]) -> np.ndarray:
    """Return several columns of one version as one number per row, in the order of the columns.

    Raises OverflowError where it would not fit into 63 bits.
    """
    combined, size = np.zeros(1, np.int64), 1
    for codes, column in zip(arrays, columns, strict=True):
        size *= column.size
        combined = combined * column.size + codes
    if size >= 2**63:
        raise OverflowError("the key of the table does not fit into 63 bits")
    return combined


def _number_bits(column: pa.ChunkedArray) -> np.ndarray:
    """Return numbers as rows of whole numbers that are equal where the numbers are.

    A decimal is its two words of 64 bits, null being 0; a float is its bits, null being NaN.
    """
    if pa.types.is_floating(column.type):
        words, null = 1, float("nan")
    else:
        words, null = 2, 0
    array = column.fill_null(pa.scalar(null, column.type)).combine_chunks()
    values = array.buffers()[1]
    assert values is not None
    bits = np.frombuffer(memoryview(values), np.int64)
    start = array.offset * words
    return bits[start : start + len(array) * words].reshape(-1, words)


def _decode(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    return column.cast(column.type.value_type)
