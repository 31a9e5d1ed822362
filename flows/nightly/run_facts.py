"""What the manifest and the report say of a run."""

from collections import Counter
from operator import itemgetter

from data.config.contract import load_contracts
from data.config.operations import load_operations
from data.store.manifest import BuildFacts, Checks, read_manifest
from expectations.audits.run import AuditFailure, audit_names
from flows.monitoring.notify import list_owners
from flows.nightly.run_context import Run
from flows.publications.build import open_snapshot

RULE_COLUMNS = ["extract", "extract_date", "rule_id", "severity", "rows_failed"]


def build_facts(run: Run, failures: list[AuditFailure]) -> BuildFacts:
    """Return what both the manifest and the report say of a run."""
    operations = load_operations(run.store.operations)
    return BuildFacts(
        publication_id=run.publication_id,
        recipe=run.require_recipe(),
        notes=run.notes,
        problems=[str(problem) for problem in run.problems],
        hold_request=run.options.hold_request,
        owners=list_owners(operations, list(load_contracts())),
        hold_reasons=hold_reasons(run, failures),
        compared_with=run.compared_with,
    )


def hold_reasons(run: Run, failures: list[AuditFailure]) -> list[str]:
    """Return why readers must not see this build; an empty list means they may."""
    reasons = []
    if run.options.hold_request:
        reasons.append(run.options.hold_request)
    reasons += [str(failure) for failure in failures]
    if run.policy.on_failed_extract == "hold":
        reasons += [str(problem) for problem in run.problems]
    return reasons


def list_checks(run: Run, failures: list[AuditFailure]) -> Checks:
    """Return what every rule and every audit found, also those that found no row."""
    counts = Counter()
    for failure in failures:
        counts[failure.audit] += failure.rows
    rules = run.tables["quality_rule_result"].select(RULE_COLUMNS)
    return Checks(rules=rules.to_pylist(), audits={name: counts[name] for name in audit_names()})


def new_warnings(run: Run) -> list[str]:
    """Return the warnings of deliveries that readers have not seen yet, each once.

    Whichever run took them in: it may have been killed before it could report them.
    """
    identity = itemgetter("extract_date", "extract", "file_name", "sha256", "judged_by")
    seen = {identity(row) for row in _published_deliveries(run)}
    deliveries = sorted(run.require_snapshot().deliveries, key=identity)
    warnings = [
        row["warnings"] for row in deliveries if row["warnings"] and identity(row) not in seen
    ]
    return list(dict.fromkeys(warnings))


def _published_deliveries(run: Run) -> list[dict]:
    current = run.store.current()
    if current is None:
        return []
    published = read_manifest(run.store.publication(current))
    if published.lake is None:
        return []
    return open_snapshot(run.store, published).deliveries
