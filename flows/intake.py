"""Taking deliveries in: landed files -> judged rows -> the lake. Everything here can be repeated after a kill."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from data import extracts
from data.contract import contracts
from data.problem import Problem
from data.profile import SUFFIXES, Profile, Source
from data.store import DELIVERY, PARTITION, QUARANTINE, RULE_RESULT, Store
from expectations.batch import Batch
from expectations.judge import Judge, Verdict, rule_meanings
from transforms import versions


@dataclass(frozen=True)
class Landed:
    """A file in the landing folder."""

    path: Path
    source: Source
    extract_date: date
    sha256: str
    bytes: int


@dataclass
class Delivery:
    """The files of one extract: one kind, one extract date."""

    extract: str
    extract_date: date
    files: list[Landed]
    redelivered: bool = False


@dataclass
class Arrival:
    """What is in the landing folder: deliveries to take in, files that nothing is known of, what is wrong."""

    deliveries: list[Delivery] = field(default_factory=list)
    known: int = 0
    ignored: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def arrivals(landing: Path, store: Store, profile: Profile) -> Arrival:
    """Look at the landing folder. Content taken in before for the same extract date is known, whatever the file's name; for a later
    date it is news: nothing changed until then.

    Raises Problem where the folder does not exist, or neither it nor the store holds anything.
    """
    if not landing.is_dir():
        raise Problem(f"the landing folder {landing} does not exist", "give the folder that the extracts are delivered to with --landing")
    held = store.deliveries().to_pylist()
    taken = {(row["extract"], row["extract_date"], row["sha256"]) for row in held}
    dates = {(row["extract"], row["extract_date"]) for row in held}
    arrival = Arrival()
    by_extract: dict[tuple[date, str], Delivery] = {}
    sources = {path: profile.source_of(path) for path in sorted(landing.iterdir()) if path.is_file() and not path.name.startswith(".")}
    arrival.ignored = [path.name for path, source in sources.items() if source is None]
    named = {path: source for path, source in sources.items() if source}
    with ThreadPoolExecutor() as pool:
        fingerprints = dict(zip(named, pool.map(_fingerprint, named), strict=True))
    for path, source in named.items():
        try:
            if path.suffix.lower() not in SUFFIXES:
                raise Problem(
                    f"{path.name}: {path.suffix or 'a file without a suffix'} is not a supported format",
                    f"deliver it as one of {', '.join(SUFFIXES)}",
                )
            extract_date = source.date_of(path, datetime.fromtimestamp(path.stat().st_mtime, UTC).date())
            if isinstance(fingerprints[path], Problem):
                raise fingerprints[path]
            sha256, size = fingerprints[path]
        except Problem as problem:
            arrival.problems.append(problem)
            continue
        if (source.extract, extract_date, sha256) in taken:
            arrival.known += 1
            continue
        group = by_extract.setdefault((extract_date, source.extract), Delivery(source.extract, extract_date, []))
        if sha256 in {landed.sha256 for landed in group.files}:
            arrival.known += 1
            continue
        group.redelivered = (source.extract, extract_date) in dates
        group.files.append(Landed(path, source, extract_date, sha256, size))
    if not held and not by_extract and not arrival.problems:
        found = f"it holds only files of no known extract: {', '.join(arrival.ignored[:3])}" if arrival.ignored else "it is empty"
        patterns = ", ".join(source.files for source in profile.sources)
        raise Problem(
            f"there is nothing to compute from: the landing folder {landing}: {found}", f"deliver files named {patterns} (profile {profile.name})"
        )
    # The tree first, then by date: each delivery is judged against what is known on its day.
    order = {name: position for position, name in enumerate(("branches", "exposure", "claims", "complaints", "callbacks"))}
    arrival.deliveries = [by_extract[key] for key in sorted(by_extract, key=lambda key: (key[0], order[key[1]]))]
    return arrival


def _fingerprint(path: Path) -> tuple[str, int] | Problem:
    try:
        return extracts.fingerprint(path)
    except OSError as error:
        return Problem(f"{path.name} cannot be opened: {error.strerror}", "give the run read access to it")


def take_in(delivery: Delivery, store: Store, engine, profile: Profile, say: Callable[[str], None]) -> Verdict:
    """Read, judge and store one extract. The last write commits it.

    Raises Problem for a batch that cannot be judged, or comes again with other content; then nothing is stored.
    """
    contract = contracts()[delivery.extract]
    source = delivery.files[0].source
    batch = Batch(engine, contract, source, delivery.extract_date)
    readings = [(landed.path.name, extracts.read(landed.path, landed.source, engine.folder)) for landed in delivery.files]
    batch.read(readings)
    judge = Judge(batch)
    verdict = judge.verdict()
    if delivery.redelivered:
        _same_again(delivery, store, engine, verdict)
    else:
        _keep(delivery, store, engine, judge, verdict)
    store.commit_delivery(_delivery_rows(delivery, verdict, profile, dict(readings)))
    for file in verdict.files:
        say(
            f"{file.file_name}: {file.read:,} rows read = {file.accepted:,} accepted + {file.quarantined:,} quarantined"
            f" + {file.superseded:,} superseded + {file.skipped:,} skipped"
        )
    return verdict


def _same_again(delivery: Delivery, store: Store, engine, verdict: Verdict) -> None:
    """The same rows again change nothing; others are an error, since a figure may already stand on the first."""
    names = ", ".join(landed.path.name for landed in delivery.files)
    stored = store.files("versions", delivery.extract, delivery.extract_date)
    if verdict.quarantine.num_rows or not versions.same_content(engine, verdict.contract, stored):
        raise Problem(
            f"{names}: the {delivery.extract} extract of {delivery.extract_date} was delivered before with other content",
            "deliver corrections under a later extract date; the first delivery stays as it is",
        )
    for file in verdict.files:
        file.superseded, file.accepted = file.superseded + file.accepted, 0


def _keep(delivery: Delivery, store: Store, engine, judge: Judge, verdict: Verdict) -> None:
    extract, day = delivery.extract, delivery.extract_date
    exported = engine.folder / "export"
    store.replace(
        "versions", extract, versions.version_schema(verdict.contract), versions.export(engine, judge.accepted_parts(), exported, day), [str(day)]
    )
    engine.scan("accepted", store.files("versions", extract, day), versions.stored_schema(verdict.contract))
    store.write_quality("rule_result", extract, day, _rule_rows(delivery, verdict))
    store.write_quality("quarantine", extract, day, _quarantine_rows(delivery, verdict))
    _merge(delivery, store, engine, verdict)


def _merge(delivery: Delivery, store: Store, engine, verdict: Verdict) -> None:
    """Bring the current table up to date. The versions of a single delivery, or of a latest full one, are current as they are."""
    extract, day = delivery.extract, delivery.extract_date
    held = store.delivered(extract)
    is_full = delivery.files[0].source.delivery == "full"
    if not held or (is_full and day > max(row["extract_date"] for row in held)):
        return
    full = {row["extract_date"] for row in held if row["delivery"] == "full"} | ({day} if is_full else set())
    former = store.current_files(extract)
    months = versions.prepare_merge(engine, verdict.contract, former, sorted(full))
    if not store.is_merged(extract):
        months = None
    if months != []:
        exported = engine.folder / "export"
        engine.export(versions.merged_sql(verdict.contract, whole=months is None), exported, PARTITION["current"])
        store.replace("current", extract, versions.stored_schema(verdict.contract), exported, months)


def _rule_rows(delivery: Delivery, verdict: Verdict) -> pa.Table:
    meanings = rule_meanings(verdict.contract)
    rows = [
        {
            "extract": delivery.extract,
            "extract_date": delivery.extract_date,
            "rule_id": finding.rule,
            "severity": finding.severity,
            "column_name": finding.column,
            "meaning_zh": meanings[finding.rule]["zh"],
            "meaning_en": meanings[finding.rule]["en"],
            "success": finding.success,
            "rows_failed": finding.failed,
            "examples": verdict.examples.get(finding.rule),
        }
        for finding in verdict.findings
    ]
    return pa.Table.from_pylist(rows, schema=RULE_RESULT)


def _quarantine_rows(delivery: Delivery, verdict: Verdict) -> pa.Table:
    rows = verdict.quarantine
    rows = rows.append_column("extract", pa.array([delivery.extract] * len(rows), pa.string()))
    rows = rows.append_column("extract_date", pa.array([delivery.extract_date] * len(rows), pa.date32()))
    return rows.select(QUARANTINE.names).cast(QUARANTINE)


def _delivery_rows(delivery: Delivery, verdict: Verdict, profile: Profile, readings: dict[str, extracts.Reading]) -> pa.Table:
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
            }
        )
    return pa.Table.from_pylist(rows, schema=DELIVERY)
