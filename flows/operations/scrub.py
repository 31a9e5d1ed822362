"""The weekly full check of a store: whoever is notified of runs hears of damage, too."""

import json
from datetime import datetime
from pathlib import Path

from data.config.operations import load_operations
from data.store.atomic import write_text
from data.store.incidents import edit_incidents, record_findings
from data.store.lock import hold_lock
from data.store.migration import migrate_store
from data.store.scrub import ScrubResult, check_store, repair_store
from data.store.store import Store
from flows.monitoring import notify


def scrub_store(store: Store, archive: Path | None, now: datetime) -> tuple[ScrubResult, list[str]]:
    """Check every file of a store that has a checksum.

    Args:
        store: the store; nobody else may hold it.
        archive: a backup to put back from what is damaged; None: nothing is put back.
        now: the moment.

    Returns:
        What is damaged in the end, and what was put back. It is on record, and owners are notified.
    """
    repaired = []
    # Not by `store.locked`, which goes no further where checksums have been lost.
    with hold_lock(store.root):
        migrate_store(store.root)
        if archive is not None:
            repaired = repair_store(store, archive)
        result = check_store(store)
        if not result.faults:
            store.record_unfinished()
    _record_result(store, result, now)
    return result, repaired


def _record_result(store: Store, result: ScrubResult, now: datetime) -> None:
    sentences = []
    if result.faults:
        example = next(iter(result.faults.values()))
        sentences.append(
            f"{len(result.faults)} files of the store are damaged: {example}"
            " (docs/runbook/damaged-store.md)"
        )
    settings = load_operations(store.operations)
    facts = {
        "ended": now.isoformat(timespec="seconds"),
        "files": result.files,
        "bytes": result.bytes,
        "faults": len(result.faults),
    }
    write_text(store.last_scrub, json.dumps(facts, ensure_ascii=False))
    with edit_incidents(store.incidents) as incidents:
        record_findings(incidents, "scrub", sentences, now.date())
        notify.notify_owners(incidents, settings, now)
