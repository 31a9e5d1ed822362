"""Cells that a file gives with a type of their own: those of Parquet."""

import pyarrow as pa


def as_text(cell: str, cell_type: pa.DataType | None) -> str:
    """A cell of any type of file as text: a whole number that came as a floating-point one without
    its .0.
    """
    if cell_type is None:
        return cell

    if pa.types.is_floating(cell_type):
        is_double = pa.types.is_float64(cell_type)
        limit = "1e15" if is_double else "16777216"
        whole = f"CAST(TRY_CAST({cell} AS BIGINT) AS VARCHAR)"

        # Beyond its digits a number is written so that a key is seen to be damaged.
        long = f"CAST({cell} AS VARCHAR)"
        if not is_double:
            long = f"format('{{:e}}', CAST({cell} AS DOUBLE))"

        exact = f"CASE WHEN abs({cell}) < {limit} THEN {whole} ELSE {long} END"
        return f"CASE WHEN {cell} = trunc({cell}) THEN {exact} ELSE CAST({cell} AS VARCHAR) END"

    if pa.types.is_decimal(cell_type):
        return f"regexp_replace(CAST({cell} AS VARCHAR), '[.]0+$', '')"

    return f"CAST({cell} AS VARCHAR)"


def type_in_file(cell_type: pa.DataType | None) -> pa.DataType | None:
    """The type that counts for reading: a dictionary is its values', None is text."""
    if cell_type is not None and pa.types.is_dictionary(cell_type):
        cell_type = cell_type.value_type

    is_text = (
        cell_type is None
        or pa.types.is_string(cell_type)
        or pa.types.is_large_string(cell_type)
        or pa.types.is_string_view(cell_type)
    )
    return None if is_text else cell_type
