"""Columns of published tables out of arrays: few different texts and many rows, numbers with nulls,
exact decimals.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PUBLISHED_DECIMALS = 10  # decimal places of published numerators and denominators


def number_column(values: np.ndarray) -> pa.Array:
    """Return floats; what is not finite is null."""
    return pa.array(values, pa.float64(), mask=~np.isfinite(values))


def rank_column(values: np.ndarray) -> pa.Array:
    """Return ranks; 0, which stands for none, is null."""
    return pa.array(values, pa.int64(), mask=values == 0)


def decimal_column(values: np.ndarray, decimals: int, is_known: np.ndarray) -> pa.Array:
    """Return whole numbers in units of 10 ** -decimals as published decimals."""
    integers = pa.array(values, pa.int64(), mask=~is_known)
    missing_decimals = PUBLISHED_DECIMALS - decimals
    shifted = integers.cast(pa.decimal128(38, missing_decimals))
    # The same digits with the decimal point moved: no multiplication, no copy.
    published_type = pa.decimal128(38, PUBLISHED_DECIMALS)
    return pa.Array.from_buffers(published_type, len(shifted), shifted.buffers())


def text_column(
    positions: np.ndarray, texts: list, is_known: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Return text by its position in a list."""
    mask = None
    if is_known is not None:
        mask = ~is_known
    indices = pa.array(positions.astype(np.int32), pa.int32(), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array(texts, pa.string()))


def dictionary_column(
    names: np.ndarray, selection, is_known: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Return text by its position, or positions, in an array of names that may repeat."""
    texts, position = np.unique(names, return_inverse=True)
    positions = position.reshape(names.shape)[selection]
    return text_column(positions, texts.tolist(), is_known)


def float_column(table: pa.Table, name: str) -> np.ndarray:
    """Return a column as floats, NaN where it is null."""
    column = table[name].cast(pa.float64())
    return column.to_numpy(zero_copy_only=False).astype(float)


def equals_text(table: pa.Table, name: str, text: str) -> np.ndarray:
    """Return where a text column, encoded or not, has a value; null is not a value."""
    # Arrow compares no dictionary with a scalar: the words themselves.
    words = table[name].cast(pa.string())
    is_equal = pc.equal(words, pa.scalar(text)).fill_null(False)
    return is_equal.to_numpy(zero_copy_only=False)


def encode_text(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Return text as positions in the list of its distinct values."""
    combined = column.combine_chunks()
    if not isinstance(combined, pa.DictionaryArray):
        combined = combined.dictionary_encode()
    assert isinstance(combined, pa.DictionaryArray)
    return combined


def locate_text(column: pa.ChunkedArray, texts: list[str]) -> np.ndarray:
    """Return the position of each text in a list, -1 for what is not in it."""
    words = column.cast(pa.string())
    position = pc.index_in(words, pa.array(texts)).fill_null(-1)
    return position.to_numpy(zero_copy_only=False).astype(np.int64)


def decimal_words(decimals: pa.Array) -> np.ndarray:
    """Return the 128 bits of each decimal as two unsigned words, the lower one first, shape (rows,
    2).
    """
    if not len(decimals):
        # An array without rows may have no buffer to look into.
        return np.zeros((0, 2), np.uint64)

    _, bits = decimals.buffers()
    size, offset = 2 * len(decimals), 2 * decimals.offset
    words = pa.Array.from_buffers(pa.uint64(), size, [None, bits], offset=offset)

    return words.to_numpy().reshape(-1, 2)
