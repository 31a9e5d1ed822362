"""Control files: what the sender says that the files of a delivery hold."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from data.config.contract import Contract
from data.problem import Problem

FILE_HEADERS = ("file_name", "文件名", "文件名称", "file")
ROWS_HEADERS = ("rows", "行数", "记录数", "笔数", "records")


@dataclass(frozen=True)
class ExpectedTotal:
    """What a control file says about one measure of a file.

    `measure` is `rows`, or a column by its canonical name, of which `amount` is the sum.
    """

    file_name: str
    measure: str
    amount: Decimal


def read_control_file(path: Path, contracts: dict[str, Contract]) -> list[ExpectedTotal]:
    """Return what a control file says.

    It is a CSV in UTF-8 or GB18030: a column with the file's name, one with its number of records,
    and any number with sums of columns. Raises Problem where it is not.
    """
    lines = _read_lines(path)
    headers = lines[0] if lines else []
    measures = [_measure_of(header.strip(), contracts) for header in headers]
    if "file_name" not in measures or len(set(measures)) < 2:
        raise Problem(
            f"{path.name}: a control file has a column file_name, and rows or the names of summed"
            f" columns; this one has: {', '.join(headers)}",
            "deliver it as CSV, for example: file_name,rows,paid_amount",
        )

    totals = []
    for number, line in enumerate(lines[1:], start=2):
        # Senders leave empty cells away at the end of a line: not strict.
        texts = [cell.strip() for cell in line]
        cells = dict(zip(measures, texts, strict=False))
        file_name = cells.pop("file_name", "")
        for measure, text in cells.items():
            if measure is not None and text and file_name:
                amount = _parse_amount(text, f"{path.name}:{number}")
                totals.append(ExpectedTotal(file_name, measure, amount))

    return totals


def _read_lines(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return list(csv.reader(text.splitlines()))


def _parse_amount(cell: str, where: str) -> Decimal:
    try:
        return Decimal(cell.replace(",", ""))
    except InvalidOperation:
        raise Problem(
            f"{where}: {cell!r} is not a number", "deliver the control file again"
        ) from None


def _measure_of(header: str, contracts: dict[str, Contract]) -> str | None:
    """Return what a header of a control file is about; None where it cannot be checked."""
    if header.lower() in FILE_HEADERS:
        return "file_name"
    if header.lower() in ROWS_HEADERS:
        return "rows"

    for contract in contracts.values():
        for column in contract.columns:
            if header.lower() == column.name or header in column.aliases:
                return column.name if column.type in ("money", "decimal", "integer") else None

    return None
