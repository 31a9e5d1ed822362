"""A batch -> its verdict: one SQL over the batch gives every row its reasons; Great Expectations counts the same rules."""

import re
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.contract import Contract
from data.extracts import Reading
from data.problem import Problem
from data.profile import Origin, Source
from expectations import cells, suites

MALFORMED = "line_has_wrong_number_of_cells"
REPEATED = "key_repeated_with_other_content"
MEANINGS = {
    MALFORMED: {"zh": "单元格数与表头不符", "en": "the line does not have the number of cells that the header has"},
    REPEATED: {"zh": "同一主键在一次提数中出现且内容不同", "en": "the key comes again in the extract with other content"},
}


@dataclass
class FileCount:
    """What became of one file's rows: read = accepted + quarantined + superseded + skipped, checked."""

    file_name: str
    read: int
    accepted: int = 0
    quarantined: int = 0
    superseded: int = 0
    skipped: int = 0

    def check(self) -> None:
        if self.read != self.accepted + self.quarantined + self.superseded + self.skipped:
            raise AssertionError(f"rows of {self.file_name} do not add up: {self}")


@dataclass
class Verdict:
    """The outcome of judging one extract (one kind, one date). Accepted rows are in the relation `accepted`."""

    contract: Contract
    extract_date: date
    columns: tuple
    unmapped: tuple
    files: list[FileCount]
    findings: list[suites.Finding]
    quarantine: pa.Table
    examples: dict
    history_from: date | None = None
    warnings: list[str] = field(default_factory=list)


class Batch:
    """The rows of one extract on their way through judgement, in the table `batch` of an engine."""

    def __init__(self, engine, contract: Contract, source: Source, extract_date: date):
        self.engine, self.contract, self.source, self.extract_date = engine, contract, source, extract_date
        self.files: list[FileCount] = []
        self.malformed: list[tuple[str, int, str]] = []
        self.columns: set[str] = set()
        self.unmapped: set[str] = set()
        schema = contract.schema.append(pa.field("_unreadable", pa.int64())).append(pa.field("_extract_date", pa.date32()))
        for name, kind in (("_file_name", pa.string()), ("_line", pa.int64()), ("_raw", pa.string()), ("_broken", pa.int64())):
            schema = schema.append(pa.field(name, kind))
        engine.put("batch", schema.empty_table())

    def add(self, file_name: str, reading: Reading) -> None:
        """Read one file into the batch.

        Raises Problem where a required column is missing or the file breaks off.
        """
        origins = self.source.resolve(self.contract, reading.headers)
        missing = [column for column in self.contract.columns if column.required and column.name not in origins]
        if missing:
            wanted = "; ".join(f"{column.name} (or {', '.join(column.aliases)})" for column in missing)
            raise Problem(
                f"{file_name}: required column missing: {wanted}. The file has: {', '.join(reading.headers[:20])}",
                "deliver the file with this column, or map another header onto it in a profile",
            )
        self.columns |= set(origins)
        self.unmapped |= set(reading.headers) - {origin.header for origin in origins.values()}
        counted = _counted(reading.batches)
        self.engine.connection.register("_reading", counted.reader)
        try:
            self.engine.connection.execute(self._insert(file_name, reading, origins))
        except Exception as error:
            detail = next((line for line in str(error).splitlines() if line.strip()), "")
            raise Problem(f"{file_name} breaks off while being read: {detail[:200]}", "check that the file arrived whole and deliver it again") from error
        finally:
            self.engine.connection.unregister("_reading")
        inserted = self._one(f"SELECT count(*) FROM batch WHERE _file_name = {cells.quoted(file_name)}")
        totals = [bad for bad in reading.malformed if bad.first.lower() in cells.TOTALS]
        wrong = [bad for bad in reading.malformed if bad not in totals]
        self.malformed += [(file_name, bad.line, f"{bad.cells} cells where the header has {bad.expected}") for bad in wrong]
        self.files.append(
            FileCount(file_name, read=counted.rows + len(reading.malformed), quarantined=len(wrong), skipped=counted.rows - inserted + len(totals))
        )

    def _insert(self, file_name: str, reading: Reading, origins: dict[str, Origin]) -> str:
        """One statement: raw cells, their types, the row's reasons."""
        types = {field.name: field.type for field in reading.batches.schema}
        raws, typed, unreadable = [], [], []
        for position, column in enumerate(self.contract.columns):
            if column.name not in origins:
                typed.append(f"CAST(NULL AS {_sql_type(column.type)}) AS {column.name}")
                continue
            origin = origins[column.name]
            cell_type = types.get(origin.header) if origin.header else None
            raws.append(f"{cells.raw_sql(column, origin, cell_type, reading.headers)} AS _raw_{column.name}")
            value = cells.typed_sql(column, f"_raw_{column.name}", cell_type)
            typed.append(f"CAST({value} AS {_sql_type(column.type)}) AS {column.name}")
            if column.type != "text":
                unreadable.append(f"CASE WHEN _raw_{column.name} IS NOT NULL AND {column.name} IS NULL THEN {1 << position} ELSE 0 END")
        required = {c.name: origins[c.name].header for c in self.contract.columns if c.required and origins[c.name].header}
        kept = f"NOT {cells.skipped_sql(reading.headers[0], required)}" if reading.encoding != "parquet" and required else "TRUE"
        names = ", ".join(column.name for column in self.contract.columns)
        seen = ", ".join(f"{name} := _raw_{name}" for name in sorted(origins) if not self.contract.column(name).free_text)
        bits = [f"CASE WHEN {rule.sql} THEN {1 << position} ELSE 0 END" for position, rule in enumerate(self.contract.rules)]
        return f"""
            INSERT INTO batch BY NAME
            WITH raw AS (SELECT _line, {", ".join(raws)} FROM _reading WHERE {kept}),
            typed AS (SELECT *, {", ".join(typed)} FROM raw),
            checked AS (
                SELECT *, CAST({" + ".join(unreadable) or "0"} AS BIGINT) AS _unreadable, DATE '{self.extract_date}' AS _extract_date
                FROM typed
            )
            SELECT {names}, _unreadable, _extract_date, {cells.quoted(file_name)} AS _file_name, _line,
                CASE WHEN _unreadable <> 0 THEN CAST(to_json(struct_pack({seen})) AS VARCHAR) END AS _raw,
                CAST({" + ".join(bits)} AS BIGINT) AS _broken
            FROM checked"""

    def verdict(self) -> Verdict:
        """Judge what was read: duplicates, rules, the suite; accepted rows become the view `accepted`.

        Raises Problem for a batch without a row; AssertionError where two counts of the same thing differ.
        """
        if not self._one("SELECT count(*) FROM batch") and not self.malformed:
            names = ", ".join(file.file_name for file in self.files)
            raise Problem(f"{names}: no rows, only a header", "deliver the extract again; an empty extract is never taken as 'nothing happened'")
        self._mark_repeats()
        critical = sum(1 << position for position, rule in enumerate(self.contract.rules) if rule.severity == "critical")
        names = ", ".join(column.name for column in self.contract.columns)
        self.engine.create(
            "accepted",
            f"SELECT {names}, _extract_date FROM batch b WHERE (_broken & {critical}) = 0"
            " AND NOT EXISTS (SELECT 1 FROM repeated r WHERE r._file_name = b._file_name AND r._line = b._line)",
            "view",
        )
        findings = suites.run(self.engine.connection, self.contract, "batch")
        self._check_against_row_verdict(findings)
        findings += self._extra_findings()
        self._count_files(critical)
        return Verdict(
            contract=self.contract,
            extract_date=self.extract_date,
            columns=tuple(sorted(self.columns)),
            unmapped=tuple(sorted(self.unmapped)),
            files=self.files,
            findings=findings,
            quarantine=self._quarantine(critical),
            examples=self._examples(findings),
            history_from=self._history_from(),
            warnings=self._suspicions(),
        )

    def _mark_repeats(self) -> None:
        """Table `repeated`: rows whose key comes more than once; the first of identical ones is left out."""
        key = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in self.contract.key)
        content = f"row({', '.join(column.name for column in self.contract.columns)}, _unreadable, coalesce(_raw, ''))"
        present = " AND ".join(f"{name} IS NOT NULL" for name in self.contract.key[:1])
        keep_first = "TRUE" if self.source.repeats == "keep_first" else "contents = 1"
        self.engine.create(
            "repeated",
            f"""WITH keyed AS (SELECT concat_ws(chr(31), {key}) AS _key, * FROM batch WHERE {present}),
            several AS (SELECT _key FROM keyed GROUP BY _key HAVING count(*) > 1),
            copies AS (SELECT _key, _file_name, _line, hash({content}) AS content FROM keyed WHERE _key IN (SELECT _key FROM several)),
            judged AS (
                SELECT _file_name, _line, row_number() OVER (PARTITION BY _key ORDER BY _file_name, _line) AS place,
                    count(DISTINCT content) OVER (PARTITION BY _key) AS contents
                FROM copies
            )
            SELECT _file_name, _line, CASE WHEN {keep_first} THEN 'superseded' ELSE 'quarantined' END AS fate
            FROM judged WHERE NOT ({keep_first}) OR place > 1""",
            "table",
        )

    def _check_against_row_verdict(self, findings: list[suites.Finding]) -> None:
        sums = ", ".join(f"count(*) FILTER (WHERE (_broken & {1 << position}) <> 0)" for position in range(len(self.contract.rules)))
        mine = dict(zip((rule.id for rule in self.contract.rules), self._row(f"SELECT {sums} FROM batch"), strict=True))
        theirs = {finding.rule: finding.failed for finding in findings if finding.rule in mine}
        if mine != theirs:
            differing = {rule: (mine[rule], theirs.get(rule)) for rule in mine if mine[rule] != theirs.get(rule)}
            raise AssertionError(f"{self.contract.name}: row verdict and Great Expectations count differently: {differing}")

    def _extra_findings(self) -> list[suites.Finding]:
        """What is judged outside the suite, since it is about lines that never became rows, or about pairs of rows."""
        repeated = self._one("SELECT count(*) FROM repeated WHERE fate = 'quarantined'")
        return [
            suites.Finding(rule, "critical", None, "row_verdict", not failed, failed, str(failed))
            for rule, failed in ((MALFORMED, len(self.malformed)), (REPEATED, repeated))
        ]

    def _fates(self, critical: int) -> str:
        return f"""
            SELECT b.*, CASE WHEN r.fate IS NOT NULL THEN r.fate WHEN (_broken & {critical}) <> 0 THEN 'quarantined' END AS fate
            FROM batch b LEFT JOIN repeated r ON r._file_name = b._file_name AND r._line = b._line"""

    def _count_files(self, critical: int) -> None:
        rows = self.engine.arrow(
            f"SELECT _file_name, coalesce(fate, 'accepted') AS fate, count(*) AS n FROM ({self._fates(critical)}) GROUP BY ALL ORDER BY ALL"
        ).to_pylist()
        by_name = {file.file_name: file for file in self.files}
        for row in rows:
            file = by_name[row["_file_name"]]
            setattr(file, row["fate"], getattr(file, row["fate"]) + row["n"])
        for file in self.files:
            file.check()

    def _quarantine(self, critical: int) -> pa.Table:
        """One row per quarantined row: file_name, line, key, reasons, content (canonical columns only, so never a name or a phone)."""
        named = ", ".join(f"{column.name} := {column.name}" for column in self.contract.columns if not column.free_text)
        rows = self.engine.arrow(f"""
            SELECT _file_name AS file_name, _line AS line, CAST({self.contract.key[0]} AS VARCHAR) AS key, _broken, r_fate,
                coalesce(_raw, CAST(to_json(struct_pack({named})) AS VARCHAR)) AS content
            FROM (SELECT *, fate AS r_fate FROM ({self._fates(critical)})) WHERE r_fate = 'quarantined' ORDER BY file_name, line""").to_pylist()
        repeated = {(r["_file_name"], r["_line"]) for r in self.engine.arrow("SELECT * FROM repeated WHERE fate = 'quarantined'").to_pylist()}
        for row in rows:
            broken, _ = row.pop("_broken"), row.pop("r_fate")
            reasons = [rule.id for position, rule in enumerate(self.contract.rules) if broken >> position & 1]
            row["reasons"] = "; ".join(([REPEATED] if (row["file_name"], row["line"]) in repeated else []) + reasons)
            row["content"] = mask(row["content"])
        rows += [{"file_name": name, "line": line, "key": None, "content": text, "reasons": MALFORMED} for name, line, text in self.malformed]
        rows.sort(key=lambda row: (row["file_name"], row["line"]))
        schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in ("file_name", "line", "key", "reasons", "content")])
        return pa.Table.from_pylist(rows, schema=schema)

    def _examples(self, findings: list[suites.Finding]) -> dict[str, str]:
        """Up to three rows that broke each rule, as file:line."""
        sql = {rule.id: f"FROM batch WHERE {rule.sql}" for rule in self.contract.rules}
        sql[REPEATED] = "FROM repeated WHERE fate = 'quarantined'"
        found = {MALFORMED: [(name, line) for name, line, _ in self.malformed[:3]]}
        for finding in findings:
            if not finding.success and finding.rule in sql:
                query = f"SELECT _file_name, _line {sql[finding.rule]} ORDER BY _file_name, _line LIMIT 3"
                found[finding.rule] = self.engine.connection.execute(query).fetchall()
        return {rule: ", ".join(f"{name}:{line}" for name, line in rows) for rule, rows in found.items() if rows}

    def _history_from(self) -> date | None:
        if not self.contract.history:
            return None
        instants = [c for c in self.contract.history if c in self.columns]
        civil = [f"CAST(civil(min({name})) AS DATE)" if self.contract.column(name).type == "instant" else f"min({name})" for name in instants]
        return self._one(f"SELECT least({', '.join(civil)}) FROM accepted") if civil else None

    def _suspicions(self) -> list[str]:
        """What no single row shows: an extract that holds only finished cases makes every closure rate meaningless."""
        end = {"claims": "closed_at", "complaints": "closed_at"}.get(self.contract.name)
        if end is None:
            return []
        if end not in self.columns and "paid_at" not in self.columns:
            return [f"{self.contract.name} have no closing date: no closure rate and no settlement time can be computed"]
        ends = f"coalesce({end}, paid_at)" if self.contract.name == "claims" else end
        total, unfinished = self._row(f"SELECT count(*), count(*) FILTER (WHERE {ends} IS NULL) FROM accepted")
        if total >= 100 and unfinished == 0:
            return [f"all {total:,} {self.contract.name} are closed and none is open: the extract seems to hold closed cases only"]
        return []

    def _row(self, sql: str) -> tuple:
        return self.engine.connection.execute(sql).fetchone()

    def _one(self, sql: str):
        return self._row(sql)[0]


def mask(text: str) -> str:
    """Hide what may be a phone, an identity or a card number in quarantined content; dates and times stay."""
    return re.sub(r"(?<![0-9.])(?:1[0-9]{10}|[0-9]{15,18}[0-9Xx]?)(?![0-9])", "***", text)


def rule_meanings(contract: Contract) -> dict[str, dict]:
    """What each rule id says, in words (zh, en)."""
    return {rule.id: rule.meaning for rule in contract.rules} | MEANINGS


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


def _sql_type(kind: str) -> str:
    return {
        "text": "VARCHAR",
        "code": "VARCHAR",
        "instant": "TIMESTAMP",
        "date": "DATE",
        "money": "DECIMAL(18,2)",
        "decimal": "DECIMAL(18,4)",
        "integer": "BIGINT",
        "boolean": "BOOLEAN",
    }[kind]
