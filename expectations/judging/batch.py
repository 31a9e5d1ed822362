"""The rows of one extract on their way into judgement: files -> typed rows with their reasons, as
Parquet in the work folder.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.config.contract import Contract
from data.config.correction import Correction
from data.config.profile_source import Origin, Source
from data.extracts.opened_file import OpenedFile, truncated_file_problem
from data.problem import Problem
from expectations.judging.counting_stream import CountingStream
from expectations.judging.judging_engine import JudgingEngine
from expectations.parsing import footers
from expectations.parsing.cell_steps import raw_sql, reading_sql
from expectations.parsing.cells import SQL_TYPES, Cell, shown_sql
from expectations.parsing.native_types import type_in_file
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
        """Raise AssertionError where the counts do not add up."""
        known = self.accepted + self.quarantined + self.superseded + self.skipped
        if self.read != known:
            raise AssertionError(f"rows of {self.file_name} do not add up: {self}")


class Batch:
    """The rows of one extract on their way through judgement, in the table `batch` of an engine."""

    def __init__(
        self,
        engine: JudgingEngine,
        contract: Contract,
        source: Source,
        extract_date: date,
        corrections: list[Correction] | None = None,
    ):
        self.engine, self.contract = engine, contract
        self.source, self.extract_date = source, extract_date
        self.corrections = corrections or []
        self.files: list[FileCount] = []
        self.malformed: list[tuple[str, int, str]] = []
        self.columns: set[str] = set()
        self.unmapped: set[str] = set()
        self.parts: list[str] = []
        self.notes: list[str] = []

    def read(self, files: list[tuple[str, OpenedFile]]) -> None:
        """Read the files of the extract, several at a time: one Parquet row group keeps only one
        thread busy.

        Raises Problem where a required column is missing or a file breaks off.
        """
        jobs = []
        for number, (name, file) in enumerate(files):
            jobs.append((number, name, file, self._resolve_origins(name, file)))

        with ThreadPoolExecutor(self.engine.threads) as pool:
            self.files = list(pool.map(lambda job: self._read(*job), jobs))

        self.parts = [str(self._part(number)) for number in range(len(files))]
        self.malformed.sort()
        self.notes = [f"{name}: {note}" for name, file in files for note in file.notes]

    def _resolve_origins(self, file_name: str, file: OpenedFile) -> dict[str, Origin]:
        origins = self.source.resolve(self.contract, file.headers)
        missing = [
            f"{column.name} (or {', '.join(column.aliases)})"
            for column in self.contract.columns
            if column.required and column.name not in origins
        ]
        mapped = {origin.header for origin in origins.values()}
        if missing:
            # A first line without any known header may be a row: it is not repeated in a message.
            present = f"{len(file.headers)} columns, none with a header that is known"
            if any(mapped):
                present = mask_personal_data(", ".join(file.headers[:20]))

            raise Problem(
                f"{file_name}: required column missing: {'; '.join(missing)}."
                f" The file has: {present}",
                "deliver the file with this column, or map another header onto it in a profile",
            )

        self.columns |= set(origins)
        self.unmapped |= {mask_personal_data(header) for header in set(file.headers) - mapped}
        return origins

    def _part(self, number: int) -> Path:
        return self.engine.folder / f"batch_{number}.parquet"

    def _read(
        self, number: int, file_name: str, file: OpenedFile, origins: dict[str, Origin]
    ) -> FileCount:
        try:
            sql = self._judging_sql(number, file_name, file, origins)
            rows, inserted = self._export(number, file, sql)
        except Exception as error:
            raise file.problem or truncated_file_problem(file_name, error) from error

        malformed = [
            lines for lines in file.malformed if lines.reason and not footers.is_footer(lines.first)
        ]
        self.malformed += [(file_name, lines.line, lines.reason) for lines in malformed]
        read = rows + len(file.malformed)

        return FileCount(
            file_name,
            read,
            accepted=inserted,
            quarantined=len(malformed),
            skipped=read - inserted - len(malformed),
        )

    def _export(self, number: int, file: OpenedFile, sql: str) -> tuple[int, int]:
        """Write the judged rows of a file. Returns how many rows it has, and how many of them are
        records.
        """
        engine = self.engine.cursor()
        if file.parquet:
            source = f"read_parquet({quote_sql(str(file.parquet))}, file_row_number = true)"
            lines = (
                f"SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS _line FROM {source}"
            )
            rest = sql.lstrip().removeprefix("WITH")
            return file.rows, engine.export(
                f"WITH _reading AS ({lines}), {rest}", self._part(number)
            )

        stream = CountingStream(file.batches)
        engine.connection.register("_reading", stream.reader)
        inserted = engine.export(sql, self._part(number))
        return stream.rows, inserted

    def _judging_sql(
        self, number: int, file_name: str, file: OpenedFile, origins: dict[str, Origin]
    ) -> str:
        """Return one query: the file's cells in the steps of `cells.py`, then the row's reasons as
        the bits of a number.
        """
        types = {field.name: type_in_file(field.type) for field in file.batches.schema}
        cells = []
        for column in self.contract.columns:
            if column.name in origins:
                origin = origins[column.name]
                in_file = types.get(origin.header) if origin.header else None
                cells.append(Cell(column, origin, in_file))

        is_row = self._is_row_sql(file, origins)
        corrected = self._corrected_sql(file_name, set(origins))
        columns = ", ".join(column.name for column in self.contract.columns)
        steps = f"""
            WITH raw AS (SELECT _line, {raw_sql(cells, file.headers)} FROM _reading WHERE {is_row}),
            corrected AS ({corrected}), {reading_sql(cells, "corrected")},
            typed AS (SELECT *, {self._typed_sql(cells)} FROM read)"""
        first_row_id, broken = number << PART, self._broken_sql(set(origins))

        return f"""{steps},
            checked AS (
                SELECT *, {self._unreadable_sql(cells)} AS _unreadable,
                    DATE '{self.extract_date}' AS _extract_date
                FROM typed
            )
            SELECT {columns}, _extract_date, {quote_sql(file_name)} AS _file_name, _line,
                {first_row_id} + _line AS _row_id, _unreadable,
                CASE WHEN _unreadable <> 0 THEN {shown_sql(cells)} END AS _raw,
                {broken} AS _broken, _corrected
            FROM checked"""

    def _is_row_sql(self, file: OpenedFile, origins: dict[str, Origin]) -> str:
        """Return the condition of a record: neither a repeated header nor a footer."""
        required = {}
        for column in self.contract.columns:
            if not column.required or column.name not in origins:
                continue
            # A column may be filled with a constant: no header then.
            header = origins[column.name].header
            if header:
                required[column.name] = header

        # A file with types has no footers: text does not fit into a column of numbers.
        if file.typed or not required:
            return "TRUE"

        by_key = [*self.contract.key, *required]
        key = next(required[name] for name in by_key if name in required)
        return f"NOT {footers.skipped_sql(file.headers, list(required.values()), key)}"

    def _typed_sql(self, cells: list[Cell]) -> str:
        present = {cell.name for cell in cells}
        typed = [f"{cell.value()} AS {cell.name}" for cell in cells]
        typed += [
            f"CAST(NULL AS {SQL_TYPES[column.type]}) AS {column.name}"
            for column in self.contract.columns
            if column.name not in present
        ]
        return ", ".join(typed)

    def _unreadable_sql(self, cells: list[Cell]) -> str:
        """Return a number with the bit of each column whose cell could not be read."""
        positions = {column.name: at for at, column in enumerate(self.contract.columns)}
        bits = []
        for cell in cells:
            # Free text is read as it is, whatever it says.
            if not cell.column.free_text:
                bit = 1 << positions[cell.name]
                bits.append(f"CASE WHEN {cell.unreadable()} THEN {bit} ELSE 0 END")

        return f"CAST({' + '.join(bits) or '0'} AS BIGINT)"

    def _broken_sql(self, present: set[str]) -> str:
        """Return a number with the bit of each rule that the row breaks."""
        absent = {column.name for column in self.contract.columns} - present
        bits = [
            f"CASE WHEN {_rule_sql(rule.sql, absent)} THEN {1 << position} ELSE 0 END"
            for position, rule in enumerate(self.contract.rules)
        ]
        return f"CAST({' + '.join(bits)} AS BIGINT)"

    def _corrected_sql(self, file_name: str, present: set[str]) -> str:
        """Return the raw cells with the declared corrections made, one after the other, and which
        of them were.
        """
        sql = "SELECT *, CAST(NULL AS VARCHAR) AS _corrected FROM raw"
        for correction in self.corrections:
            if not correction.concerns(self.contract.name, [file_name]):
                continue
            if not set(correction.match) <= present:
                continue

            is_match = " AND ".join(
                _cell_is(f"_raw_{name}", value) for name, value in correction.match.items()
            )

            replaced = []
            for name, value in correction.replacements.items():
                if name in present:
                    cell = quote_sql(value) if value != "" else "NULL"
                    replaced.append(
                        f"CASE WHEN {is_match} THEN {cell} ELSE _raw_{name} END AS _raw_{name}"
                    )

            ids = f"concat_ws('; ', _corrected, {quote_sql(correction.id)})"
            replaced.append(f"CASE WHEN {is_match} THEN {ids} ELSE _corrected END AS _corrected")
            sql = f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({sql})"

        return sql


def _rule_sql(rule: str, absent: set[str]) -> str:
    """Return a rule's SQL; one that minds an empty cell is never broken where the file does not
    have the column at all.
    """
    return "FALSE" if absent & set(re.findall(r"(\w+) IS NULL", rule)) else rule


def _cell_is(cell: str, value: str) -> str:
    """Return the condition that a raw cell is what a correction looks for; an empty text looks for
    an empty cell.
    """
    if value == "":
        return f"{cell} IS NULL"
    return f"coalesce(CAST({cell} AS VARCHAR) = {quote_sql(value)}, FALSE)"
