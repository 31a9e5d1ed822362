"""Control files: what the sender says that the files of a delivery hold."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from data.config.contract import Contract
from data.problem import Problem

FILE, ROWS = (
    ("file_name", "文件名", "文件名称", "file"),
    ("rows", "行数", "记录数", "笔数", "records"),
)


@dataclass(frozen=True)
class ExpectedTotal:
    """What a control file says about one measure of a file: `rows`, or the sum of a column by its
    canonical name.
    """

    file_name: str
    measure: str
    amount: Decimal


def read_control_file(path: Path, contracts: dict[str, Contract]) -> list[ExpectedTotal]:
    """What a control file says.

    A CSV in UTF-8 or GB18030: a column with the file's name, one with its number of records, and
    any number with sums of columns. Raises Problem where it is none.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    lines = list(csv.reader(text.splitlines()))
    measures = [_measure(name.strip(), contracts) for name in (lines[0] if lines else [])]
    if "file_name" not in measures or len(set(measures)) < 2:
        raise Problem(
            f"{path.name}: a control file has a column file_name, and rows or the names of summed columns; this one has: {', '.join(lines[0] if lines else [])}",
            "deliver it as CSV, for example: file_name,rows,paid_amount",
        )
    said = []
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(measures, (cell.strip() for cell in line), strict=False))
        for measure, cell in cells.items():
            if measure not in (None, "file_name") and cell and cells["file_name"]:
                try:
                    said.append(
                        ExpectedTotal(cells["file_name"], measure, Decimal(cell.replace(",", "")))
                    )
                except InvalidOperation:
                    raise Problem(
                        f"{path.name}:{number}: {cell!r} is no number",
                        "deliver the control file again",
                    ) from None
    return said


def _measure(header: str, contracts: dict[str, Contract]) -> str | None:
    """What a header of a control file is about: None where it is nothing that can be checked."""
    if header.lower() in FILE:
        return "file_name"
    if header.lower() in ROWS:
        return "rows"
    for contract in contracts.values():
        for column in contract.columns:
            if header.lower() == column.name or header in column.aliases:
                return column.name if column.type in ("money", "decimal", "integer") else None
    return None
