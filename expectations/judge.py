"""A batch -> its verdict: every row has its reasons, Great Expectations counts them, what is not accepted is kept with them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.contract import Column, Contract
from data.problem import Problem
from expectations.batch import PART, Batch, FileCount
from expectations.finding import Finding, broken_sql
from expectations.masks import mask, masked_sql
from expectations.tidy import quoted

MALFORMED = "line_has_wrong_number_of_cells"
REPEATED = "key_repeated_with_other_content"
MEANINGS = {
    MALFORMED: {"zh": "单元格数与表头不符", "en": "the line does not have the number of cells that the header has"},
    REPEATED: {"zh": "同一主键在一次提数中出现且内容不同", "en": "the key comes again in the extract with other content"},
}


@dataclass
class Verdict:
    """The outcome of judging one extract (one kind, one date). Accepted rows are in the relation `accepted`."""

    contract: Contract
    extract_date: date
    columns: tuple
    unmapped: tuple
    files: list[FileCount]
    findings: list[Finding]
    quarantine: pa.Table
    examples: dict
    history_from: date | None = None
    closed_only: bool = False
    warnings: list[str] = field(default_factory=list)


class Judge:
    """Judges one batch. Leaves the relations `batch`, `repeated`, `rejected` and `accepted` in the batch's engine."""

    def __init__(self, batch: Batch):
        self.batch, self.engine, self.contract = batch, batch.engine, batch.contract
        self.malformed = batch.malformed

    def verdict(self) -> Verdict:
        """Judge what was read: duplicates, rules, the suite; accepted rows become the view `accepted`.

        Raises Problem for a batch without a row; AssertionError where two counts of the same thing differ.
        """
        listed = ", ".join(map(quoted, self.batch.parts))
        self.engine.create("batch", f"SELECT * FROM read_parquet([{listed}])", "view")
        if not self._one("SELECT count(*) FROM batch") and not self.malformed:
            names = ", ".join(file.file_name for file in self.batch.files)
            raise Problem(f"{names}: no rows, only a header", "deliver the extract again; an empty extract is never taken as 'nothing happened'")
        self._mark_repeats()
        # Few rows break a rule: they alone are what the suite looks at, rule by rule. A row that only repeats another is no finding.
        self.engine.create(
            "broken",
            "SELECT _row_id, _file_name, _line, _broken FROM batch WHERE _broken <> 0"
            " AND _row_id NOT IN (SELECT _row_id FROM repeated WHERE fate = 'superseded')",
            "table",
        )
        self._mark_rejected()
        names = ", ".join(column.name for column in self.contract.columns)
        self.engine.create(
            "accepted",
            f"SELECT {names}, _extract_date FROM batch AS b WHERE NOT EXISTS (SELECT 1 FROM rejected AS r WHERE r._row_id = b._row_id)",
            "view",
        )
        from expectations import suites  # Great Expectations takes seconds to import: only where something is judged

        findings = suites.run(self.engine.connection, self.contract, "broken") + self._extra_findings()
        quarantine = self._quarantine()
        self._check(findings, quarantine)
        self._count_files()
        history_from, closed_only, warnings = self._as_a_whole()
        return Verdict(
            contract=self.contract,
            extract_date=self.batch.extract_date,
            columns=tuple(sorted(self.batch.columns)),
            unmapped=tuple(sorted(self.batch.unmapped)),
            files=self.batch.files,
            findings=findings,
            quarantine=quarantine,
            examples=self._examples(findings),
            history_from=history_from,
            closed_only=closed_only,
            warnings=warnings,
        )

    def accepted_parts(self) -> list[tuple[str, bool]]:
        """The batch's files, each with whether every row in it was accepted."""
        touched = {row[0] for row in self.engine.connection.execute(f"SELECT DISTINCT _row_id >> {PART} FROM rejected").fetchall()}
        return [(part, position not in touched) for position, part in enumerate(self.batch.parts)]

    def _mark_repeats(self) -> None:
        """Table `repeated`: rows whose key comes more than once; the first of identical ones is left out."""
        key = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in self.contract.key)
        content = f"row({', '.join(column.name for column in self.contract.columns)}, _unreadable, coalesce(_raw, ''))"
        present = " AND ".join(f"{name} IS NOT NULL" for name in self.contract.key[:1])
        keep_first = "TRUE" if self.batch.source.repeats == "keep_first" else "contents = 1"
        self.engine.create(
            "repeated",
            # By hash first: a number is cheaper to group than a text, and only its few repeats are looked at whole.
            f"""WITH hashed AS (SELECT hash({key}) AS _hash FROM batch WHERE {present}),
            suspect AS (SELECT _hash FROM hashed GROUP BY _hash HAVING count(*) > 1),
            keyed AS (SELECT concat_ws(chr(31), {key}) AS _key, * FROM batch WHERE {present} AND hash({key}) IN (SELECT _hash FROM suspect)),
            several AS (SELECT _key FROM keyed GROUP BY _key HAVING count(*) > 1),
            copies AS (SELECT _key, _file_name, _line, _row_id, hash({content}) AS content FROM keyed WHERE _key IN (SELECT _key FROM several)),
            judged AS (
                SELECT _row_id, row_number() OVER (PARTITION BY _key ORDER BY _file_name, _line) AS place,
                    count(DISTINCT content) OVER (PARTITION BY _key) AS contents
                FROM copies
            )
            SELECT _row_id, CASE WHEN {keep_first} THEN 'superseded' ELSE 'quarantined' END AS fate
            FROM judged WHERE NOT ({keep_first}) OR place > 1""",
            "table",
        )

    def _mark_rejected(self) -> None:
        """Table `rejected`: every row that is not accepted, with its fate."""
        critical = sum(1 << position for position, rule in enumerate(self.contract.rules) if rule.severity == "critical")
        self.engine.create(
            "rejected",
            f"""SELECT _row_id, fate FROM repeated
            UNION ALL SELECT _row_id, 'quarantined' FROM broken
            WHERE (_broken & {critical}) <> 0 AND _row_id NOT IN (SELECT _row_id FROM repeated)""",
            "table",
        )

    def _check(self, findings: list[Finding], quarantine: pa.Table) -> None:
        """What Great Expectations counts per critical rule is what stands in quarantine for it, no more and no less."""
        held = Counter(reason for row in quarantine["reasons"].to_pylist() for reason in row.split("; "))
        for finding in findings:
            if finding.severity == "critical" and finding.failed != held[finding.rule]:
                raise AssertionError(
                    f"{self.contract.name}: {finding.rule} is counted {finding.failed} times, but {held[finding.rule]} rows are quarantined"
                )

    def _extra_findings(self) -> list[Finding]:
        """What is judged outside the suite, since it is about lines that never became rows, or about pairs of rows."""
        repeated = self._one("SELECT count(*) FROM repeated WHERE fate = 'quarantined'")
        return [Finding(rule, "critical", None, not failed, failed) for rule, failed in ((MALFORMED, len(self.malformed)), (REPEATED, repeated))]

    def _count_files(self) -> None:
        for position, file in enumerate(self.batch.files):
            within = f"BETWEEN {position << PART} AND {(position + 1 << PART) - 1}"
            fates = dict(self.engine.connection.execute(f"SELECT fate, count(*) FROM rejected WHERE _row_id {within} GROUP BY fate").fetchall())
            file.quarantined += fates.get("quarantined", 0)
            file.superseded += fates.get("superseded", 0)
            file.accepted -= sum(fates.values())
            file.check()

    def _quarantine(self) -> pa.Table:
        """One row per quarantined row: file_name, line, key, reasons, content (canonical columns only, with what tells of a person hidden)."""
        named = ", ".join(f"{column.name} := {_shown(column)}" for column in self.contract.columns if not column.free_text)
        rows = self.engine.arrow(f"""
            SELECT _file_name AS file_name, _line AS line, CAST({self.contract.key[0]} AS VARCHAR) AS key, _broken, r._row_id IS NOT NULL AS is_repeated,
                coalesce(_raw, CAST(to_json(struct_pack({named})) AS VARCHAR)) AS content
            FROM batch AS b
            SEMI JOIN (SELECT _row_id FROM rejected WHERE fate = 'quarantined') AS q ON q._row_id = b._row_id
            LEFT JOIN repeated AS r ON r._row_id = b._row_id
            ORDER BY file_name, line""").to_pylist()
        for row in rows:
            broken, is_repeated = row.pop("_broken"), row.pop("is_repeated")
            reasons = [rule.id for position, rule in enumerate(self.contract.rules) if broken >> position & 1]
            row["reasons"] = "; ".join(([REPEATED] if is_repeated else []) + reasons)
        rows += [{"file_name": name, "line": line, "key": None, "content": mask(text), "reasons": MALFORMED} for name, line, text in self.malformed]
        rows.sort(key=lambda row: (row["file_name"], row["line"]))
        schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in ("file_name", "line", "key", "reasons", "content")])
        return pa.Table.from_pylist(rows, schema=schema)

    def _examples(self, findings: list[Finding]) -> dict[str, str]:
        """Up to three rows that broke each rule, as file:line."""
        sql = {rule.id: f"FROM broken WHERE {broken_sql(self.contract, rule)}" for rule in self.contract.rules}
        sql[REPEATED] = "FROM batch WHERE _row_id IN (SELECT _row_id FROM repeated WHERE fate = 'quarantined')"
        found = {MALFORMED: [(name, line) for name, line, _ in self.malformed[:3]]}
        for finding in findings:
            if not finding.success and finding.rule in sql:
                query = f"SELECT _file_name, _line {sql[finding.rule]} ORDER BY _file_name, _line LIMIT 3"
                found[finding.rule] = self.engine.connection.execute(query).fetchall()
        return {rule: ", ".join(f"{name}:{line}" for name, line in rows) for rule, rows in found.items() if rows}

    def _as_a_whole(self) -> tuple[date | None, bool, list[str]]:
        """The day of the earliest row, whether only finished cases were delivered, and what no single row shows."""
        begins = [name for name in self.contract.history if name in self.batch.columns]
        civil = [f"CAST(civil(min({name})) AS DATE)" if self.contract.column(name).type == "instant" else f"min({name})" for name in begins]
        ends = [name for name in ("closed_at", "paid_at") if name in self.batch.columns]
        finished = f"coalesce({', '.join(ends)}, NULL) IS NOT NULL" if ends else "FALSE"
        history_from, total, unfinished = self._row(
            f"SELECT least({', '.join(civil) or 'NULL'}, NULL), count(*), count(*) FILTER (WHERE NOT ({finished})) FROM accepted"
        )
        if self.contract.name not in ("claims", "complaints"):
            return history_from, False, []
        if not ends:
            return history_from, False, [f"{self.contract.name} have no closing date: no closure rate and no time to settlement can be computed"]
        if total >= 100 and unfinished == 0:
            return (
                history_from,
                True,
                [f"all {total:,} {self.contract.name} are closed and none is open: the extract seems to hold closed cases only"],
            )
        return history_from, False, []

    def _row(self, sql: str) -> tuple:
        return self.engine.connection.execute(sql).fetchone()

    def _one(self, sql: str):
        return self._row(sql)[0]


def _shown(column: Column) -> str:
    """A cell that could be read, as quarantine shows it: texts are masked already, and a phone may have been read as a number."""
    return masked_sql(f"CAST({column.name} AS VARCHAR)") if column.type in ("money", "decimal", "integer") else column.name


def rule_meanings(contract: Contract) -> dict[str, dict]:
    """What each rule id says, in words (zh, en)."""
    return {rule.id: rule.meaning for rule in contract.rules} | MEANINGS
