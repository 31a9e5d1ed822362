"""A batch -> its verdict: every row has its reasons, Great Expectations counts them, what is not
accepted is kept with them.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data.config.contract import Column, Contract
from data.config.correction import Correction
from data.problem import Problem
from expectations.judging import delivery_profile, delivery_rules, row_outcomes
from expectations.judging.batch import PART, Batch, FileCount
from expectations.judging.delivery_profile import DeliveryHistory
from expectations.judging.finding import Finding, rule_sql_for
from expectations.parsing.personal_data import mask_personal_data, masked_sql
from expectations.parsing.text import quote_sql

MALFORMED = "line_malformed"
REPEATED = "key_repeated_with_other_content"
MEANINGS = {
    MALFORMED: {
        "zh": "该行无法按一条记录读取",
        "en": "the line cannot be read as a row (its content says why)",
    },
    REPEATED: {
        "zh": "同一主键在一次提数中出现且内容不同",
        "en": "the key comes again in the extract with other content",
    },
}


@dataclass
class Verdict:
    """The outcome of judging one extract (one kind, one date). Accepted rows are in the relation
    `accepted`.

    `refusals` say why the delivery as a whole must not be taken in; empty: it may.
    """

    contract: Contract
    extract_date: date
    columns: tuple
    unmapped: tuple
    files: list[FileCount]
    findings: list[Finding]
    quarantine: pa.Table
    examples: dict
    meanings: dict
    refusals: list[str]
    measures: list[dict]
    corrected: dict
    history_from: date | None = None
    closed_only: bool = False
    warnings: list[str] = field(default_factory=list)


class Judge:
    """Judges one batch. Leaves the relations `batch`, `repeated`, `rejected` and `accepted` in the
    batch's engine.

    `history` tells of earlier deliveries, of control files, and of the rows (file name, line) that
    a person let pass.
    """

    def __init__(self, batch: Batch, history: DeliveryHistory):
        self.batch, self.engine, self.contract = batch, batch.engine, batch.contract
        self.malformed, self.history = batch.malformed, history
        names = [file.file_name for file in batch.files]
        self.corrections = [
            correction
            for correction in batch.corrections
            if correction.concerns(self.contract.name, names)
        ]

    def verdict(self) -> Verdict:
        """Judge what was read: duplicates, rules, the suite; accepted rows become the view
        `accepted`.

        Raises Problem for a batch without a row; AssertionError where two counts of the same thing
        differ.
        """
        listed = ", ".join(map(quote_sql, self.batch.parts))
        self.engine.create("batch", f"SELECT * FROM read_parquet([{listed}])", "view")
        if not self._one("SELECT count(*) FROM batch") and not self.malformed:
            names = ", ".join(file.file_name for file in self.batch.files)
            raise Problem(
                f"{names}: no rows, only a header",
                "deliver the extract again; an empty extract is never taken as 'nothing happened'",
            )
        corrected = self._corrected()
        released = frozenset((name, line) for name, line in self.history.released if line)
        row_outcomes.decide_outcomes(self.batch, released, self.corrections)
        batch = self.batch
        measures = delivery_profile.measure_delivery(
            self.engine, self.contract, batch.extract_date, batch.files, batch.columns, self.history
        )
        findings, examples = self._findings()
        quarantine = self._quarantine()
        self._check(findings, quarantine)
        history_from, closed_only, warnings = self._as_a_whole()
        wide = {rule.id: rule for rule in delivery_rules.load_rules("batch")}
        failed = [
            finding.rule for finding in findings if finding.rule in wide and not finding.success
        ]
        told = {rule: f"{wide[rule].meaning['en']} ({examples[rule]})" for rule in failed}
        return Verdict(
            contract=self.contract,
            extract_date=batch.extract_date,
            columns=tuple(sorted(batch.columns)),
            unmapped=tuple(sorted(batch.unmapped)),
            files=batch.files,
            findings=findings,
            quarantine=quarantine,
            examples=examples,
            meanings=load_rule_meanings(self.contract)
            | {rule.id: rule.meaning for rule in wide.values()}
            | self._asides(),
            refusals=[text for rule, text in told.items() if wide[rule].severity == "critical"],
            measures=measures,
            corrected=corrected,
            history_from=history_from,
            closed_only=closed_only,
            warnings=warnings
            + [text for rule, text in told.items() if wide[rule].severity == "warning"],
        )

    def _findings(self) -> tuple[list[Finding], dict[str, str]]:
        """Every rule's result, as Great Expectations counts it: the rules of rows, and those of the
        delivery as a whole.
        """
        from expectations.judging import (
            gx_suite,  # Great Expectations takes seconds to import: only where something is judged
        )

        of_rows = [
            (rule, f"SELECT _line FROM {{batch}} WHERE {rule_sql_for(self.contract, rule)}")
            for rule in self.contract.rules
        ]
        of_delivery = [(rule, rule.sql) for rule in delivery_rules.load_rules("batch")]
        findings = gx_suite.run_suite(
            self.engine.connection, self.contract.name, of_rows + of_delivery, "broken"
        )
        findings += self._extra_findings()
        return findings, self._examples(findings) | delivery_rules.find_examples(
            self.engine, of_delivery, findings
        )

    def _corrected(self) -> dict[str, int]:
        """How many rows each declared correction was made in. Raises Problem where it is another
        number than was declared.
        """
        counts = {}
        for correction in self.corrections:
            found = self._one(
                f"SELECT count(*) FROM batch WHERE {row_outcomes.has_correction_sql([correction.id])}"
            )
            correction.check(found)
            counts[correction.id] = found
        return counts

    def _asides(self) -> dict[str, dict]:
        """The reasons of rows that a declared correction sets aside, by rule id, in words."""
        return {
            _aside(correction): {
                "zh": f"按声明隔离:{correction.reason}",
                "en": f"declared to be set aside: {correction.reason}",
            }
            for correction in self.corrections
            if correction.set_aside
        }

    @staticmethod
    def _aside_rows(correction: Correction) -> str:
        once = "_row_id NOT IN (SELECT _row_id FROM repeated WHERE fate = 'superseded')"
        return f"FROM batch WHERE {row_outcomes.has_correction_sql([correction.id])} AND {once}"

    def accepted_parts(self) -> list[tuple[str, bool]]:
        """The batch's files, each with whether every row in it was accepted."""
        touched = {
            row[0]
            for row in self.engine.connection.execute(
                f"SELECT DISTINCT _row_id >> {PART} FROM rejected"
            ).fetchall()
        }
        return [(part, position not in touched) for position, part in enumerate(self.batch.parts)]

    def _check(self, findings: list[Finding], quarantine: pa.Table) -> None:
        """What Great Expectations counts per critical rule is what stands in quarantine for it, no
        more and no less.
        """
        held = Counter(
            reason for row in quarantine["reasons"].to_pylist() for reason in row.split("; ")
        )
        counted = {rule.id: rule_sql_for(self.contract, rule) for rule in self.contract.rules}
        passed = "FROM broken WHERE _row_id NOT IN (SELECT _row_id FROM rejected)"
        if self.history.released:
            held.update(
                {
                    rule: self._one(f"SELECT count(*) {passed} AND {sql}")
                    for rule, sql in counted.items()
                }
            )
        of_rows = {*counted, MALFORMED, REPEATED, *self._asides()}
        for finding in findings:
            if (
                finding.rule in of_rows
                and finding.severity == "critical"
                and finding.failed != held[finding.rule]
            ):
                raise AssertionError(
                    f"{self.contract.name}: {finding.rule} is counted {finding.failed} times, but {held[finding.rule]} rows are quarantined or let pass"
                )

    def _extra_findings(self) -> list[Finding]:
        """What is judged outside the suite, since it is about lines that never became rows, or
        about pairs of rows.
        """
        repeated = self._one("SELECT count(*) FROM repeated WHERE fate = 'quarantined'")
        found = [(MALFORMED, len(self.malformed)), (REPEATED, repeated)]
        for correction in self.corrections:
            if correction.set_aside:
                found.append(
                    (
                        _aside(correction),
                        self._one(f"SELECT count(*) {self._aside_rows(correction)}"),
                    )
                )
        return [Finding(rule, "critical", None, not failed, failed) for rule, failed in found]

    def warned(self, limit: int) -> list[dict]:
        """The accepted rows that break the most rules, told as quarantined ones are."""
        most = "SELECT _row_id FROM broken WHERE _row_id NOT IN (SELECT _row_id FROM rejected)"
        rows = self._told(f"{most} ORDER BY bit_count(_broken) DESC, _row_id LIMIT {limit}")
        return sorted(rows, key=lambda row: -row["reasons"].count("; "))

    def _quarantine(self) -> pa.Table:
        """One row per quarantined row: file_name, line, key, reasons, content."""
        rows = self._told("SELECT _row_id FROM rejected WHERE fate = 'quarantined'")
        rows += [
            {
                "file_name": name,
                "line": line,
                "key": None,
                "content": mask_personal_data(text),
                "reasons": MALFORMED,
            }
            for name, line, text in self.malformed
        ]
        rows.sort(key=lambda row: (row["file_name"], row["line"]))
        schema = pa.schema(
            [
                (name, pa.int64() if name == "line" else pa.string())
                for name in ("file_name", "line", "key", "reasons", "content")
            ]
        )
        return pa.Table.from_pylist(rows, schema=schema)

    def _told(self, which: str) -> list[dict]:
        """Rows with every reason and their content: canonical columns only, with what tells of a
        person hidden. `which` selects their _row_id.
        """
        named = ", ".join(
            f"{column.name} := {_shown(column)}"
            for column in self.contract.columns
            if not column.free_text
        )
        rows = self.engine.arrow(f"""
            SELECT _file_name AS file_name, _line AS line, CASE WHEN {self.contract.key[0]} IS NOT NULL THEN {self.contract.key_sql("b")} END AS key,
                _broken, r._row_id IS NOT NULL AS is_repeated, _corrected, coalesce(_raw, CAST(to_json(struct_pack({named})) AS VARCHAR)) AS content
            FROM batch AS b
            SEMI JOIN ({which}) AS q ON q._row_id = b._row_id
            LEFT JOIN repeated AS r ON r._row_id = b._row_id
            ORDER BY file_name, line""").to_pylist()
        for row in rows:
            broken, is_repeated, corrected = (
                row.pop("_broken"),
                row.pop("is_repeated"),
                row.pop("_corrected") or "",
            )
            reasons = [
                rule.id
                for position, rule in enumerate(self.contract.rules)
                if broken >> position & 1
            ]
            asides = [
                _aside(correction)
                for correction in self.corrections
                if correction.set_aside and correction.id in corrected.split("; ")
            ]
            row["reasons"] = "; ".join([REPEATED] * is_repeated + asides + reasons)
            content = {
                name: cell for name, cell in json.loads(row["content"]).items() if cell is not None
            }
            row["content"] = json.dumps(content, ensure_ascii=False)
        return rows

    def _examples(self, findings: list[Finding]) -> dict[str, str]:
        """Up to three rows that broke each rule, as file:line."""
        sql = {
            rule.id: f"FROM broken WHERE {rule_sql_for(self.contract, rule)}"
            for rule in self.contract.rules
        }
        sql |= {
            _aside(correction): self._aside_rows(correction)
            for correction in self.corrections
            if correction.set_aside
        }
        sql[REPEATED] = (
            "FROM batch WHERE _row_id IN (SELECT _row_id FROM repeated WHERE fate = 'quarantined')"
        )
        found = {MALFORMED: [(name, line) for name, line, _ in self.malformed[:3]]}
        for finding in findings:
            if not finding.success and finding.rule in sql:
                query = f"SELECT _file_name, _line {sql[finding.rule]} ORDER BY _file_name, _line LIMIT 3"
                found[finding.rule] = self.engine.connection.execute(query).fetchall()
        return {
            rule: ", ".join(f"{name}:{line}" for name, line in rows)
            for rule, rows in found.items()
            if rows
        }

    def _as_a_whole(self) -> tuple[date | None, bool, list[str]]:
        """The day of the earliest row, whether only finished cases were delivered, and what no
        single row shows.
        """
        begins = [name for name in self.contract.history if name in self.batch.columns]
        civil = [
            f"CAST(civil(min({name})) AS DATE)"
            if self.contract.column(name).type == "instant"
            else f"min({name})"
            for name in begins
        ]
        ends = [name for name in ("closed_at", "paid_at") if name in self.batch.columns]
        finished = f"coalesce({', '.join(ends)}, NULL) IS NOT NULL" if ends else "FALSE"
        history_from, total, unfinished = self._row(
            f"SELECT least({', '.join(civil) or 'NULL'}, NULL), count(*), count(*) FILTER (WHERE NOT ({finished})) FROM accepted"
        )
        if self.contract.name not in ("claims", "complaints"):
            return history_from, False, []
        if not ends:
            return (
                history_from,
                False,
                [
                    f"{self.contract.name} have no closing date: no closure rate and no time to settlement can be computed"
                ],
            )
        if total >= 100 and unfinished == 0:
            return (
                history_from,
                True,
                [
                    f"all {total:,} {self.contract.name} are closed and none is open: the extract seems to hold closed cases only"
                ],
            )
        return history_from, False, []

    def _row(self, sql: str) -> tuple:
        return self.engine.connection.execute(sql).fetchone()

    def _one(self, sql: str):
        return self._row(sql)[0]


def _aside(correction: Correction) -> str:
    return f"set_aside_by_{correction.id}"


def _shown(column: Column) -> str:
    """A cell that could be read, as quarantine shows it: in civil time as the file had it, and a
    phone may have been read as a number.
    """
    if column.type == "instant":
        return f"civil({column.name})"
    return (
        masked_sql(f"CAST({column.name} AS VARCHAR)")
        if column.type in ("money", "decimal", "integer")
        else column.name
    )


def load_rule_meanings(contract: Contract) -> dict[str, dict]:
    """What each rule id says, in words (zh, en)."""
    return {rule.id: rule.meaning for rule in contract.rules} | MEANINGS
