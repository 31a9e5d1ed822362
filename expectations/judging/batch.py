"""The rows of one extract on their way into judgement: files -> typed rows with their reasons, as
Parquet in the work folder.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from data.config.contract import Contract
from data.config.correction import Correction
from data.config.profile import Origin, Source
from data.extracts.opened_file import OpenedFile, truncated_file_problem
from data.problem import Problem
from expectations.parsing import footers
from expectations.parsing.cells import SQL_TYPES, Cell, shown_sql, type_in_file
from expectations.parsing.personal_data import mask_personal_data
from expectations.parsing.text import quote_sql

PART = 40  # a row's id is the number of its part of the batch, and its line in the lower 40 bits


@dataclass
class FileCount:
    """What became of one file's rows: read = accepted + quarantined + superseded + skipped,
    checked. Until judged, every record counts as accepted.
    """

    file_name: str
    read: int
    accepted: int = 0
    quarantined: int = 0
    superseded: int = 0
    skipped: int = 0

    def check(self) -> None:
        if self.read != self.accepted + self.quarantined + self.superseded + self.skipped:
            raise AssertionError(f"rows of {self.file_name} do not add up: {self}")


class Batch:
    """The rows of one extract on their way through judgement, in the table `batch` of an engine."""

    def __init__(
        self,
        engine,
        contract: Contract,
        source: Source,
        extract_date: date,
        corrections: list[Correction] | None = None,
    ):
        self.engine, self.contract, self.source, self.extract_date = (
            engine,
            contract,
            source,
            extract_date,
        )
        self.corrections = corrections or []
        self.files: list[FileCount] = []
        self.malformed: list[tuple[str, int, str]] = []
        self.columns: set[str] = set()
        self.unmapped: set[str] = set()
        self.parts: list[str] = []

    def read(self, files: list[tuple[str, OpenedFile]]) -> None:
        """Read the files of the extract, several at a time: one Parquet row group keeps only one
        thread busy.

        Raises Problem where a required column is missing or a file breaks off.
        """
        asked = [
            (number, name, reading, self._origins(name, reading))
            for number, (name, reading) in enumerate(files)
        ]
        with ThreadPoolExecutor(self.engine.threads) as pool:
            self.files = list(pool.map(lambda job: self._read(*job), asked))
        self.parts = [str(self._part(number)) for number in range(len(files))]
        self.malformed.sort()

    def _origins(self, file_name: str, reading: OpenedFile) -> dict[str, Origin]:
        origins = self.source.resolve(self.contract, reading.headers)
        missing = [
            column
            for column in self.contract.columns
            if column.required and column.name not in origins
        ]
        if missing:
            wanted = "; ".join(
                f"{column.name} (or {', '.join(column.aliases)})" for column in missing
            )
            # A first line without any known header may be a row: it is not repeated in a message.
            known = any(origin.header for origin in origins.values())
            has = (
                mask_personal_data(", ".join(reading.headers[:20]))
                if known
                else f"{len(reading.headers)} columns, none with a header that is known"
            )
            raise Problem(
                f"{file_name}: required column missing: {wanted}. The file has: {has}",
                "deliver the file with this column, or map another header onto it in a profile",
            )
        self.columns |= set(origins)
        self.unmapped |= {
            mask_personal_data(header)
            for header in set(reading.headers) - {origin.header for origin in origins.values()}
        }
        return origins

    def _part(self, number: int) -> Path:
        return self.engine.folder / f"batch_{number}.parquet"

    def _read(
        self, number: int, file_name: str, reading: OpenedFile, origins: dict[str, Origin]
    ) -> FileCount:
        try:
            rows, inserted = self._export(
                number, reading, self._rows(number, file_name, reading, origins)
            )
        except Exception as error:
            raise reading.problem or truncated_file_problem(file_name, error) from error
        wrong = [
            bad for bad in reading.malformed if bad.reason and not footers.is_footer(bad.first)
        ]
        self.malformed += [(file_name, bad.line, bad.reason) for bad in wrong]
        read = rows + len(reading.malformed)
        return FileCount(
            file_name,
            read,
            accepted=inserted,
            quarantined=len(wrong),
            skipped=read - inserted - len(wrong),
        )

    def _export(self, number: int, reading: OpenedFile, sql: str) -> tuple[int, int]:
        """Write the judged rows of a file. Returns how many rows it has, and how many of them are
        records.
        """
        engine = self.engine.cursor()
        if reading.parquet:
            file = f"read_parquet({quote_sql(str(reading.parquet))}, file_row_number = true)"
            whole = f"WITH _reading AS (SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS _line FROM {file}), {sql.lstrip().removeprefix('WITH')}"
            return reading.rows, engine.export(whole, self._part(number))
        counted = _counted(reading.batches)
        engine.connection.register("_reading", counted.reader)
        inserted = engine.export(sql, self._part(number))
        return counted.rows, inserted

    def _rows(
        self, number: int, file_name: str, reading: OpenedFile, origins: dict[str, Origin]
    ) -> str:
        """One query: the file's cells in the steps of `cells.py`, then the row's reasons as the
        bits of a number.
        """
        types = {field.name: type_in_file(field.type) for field in reading.batches.schema}
        columns = self.contract.columns
        cells = [
            Cell(column, origins[column.name], types.get(origins[column.name].header))
            for column in columns
            if column.name in origins
        ]

        def step(name: str, *given) -> str:
            return ", ".join(
                f"{getattr(cell, name)(*given)} AS _{name}_{cell.name}" for cell in cells
            )

        absent = {column.name for column in columns if column.name not in origins}
        empty = [
            f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {column.name}"
            for column in columns
            if column.name in absent
        ]
        typed = ", ".join([f"{cell.value()} AS {cell.name}" for cell in cells] + empty)
        positions = {column.name: position for position, column in enumerate(columns)}
        unreadable = [
            f"CASE WHEN {cell.unreadable()} THEN {1 << positions[cell.name]} ELSE 0 END"
            for cell in cells
            if cell.column.type != "text"
        ]
        required = {
            c.name: origins[c.name].header for c in columns if c.required and origins[c.name].header
        }
        key = next(
            (required[name] for name in (*self.contract.key, *required) if name in required), None
        )
        kept = (
            f"NOT {footers.skipped_sql(reading.headers, list(required.values()), key)}"
            if not reading.typed and required
            else "TRUE"
        )
        names = ", ".join(column.name for column in columns)
        bits = [
            f"CASE WHEN {_told(rule.sql, absent)} THEN {1 << position} ELSE 0 END"
            for position, rule in enumerate(self.contract.rules)
        ]
        return f"""
            WITH raw AS (SELECT _line, {step("raw", reading.headers)} FROM _reading WHERE {kept}),
            corrected AS ({self._corrected(file_name, set(origins))}),
            plain AS (SELECT *, {step("plain")} FROM corrected),
            rest AS (SELECT *, {step("rest")} FROM plain),
            read AS (SELECT *, {step("read")} FROM rest),
            typed AS (SELECT *, {typed} FROM read),
            checked AS (
                SELECT *, CAST({" + ".join(unreadable) or "0"} AS BIGINT) AS _unreadable, DATE '{self.extract_date}' AS _extract_date
                FROM typed
            )
            SELECT {names}, _extract_date, {quote_sql(file_name)} AS _file_name, _line,
                {number << PART} + _line AS _row_id, _unreadable,
                CASE WHEN _unreadable <> 0 THEN {shown_sql(cells)} END AS _raw,
                CAST({" + ".join(bits)} AS BIGINT) AS _broken, _corrected
            FROM checked"""

    def _corrected(self, file_name: str, present: set[str]) -> str:
        """The raw cells with the declared corrections done, one after the other, and which of them
        were.
        """
        sql = "SELECT *, CAST(NULL AS VARCHAR) AS _corrected FROM raw"
        for correction in self.corrections:
            if (
                correction.concerns(self.contract.name, [file_name])
                and set(correction.match) <= present
            ):
                cells_match = [
                    _cell_is(f"_raw_{name}", value) for name, value in correction.match.items()
                ]
                matches = " AND ".join(cells_match)
                changed = [
                    f"CASE WHEN {matches} THEN {quote_sql(value) if value != '' else 'NULL'} ELSE _raw_{name} END AS _raw_{name}"
                    for name, value in correction.set.items()
                    if name in present
                ]
                said = f"CASE WHEN {matches} THEN concat_ws('; ', _corrected, {quote_sql(correction.id)}) ELSE _corrected END AS _corrected"
                sql = f"SELECT * REPLACE ({', '.join([*changed, said])}) FROM ({sql})"
        return sql


def _told(rule: str, absent: set[str]) -> str:
    """A rule's SQL; one that minds an empty cell says nothing where the file does not have the
    column at all.
    """
    return "FALSE" if absent & set(re.findall(r"(\w+) IS NULL", rule)) else rule


def _cell_is(cell: str, value) -> str:
    """True where a raw cell is what a correction looks for; an empty text looks for an empty
    cell.
    """
    return (
        f"{cell} IS NULL"
        if value == ""
        else f"coalesce(CAST({cell} AS VARCHAR) = {quote_sql(value)}, FALSE)"
    )


@dataclass
class _counted:
    """A stream that counts the rows that went through it."""

    batches: pa.RecordBatchReader
    rows: int = 0

    @property
    def reader(self) -> pa.RecordBatchReader:
        def stream():
            for batch in self.batches:
                self.rows += batch.num_rows
                yield batch

        return pa.RecordBatchReader.from_batches(self.batches.schema, stream())
