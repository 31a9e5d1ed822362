"""What a delivery was judged by, and which deliveries are judged again as that has changed."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from data.config.contract import load_contracts
from data.config.correction import Correction
from data.config.profile import Profile
from flows.intake.landed_file import FileKey


@dataclass(frozen=True)
class JudgingFingerprint:
    """What a delivery is judged by, as far as it may change without the code.

    `releases` are rows of the lake's book of that name.
    """

    profile: Profile
    corrections: list[Correction]
    releases: list[dict]

    def fingerprint(self, extract: str, extract_date: date) -> str:
        """Return 16 hexadecimal digits that change when anything changes that judges a delivery.

        A setting with its default counts as one that is left out (decision 85).
        """
        sources = [
            source.model_dump_json(exclude_defaults=True)
            for source in self.profile.sources
            if source.extract == extract
        ]
        corrections = [
            correction.model_dump_json(exclude_defaults=True)
            for correction in self.corrections
            if correction.extract == extract
        ]
        releases = [
            row
            for row in self.releases
            if row["extract"] == extract and row["extract_date"] == extract_date
        ]
        contract = load_contracts()[extract].model_dump_json(exclude_defaults=True)
        judged_by = (contract, self.profile.timezone, sources, corrections, releases)
        return hashlib.sha256(repr(judged_by).encode()).hexdigest()[:16]


def find_files_to_judge_again(
    ledger: list[dict], landed_keys: set[FileKey], rules: JudgingFingerprint, retry: bool
) -> tuple[set[FileKey], list[str]]:
    """Return the files of deliveries that are to be judged again, and notes about those that
    cannot be, since landing no longer holds their files.

    A delivery is judged again where rows of it are quarantined and the rules for it have changed;
    with `retry`, where rows of it are quarantined. Where none are, new rules would find nothing to
    let pass: what was accepted stays accepted.
    """
    rows_by_delivery: dict[tuple[str, date], list[dict]] = defaultdict(list)
    for row in ledger:
        rows_by_delivery[row["extract"], row["extract_date"]].append(row)
    again: set[FileKey] = set()
    notes = []
    for (extract, extract_date), rows in rows_by_delivery.items():
        quarantined = sum(row["rows_quarantined"] for row in rows)
        fingerprint = rules.fingerprint(extract, extract_date)
        has_changed = any(row["judged_by"] != fingerprint for row in rows)
        if not quarantined or not (retry or has_changed):
            continue
        file_names = {(extract, extract_date, row["sha256"]): row["file_name"] for row in rows}
        missing = sorted(file_names[key] for key in file_names.keys() - landed_keys)
        if missing:
            notes.append(
                f"{quarantined:,} quarantined rows of the {extract} extract of {extract_date}"
                f" cannot be judged again: landing no longer holds {', '.join(missing[:3])}"
            )
        else:
            again |= file_names.keys()
    return again, notes
