"""Cells that a file gives with a type of their own: those of Parquet."""

import pyarrow as pa


def as_text(cell: str, cell_type: pa.DataType | None) -> str:
    """A cell of any type of file as text: a whole number that came as a floating-point one without
    its .0.
    """
    if cell_type is None:
        return cell
    if pa.types.is_floating(cell_type):
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({cell} AS BIGINT) AS VARCHAR) ELSE CAST({cell} AS VARCHAR) END"
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
