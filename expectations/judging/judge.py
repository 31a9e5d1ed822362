"""A batch becomes a verdict: every row has its reasons, Great Expectations counts them, and what is
not accepted is kept with them.
"""

from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa

from data.config.contract import CLOSED_ONLY_ROWS
from data.problem import Problem
from expectations.judging import delivery_profile, delivery_rules, row_outcomes
from expectations.judging.batch import PART, Batch
from expectations.judging.delivery_profile import DeliveryHistory
from expectations.judging.finding import Finding, rule_sql_for
from expectations.judging.row_details import read_row_details
from expectations.judging.verdict import (
    MALFORMED,
    REPEATED,
    Verdict,
    correction_meanings,
    correction_rule,
    load_rule_meanings,
)
from expectations.parsing.personal_data import mask_personal_data
from expectations.parsing.text import quote_sql

QUARANTINE = pa.schema(
    [
        ("file_name", pa.string()),
        ("line", pa.int64()),
        ("key", pa.string()),
        ("reasons", pa.string()),
        ("content", pa.string()),
    ]
)


class Judge:
    """Judges one batch. Leaves the relations `batch`, `repeated`, `rejected` and `accepted` in the
    batch's engine.

    `history` knows earlier deliveries, control files, and the rows (file name, line) that a person
    released.
    """

    def __init__(self, batch: Batch, history: DeliveryHistory):
        self.batch, self.engine, self.contract = batch, batch.engine, batch.contract
        self.malformed, self.history = batch.malformed, history
        extract = self.contract.name
        names = [file.file_name for file in batch.files]
        self.corrections = [each for each in batch.corrections if each.concerns(extract, names)]
        self.quarantining = [each for each in self.corrections if each.quarantines]

    def verdict(self) -> Verdict:
        """Judge what was read: duplicates, rules, the suite; accepted rows become the view
        `accepted`.

        Raises Problem for a batch without a row; AssertionError where two counts of the same thing
        differ.
        """
        batch = self.batch
        self._open_batch()
        corrected = self._count_corrected()
        released = frozenset((name, line) for name, line in self.history.released if line)
        row_outcomes.decide_outcomes(batch, released, self.corrections)
        measures = delivery_profile.measure_delivery(
            self.engine, self.contract, batch.extract_date, batch.files, batch.columns, self.history
        )
        findings, examples = self._count_findings()
        quarantine = self._read_quarantine()
        self._check_counts(findings, quarantine)
        refusals, rule_warnings = self._judge_delivery(findings, examples)
        history_from, closed_only, warnings = self._look_at_whole()
        delivery_meanings = {rule.id: rule.meaning for rule in delivery_rules.load_rules("batch")}
        meanings = load_rule_meanings(self.contract) | delivery_meanings
        warnings = [*batch.notes, *warnings, *rule_warnings]

        return Verdict(
            contract=self.contract,
            extract_date=batch.extract_date,
            columns=tuple(sorted(batch.columns)),
            unmapped=tuple(sorted(batch.unmapped)),
            files=batch.files,
            findings=findings,
            quarantine=quarantine,
            examples=examples,
            meanings=meanings | correction_meanings(self.quarantining),
            refusals=refusals,
            measures=measures,
            corrected=corrected,
            history_from=history_from,
            closed_only=closed_only,
            warnings=warnings,
        )

    def accepted_parts(self) -> list[tuple[str, bool]]:
        """Return the batch's files, each with whether every row in it was accepted."""
        rejected = self.engine.connection.execute(
            f"SELECT DISTINCT _row_id >> {PART} FROM rejected"
        ).fetchall()
        touched = {position for (position,) in rejected}
        return [(part, position not in touched) for position, part in enumerate(self.batch.parts)]

    def warned(self, limit: int) -> list[dict]:
        """Return the accepted rows that break the most rules, in the form of quarantined ones."""
        accepted = "SELECT _row_id FROM broken WHERE _row_id NOT IN (SELECT _row_id FROM rejected)"
        worst = f"{accepted} ORDER BY bit_count(_broken) DESC, _row_id LIMIT {limit}"
        return sorted(self._row_details(worst), key=lambda row: -row["reasons"].count("; "))

    def _open_batch(self) -> None:
        parts = ", ".join(map(quote_sql, self.batch.parts))
        self.engine.create("batch", f"SELECT * FROM read_parquet([{parts}])", "view")
        if self._value("SELECT count(*) FROM batch") or self.malformed:
            return

        names = ", ".join(file.file_name for file in self.batch.files)
        raise Problem(
            f"{names}: no rows, only a header",
            "deliver the extract again; an empty extract is never taken as 'nothing happened'",
        )

    def _count_corrected(self) -> dict[str, int]:
        """Return in how many rows each declared correction was made. Raises Problem where it is
        another number than was declared.
        """
        counts = {}
        for correction in self.corrections:
            is_corrected = row_outcomes.has_correction_sql([correction.id])
            rows = self._value(f"SELECT count(*) FROM batch WHERE {is_corrected}")
            correction.check(rows)
            counts[correction.id] = rows

        return counts

    def _count_findings(self) -> tuple[list[Finding], dict[str, str]]:
        """Return every rule's result, as Great Expectations counts it, and examples of its rows."""
        # Great Expectations takes seconds to import: only where something is judged.
        from expectations.judging import gx_suite

        row_rules = [
            (rule, f"SELECT _line FROM {{batch}} WHERE {rule_sql_for(self.contract, rule)}")
            for rule in self.contract.rules
        ]
        whole_rules = [(rule, rule.sql) for rule in delivery_rules.load_rules("batch")]
        findings = gx_suite.run_suite(
            self.engine.connection, self.contract.name, row_rules + whole_rules, "broken"
        )
        findings += self._count_outside_suite()
        examples = self._find_examples(findings)

        return findings, examples | delivery_rules.find_examples(self.engine, whole_rules, findings)

    def _count_outside_suite(self) -> list[Finding]:
        """Return the results about lines that never became rows, and about pairs of rows."""
        repeated = self._value("SELECT count(*) FROM repeated WHERE fate = 'quarantined'")
        counts = [(MALFORMED, len(self.malformed)), (REPEATED, repeated)]
        for correction in self.quarantining:
            rows = self._value(f"SELECT count(*) {self._quarantined_by_sql(correction.id)}")
            counts.append((correction_rule(correction), rows))
        return [Finding(rule, "critical", None, not failed, failed) for rule, failed in counts]

    def _judge_delivery(
        self, findings: list[Finding], examples: dict[str, str]
    ) -> tuple[list[str], list[str]]:
        """Return why the delivery as a whole is refused, and what is only odd about it."""
        rules = {rule.id: rule for rule in delivery_rules.load_rules("batch")}
        texts: dict[str, list[str]] = {"critical": [], "warning": []}
        for finding in findings:
            rule = rules.get(finding.rule)
            if rule is None or finding.success:
                continue
            text = f"{rule.meaning['en']} ({examples[rule.id]})"
            texts[rule.severity].append(text)

        return texts["critical"], texts["warning"]

    def _check_counts(self, findings: list[Finding], quarantine: pa.Table) -> None:
        """Raise AssertionError unless Great Expectations counts per critical rule what is
        quarantined for it or was released, no more and no less.
        """
        expected: Counter[str] = Counter()
        for row in quarantine.to_pylist():
            expected.update(row["reasons"].split("; "))

        row_rules = {rule.id: rule_sql_for(self.contract, rule) for rule in self.contract.rules}
        if self.history.released:
            passed = "FROM broken WHERE _row_id NOT IN (SELECT _row_id FROM rejected)"
            for rule, sql in row_rules.items():
                expected[rule] += self._value(f"SELECT count(*) {passed} AND {sql}")

        checked = {*row_rules, MALFORMED, REPEATED, *map(correction_rule, self.quarantining)}
        for finding in findings:
            if finding.rule not in checked or finding.severity != "critical":
                continue
            if finding.failed != expected[finding.rule]:
                raise AssertionError(
                    f"{self.contract.name}: {finding.rule} is counted {finding.failed} times, but"
                    f" {expected[finding.rule]} rows are quarantined or released"
                )

    def _read_quarantine(self) -> pa.Table:
        """Return one row per quarantined row, in the order of files and lines."""
        rows = self._row_details("SELECT _row_id FROM rejected WHERE fate = 'quarantined'")
        for name, line, text in self.malformed:
            content = mask_personal_data(text)
            rows.append({"file_name": name, "line": line, "content": content, "reasons": MALFORMED})
        rows.sort(key=lambda row: (row["file_name"], row["line"]))
        return pa.Table.from_pylist(rows, schema=QUARANTINE)

    def _row_details(self, selection: str) -> list[dict]:
        return read_row_details(self.engine, self.contract, self.quarantining, selection)

    def _find_examples(self, findings: list[Finding]) -> dict[str, str]:
        """Return up to three rows that broke each rule, as file:line."""
        sources = {
            rule.id: f"FROM broken WHERE {rule_sql_for(self.contract, rule)}"
            for rule in self.contract.rules
        }
        for correction in self.quarantining:
            sources[correction_rule(correction)] = self._quarantined_by_sql(correction.id)

        repeated = "SELECT _row_id FROM repeated WHERE fate = 'quarantined'"
        sources[REPEATED] = f"FROM batch WHERE _row_id IN ({repeated})"

        lines = {MALFORMED: [(name, line) for name, line, _ in self.malformed[:3]]}
        for finding in findings:
            if not finding.success and finding.rule in sources:
                query = f"SELECT _file_name, _line {sources[finding.rule]}"
                lines[finding.rule] = self.engine.connection.execute(
                    f"{query} ORDER BY _file_name, _line LIMIT 3"
                ).fetchall()

        return {rule: _join_lines(rows) for rule, rows in lines.items() if rows}

    @staticmethod
    def _quarantined_by_sql(correction_id: str) -> str:
        """Return the FROM clause of the rows that a declared correction quarantines."""
        is_corrected = row_outcomes.has_correction_sql([correction_id])
        once = "_row_id NOT IN (SELECT _row_id FROM repeated WHERE fate = 'superseded')"
        return f"FROM batch WHERE {is_corrected} AND {once}"

    def _look_at_whole(self) -> tuple[date | None, bool, list[str]]:
        """Return the day of the earliest row, whether only finished cases were delivered, and what
        no single row shows.
        """
        begins = []
        for name in self.contract.history:
            if name in self.batch.columns:
                is_instant = self.contract.column(name).type == "instant"
                begins.append(f"CAST(civil(min({name})) AS DATE)" if is_instant else f"min({name})")

        ends = [name for name in ("closed_at", "paid_at") if name in self.batch.columns]
        is_finished = f"coalesce({', '.join(ends)}, NULL) IS NOT NULL" if ends else "FALSE"

        # least() and coalesce() want two arguments at least: NULL is one that changes nothing.
        history_from, total, unfinished = self._first_row(
            f"SELECT least({', '.join(begins) or 'NULL'}, NULL), count(*),"
            f" count(*) FILTER (WHERE NOT ({is_finished})) FROM accepted"
        )
        extract = self.contract.name
        if extract not in ("claims", "complaints"):
            return history_from, False, []
        if not ends:
            warning = "no closure rate and no time to settlement can be computed"
            return history_from, False, [f"{extract} have no closing date: {warning}"]
        if total >= CLOSED_ONLY_ROWS and unfinished == 0:
            warning = "none is open: the extract seems to hold closed cases only"
            return history_from, True, [f"all {total:,} {extract} are closed and {warning}"]

        return history_from, False, []

    def _first_row(self, sql: str) -> tuple:
        return self.engine.connection.execute(sql).fetchone()

    def _value(self, sql: str) -> Any:
        return self._first_row(sql)[0]


def _join_lines(rows: list[tuple[str, int]]) -> str:
    lines = [f"{name}:{line}" for name, line in rows]
    return ", ".join(lines)
