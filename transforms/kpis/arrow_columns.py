"""Columns of published tables out of arrays: few different texts and many rows, numbers with nulls,
exact decimals.
"""

import numpy as np
import pyarrow as pa

PLACES = 10  # decimal places of published numerators and denominators


def number_column(values: np.ndarray) -> pa.Array:
    """Floats; what is not finite is null."""
    return pa.array(values, pa.float64(), mask=~np.isfinite(values))


def rank_column(values: np.ndarray) -> pa.Array:
    """Ranks; 0, which is none, is null."""
    return pa.array(values, pa.int64(), mask=values == 0)


def decimal_column(values: np.ndarray, places: int, is_known: np.ndarray) -> pa.Array:
    """Whole numbers in units of 10 ** -places as published decimals."""
    whole = pa.array(values, pa.int64(), mask=~is_known).cast(pa.decimal128(38, PLACES - places))
    return pa.Array.from_buffers(pa.decimal128(38, PLACES), len(whole), whole.buffers())


def text_column(
    positions: np.ndarray, texts: list, is_known: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Text by its position in a list."""
    mask = None if is_known is None else ~is_known
    return pa.DictionaryArray.from_arrays(
        pa.array(positions.astype(np.int32), mask=mask), pa.array(texts, pa.string())
    )


def dictionary_column(
    names: np.ndarray, chosen, is_known: np.ndarray | None = None
) -> pa.DictionaryArray:
    """Text by its position in an array of names that may repeat."""
    texts, place = np.unique(names, return_inverse=True)
    return text_column(place.reshape(names.shape)[chosen], texts.tolist(), is_known)
