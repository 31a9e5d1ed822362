"""Taking deliveries in: landed files -> judged rows -> the lake. Everything here can be repeated
after a kill.
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
from expectations.judging.batch import Batch
from expectations.judging.delivery_profile import DeliveryHistory
from expectations.judging.judge import Judge
from expectations.judging.verdict import Verdict
from flows.intake.landing import Delivery
from transforms.current_rows import versions
from transforms.current_rows.merge import merge_delivery


@dataclass
class Intake:
    """What deliveries are taken in with: the lake they go to, the profile they are read by, what is
    declared about them.
    """

    lake: Lake
    engine: object
    profile: Profile
    limits: DeliveryLimits
    corrections: list[Correction] = field(default_factory=list)
    control: list[ExpectedTotal] = field(default_factory=list)

    def take_in(self, delivery: Delivery, say: Callable[[str], None]) -> Verdict:
        """Read, judge and store one extract. The last write commits it.

        Raises Problem for a delivery that cannot be judged, is refused, or comes again with other
        content; then no row of it is stored.
        """
        history = self._history(delivery)
        with runbook_page("unreadable-file"):
            judge, readings = self._judge(delivery, history)
            verdict = judge.verdict()
        if delivery.redelivered:
            self._same_again(delivery, verdict)
        else:
            self._refuse(delivery, verdict, history)
            self._keep(delivery, judge, verdict)
        self.lake.add("delivery", _ledger_rows(delivery, verdict, self.profile, readings))
        for file in verdict.files:
            say(
                f"{file.file_name}: {file.read:,} rows read = {file.accepted:,} accepted + {file.quarantined:,} quarantined"
                f" + {file.superseded:,} superseded + {file.skipped:,} skipped"
            )
        return verdict

    def judge(
        self, delivery: Delivery, limit: int
    ) -> tuple[Verdict, list[dict], dict[str, OpenedFile]]:
        """Judge a delivery without storing anything: its verdict, the accepted rows with the most
        warnings, and how each file was read.
        """
        judge, readings = self._judge(delivery, self._history(delivery))
        return judge.verdict(), judge.warned(limit), readings

    def _judge(
        self, delivery: Delivery, history: DeliveryHistory
    ) -> tuple[Judge, dict[str, OpenedFile]]:
        source = delivery.files[0].source
        batch = Batch(
            self.engine,
            load_contracts()[delivery.extract],
            source,
            delivery.extract_date,
            self.corrections,
        )
        readings = [
            (landed.path.name, open_file(landed.path, landed.source, self.engine.folder))
            for landed in delivery.files
        ]
        batch.read(readings)
        return Judge(batch, history), dict(readings)

    def _history(self, delivery: Delivery) -> DeliveryHistory:
        releases = [
            row
            for row in self.lake.read("release", delivery.extract).to_pylist()
            if row["extract_date"] == delivery.extract_date
        ]
        return DeliveryHistory(
            delivery=delivery.files[0].source.delivery,
            limits=self.limits,
            ledger=self.lake.ledger(delivery.extract),
            measures=self.lake.read("measure", delivery.extract).to_pylist(),
            sha256={landed.path.name: landed.sha256 for landed in delivery.files},
            control=self.control,
            released=frozenset((row["file_name"], row["line"]) for row in releases),
        )

    def _same_again(self, delivery: Delivery, verdict: Verdict) -> None:
        """The same rows again change nothing; others are an error, since a figure may already stand
        on the first.
        """
        stored = self.lake.files("versions", delivery.extract, [str(delivery.extract_date)])
        if verdict.quarantine.num_rows or not versions.has_same_content(
            self.engine, verdict.contract, stored
        ):
            raise Problem(
                f"{_names(delivery)}: the {delivery.extract} extract of {delivery.extract_date} was delivered before with other content",
                "deliver corrections under a later extract date; the first delivery stays as it is",
                "refused-delivery",
            )
        for file in verdict.files:
            file.superseded, file.accepted = file.superseded + file.accepted, 0

    def _refuse(self, delivery: Delivery, verdict: Verdict, history: DeliveryHistory) -> None:
        """A delivery that as a whole cannot be right is not taken in; what it would have replaced
        stays. What was found is on record.
        """
        if not verdict.refusals or delivery.again or any(line == 0 for _, line in history.released):
            return
        self.lake.write(
            "rule_result", _rule_rows(delivery, verdict), delivery.extract, delivery.extract_date
        )
        raise Problem(
            f"the {delivery.extract} extract of {delivery.extract_date} ({_names(delivery)}) is refused: {'; '.join(verdict.refusals)}",
            f"deliver it again; or, where it is right as it is: servicekpi quarantine release {delivery.extract}:{delivery.extract_date}",
            "refused-delivery",
        )

    def _keep(self, delivery: Delivery, judge: Judge, verdict: Verdict) -> None:
        extract, day = delivery.extract, delivery.extract_date
        lake, contract = self.lake, verdict.contract
        if delivery.again:
            lake.remove_delivery(extract, day)
        is_anew = bool(lake.files("versions", extract, [str(day)]))
        exported = versions.export_versions(
            self.engine, judge.accepted_parts(), self.engine.folder / "export", day
        )
        lake.replace_rows(
            "versions", extract, versions.version_schema(contract), exported, [str(day)]
        )
        self.engine.register_parquet(
            "accepted",
            lake.files("versions", extract, [str(day)]),
            versions.stored_schema(contract),
        )
        books = {
            "rule_result": _rule_rows(delivery, verdict),
            "quarantine": _of_delivery(delivery, verdict.quarantine.to_pylist(), "quarantine"),
            "measure": _of_delivery(delivery, verdict.measures, "measure"),
            "correction": _correction_rows(delivery, verdict, self.corrections),
        }
        for book, rows in books.items():
            lake.write(book, rows, extract, day)
        merge_delivery(self.engine, lake, contract, day, _ledger_entry(delivery, verdict), is_anew)


def _names(delivery: Delivery) -> str:
    return ", ".join(landed.path.name for landed in delivery.files)


def _of_delivery(delivery: Delivery, rows: list[dict], book: str) -> pa.Table:
    said = {"extract": delivery.extract, "extract_date": delivery.extract_date}
    return pa.Table.from_pylist([{**row, **said} for row in rows], schema=BOOKS[book])


def _ledger_entry(delivery: Delivery, verdict: Verdict) -> dict:
    """What the merge needs to know of a delivery that is not in the ledger yet."""
    return {
        "extract_date": delivery.extract_date,
        "delivery": delivery.files[0].source.delivery,
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
    return _of_delivery(delivery, rows, "rule_result")


def _correction_rows(
    delivery: Delivery, verdict: Verdict, corrections: list[Correction]
) -> pa.Table:
    rows = [
        {
            "correction_id": correction.id,
            "rows_corrected": verdict.corrected[correction.id],
            "reason": correction.reason,
            "asked_by": correction.asked_by,
            "since": correction.since,
        }
        for correction in corrections
        if correction.id in verdict.corrected
    ]
    return _of_delivery(delivery, rows, "correction")


def _ledger_rows(
    delivery: Delivery, verdict: Verdict, profile: Profile, readings: dict[str, OpenedFile]
) -> list[dict]:
    counts = {file.file_name: file for file in verdict.files}
    rows = []
    for landed in delivery.files:
        count = counts[landed.path.name]
        rows.append(
            {
                "extract": delivery.extract,
                "extract_date": delivery.extract_date,
                "file_name": landed.path.name,
                "sha256": landed.sha256,
                "bytes": landed.bytes,
                "delivery": landed.source.delivery,
                "profile": profile.name,
                "format": readings[landed.path.name].format,
                "encoding": readings[landed.path.name].encoding,
                "rows_read": count.read,
                "rows_accepted": count.accepted,
                "rows_quarantined": count.quarantined,
                "rows_superseded": count.superseded,
                "rows_skipped": count.skipped,
                "columns": ", ".join(verdict.columns),
                "columns_ignored": ", ".join(verdict.unmapped),
                "history_from": verdict.history_from,
                "closed_only": verdict.closed_only,
                "warnings": "; ".join(verdict.warnings) or None,
                "judged_by": delivery.judged_by,
            }
        )
    return rows
