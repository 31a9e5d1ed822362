"""Take deliveries in: landed files -> judged rows -> the lake.

Everything here can be repeated after a kill: nothing counts before the ledger has it, and that is
the last write.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa

from data.config.contract import load_contracts
from data.config.correction import Correction
from data.config.policy_sections import DeliveryLimits
from data.config.profile import Profile
from data.extracts.control_file import ExpectedTotal
from data.extracts.open_file import open_file
from data.extracts.opened_file import OpenedFile
from data.problem import Problem, runbook_page
from data.store.books import BOOKS
from data.store.lake import Lake
from expectations.judging.batch import Batch, FileCount
from expectations.judging.delivery_profile import DeliveryHistory
from expectations.judging.judge import Judge
from expectations.judging.verdict import Verdict
from flows.intake.landed_file import Delivery, LandedFile
from transforms.current_rows import versions
from transforms.current_rows.merge import merge_delivery
from transforms.engine.duckdb_engine import DuckDB


@dataclass
class Intake:
    """What deliveries are taken in with: the lake they go to, the profile they are read by, and
    what people and control files say about them.
    """

    lake: Lake
    engine: DuckDB
    profile: Profile
    limits: DeliveryLimits
    corrections: list[Correction] = field(default_factory=list)
    control: list[ExpectedTotal] = field(default_factory=list)

    def take_in(self, delivery: Delivery, say: Callable[[str], None]) -> Verdict:
        """Read, judge and store one extract, and `say` what became of each file's rows.

        The last write commits it. Raises Problem for a delivery that cannot be judged, is refused,
        or comes again with other content; then no row of it is stored.
        """
        history = self._read_history(delivery)
        with runbook_page("unreadable-file"):
            judge, readings = self._judge(delivery, history)
            verdict = judge.verdict()
        if delivery.redelivered:
            self._check_same_content(delivery, verdict)
        else:
            self._check_refusals(delivery, verdict, history)
            self._store(delivery, judge, verdict)
        self.lake.add("delivery", _ledger_rows(delivery, verdict, self.profile, readings))
        for file in verdict.files:
            say(f"{file.file_name}: {describe_counts(file)}")
        return verdict

    def judge(
        self, delivery: Delivery, limit: int
    ) -> tuple[Verdict, list[dict], dict[str, OpenedFile]]:
        """Judge a delivery without storing anything.

        Returns its verdict, up to `limit` accepted rows with the most warnings, and how each file
        was read.
        """
        judge, readings = self._judge(delivery, self._read_history(delivery))
        return judge.verdict(), judge.warned(limit), readings

    def _judge(
        self, delivery: Delivery, history: DeliveryHistory
    ) -> tuple[Judge, dict[str, OpenedFile]]:
        contract = load_contracts()[delivery.extract]
        source = delivery.files[0].source
        batch = Batch(self.engine, contract, source, delivery.extract_date, self.corrections)
        readings = {
            file.path.name: open_file(file.path, file.source, self.engine.folder)
            for file in delivery.files
        }
        batch.read(list(readings.items()))
        return Judge(batch, history), readings

    def _read_history(self, delivery: Delivery) -> DeliveryHistory:
        lake, extract = self.lake, delivery.extract
        released = frozenset(
            (row["file_name"], row["line"])
            for row in lake.read("release", extract).to_pylist()
            if row["extract_date"] == delivery.extract_date
        )
        return DeliveryHistory(
            delivery=delivery.kind,
            limits=self.limits,
            ledger=lake.ledger(extract),
            measures=lake.read("measure", extract).to_pylist(),
            sha256={file.path.name: file.sha256 for file in delivery.files},
            control=self.control,
            released=released,
        )

    def _check_same_content(self, delivery: Delivery, verdict: Verdict) -> None:
        """Raise Problem unless a delivery has the rows of the one before for its date.

        The same rows again change nothing; others are an error, since a figure may already stand
        on the first.
        """
        extract, day = delivery.extract, delivery.extract_date
        stored = self.lake.files("versions", extract, [str(day)])
        has_same_rows = not verdict.quarantine.num_rows and versions.has_same_content(
            self.engine, verdict.contract, stored
        )
        if not has_same_rows:
            raise Problem(
                f"{delivery.file_names}: the {extract} extract of {day} was delivered before with"
                " other content",
                "deliver corrections under a later extract date; the first delivery stays as it is",
                "refused-delivery",
            )
        for file in verdict.files:
            file.superseded += file.accepted
            file.accepted = 0

    def _check_refusals(
        self, delivery: Delivery, verdict: Verdict, history: DeliveryHistory
    ) -> None:
        """Raise Problem for a delivery that as a whole cannot be right.

        What it would have replaced stays; what is wrong with it is on record. A person may have
        released it (line 0), and one that was taken in before is not refused as it is judged again.
        """
        is_released = any(line == 0 for _, line in history.released)
        if not verdict.refusals or delivery.again or is_released:
            return
        extract, day = delivery.extract, delivery.extract_date
        self.lake.write("rule_result", _rule_rows(delivery, verdict), extract, day)
        raise Problem(
            f"the {extract} extract of {day} ({delivery.file_names}) is refused:"
            f" {'; '.join(verdict.refusals)}",
            "deliver it again; or, where it is right as it is:"
            f" servicekpi quarantine release {extract}:{day}",
            "refused-delivery",
        )

    def _store(self, delivery: Delivery, judge: Judge, verdict: Verdict) -> None:
        """Write the accepted rows as versions, the books about them, and what is current now."""
        extract, day = delivery.extract, delivery.extract_date
        lake, contract = self.lake, verdict.contract
        if delivery.again:
            lake.remove_delivery(extract, day)
        # From a run that was killed, or judged by other rules: rows of it may have to go.
        is_anew = bool(lake.files("versions", extract, [str(day)]))
        exported = versions.export_versions(
            self.engine, judge.accepted_parts(), self.engine.folder / "export", day
        )
        lake.replace_rows(
            "versions", extract, versions.version_schema(contract), exported, [str(day)]
        )
        stored = lake.files("versions", extract, [str(day)])
        self.engine.register_parquet("accepted", stored, versions.stored_schema(contract))
        quarantined = verdict.quarantine.to_pylist()
        books = {
            "rule_result": _rule_rows(delivery, verdict),
            "quarantine": _book_rows(delivery, quarantined, "quarantine"),
            "measure": _book_rows(delivery, verdict.measures, "measure"),
            "correction": _correction_rows(delivery, verdict, self.corrections),
        }
        for book, rows in books.items():
            lake.write(book, rows, extract, day)
        merge_delivery(self.engine, lake, contract, day, _ledger_entry(delivery, verdict), is_anew)


def describe_counts(file: FileCount) -> str:
    """Return what became of a file's rows, as a sum that adds up."""
    return (
        f"{file.read:,} rows read = {file.accepted:,} accepted"
        f" + {file.quarantined:,} quarantined"
        f" + {file.superseded:,} superseded + {file.skipped:,} skipped"
    )


def _book_rows(delivery: Delivery, rows: list[dict], book: str) -> pa.Table:
    """Return rows of a book, with the extract that they are about."""
    about = {"extract": delivery.extract, "extract_date": delivery.extract_date}
    complete = [row | about for row in rows]
    return pa.Table.from_pylist(complete, schema=BOOKS[book])


def _ledger_entry(delivery: Delivery, verdict: Verdict) -> dict:
    """Return what the merge needs to know of a delivery that is not in the ledger yet."""
    return {
        "extract_date": delivery.extract_date,
        "delivery": delivery.kind,
        "rows_quarantined": sum(file.quarantined for file in verdict.files),
    }


def _rule_rows(delivery: Delivery, verdict: Verdict) -> pa.Table:
    rows = [
        {
            "rule_id": finding.rule,
            "severity": finding.severity,
            "column_name": finding.column,
            "meaning_zh": verdict.meanings[finding.rule]["zh"],
            "meaning_en": verdict.meanings[finding.rule]["en"],
            "success": finding.success,
            "rows_failed": finding.failed,
            "examples": verdict.examples.get(finding.rule),
        }
        for finding in verdict.findings
    ]
    return _book_rows(delivery, rows, "rule_result")


def _correction_rows(
    delivery: Delivery, verdict: Verdict, corrections: list[Correction]
) -> pa.Table:
    rows = [
        {
            "correction_id": correction.id,
            "rows_corrected": verdict.corrected[correction.id],
            "reason": correction.reason,
            "asked_by": correction.requested_by,
            "since": correction.since,
        }
        for correction in corrections
        if correction.id in verdict.corrected
    ]
    return _book_rows(delivery, rows, "correction")


def _ledger_rows(
    delivery: Delivery, verdict: Verdict, profile: Profile, readings: dict[str, OpenedFile]
) -> list[dict]:
    counts = {file.file_name: file for file in verdict.files}
    return [
        _ledger_row(delivery, file, counts[file.path.name], readings[file.path.name])
        | {
            "profile": profile.name,
            "columns": ", ".join(verdict.columns),
            "columns_ignored": ", ".join(verdict.unmapped),
            "history_from": verdict.history_from,
            "closed_only": verdict.closed_only,
            "warnings": "; ".join(verdict.warnings) or None,
        }
        for file in delivery.files
    ]


def _ledger_row(
    delivery: Delivery, file: LandedFile, count: FileCount, reading: OpenedFile
) -> dict:
    """Return what the ledger says about one file, without what it says about the delivery."""
    return {
        "extract": delivery.extract,
        "extract_date": delivery.extract_date,
        "file_name": file.path.name,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "delivery": file.source.delivery,
        "judged_by": delivery.judged_by,
        "format": reading.format,
        "encoding": reading.encoding,
        "rows_read": count.read,
        "rows_accepted": count.accepted,
        "rows_quarantined": count.quarantined,
        "rows_superseded": count.superseded,
        "rows_skipped": count.skipped,
    }
