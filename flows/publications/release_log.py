"""The checks that a release went through before it is published: the rows of its `qa-log.csv`."""

from data.store.releases import SIGNERS
from flows.publications.release_inputs import ReleaseInputs
from flows.publications.release_returns import read_controls
from reports.release.lint.registry import list_rule_ids
from reports.release.lint.rule import Finding
from transforms.returns.attacker import Attack

OUTCOMES = ("accepted", "quarantined", "superseded", "skipped")  # what becomes of a row


def list_checks(
    inputs: ReleaseInputs, findings: list[Finding], attack: Attack
) -> list[dict[str, str]]:
    """Return a row per check: who signed, what adds up, and every rule about the files.

    Each has `check_id`, `what`, `outcome` (passed or failed) and `found`: who signed, or three
    examples of what is wrong (rules P2 and P3).
    """
    rows = []
    for role in SIGNERS:
        signed_as = f"signed as {role.split('_')[0]}"
        rows.append(_row(role, signed_as, "passed", getattr(inputs.request, role)))
    balance = f"rows read = {' + '.join(OUTCOMES)}, per file"
    rows.append(_check_row("reconciliation", balance, _files_that_do_not_add_up(inputs)))
    # A wrong control total has stopped the release before.
    for control in read_controls(inputs):
        check_id = f"{control['return_id']}.{control['control_id']}"
        rows.append(_row(check_id, f"{control['sums_checked']} sums", "passed", ""))
    files = "the files of this release and of the earlier ones to the same readers"
    protection = f"{attack.tried} hidden counts attacked from {files}"
    rows.append(_check_row("d3", protection, attack.findings))
    broken = {finding.rule: str(finding) for finding in findings}
    for rule_id in dict.fromkeys(list_rule_ids()):
        wrong = [broken[rule_id]] if rule_id in broken else []
        rows.append(_check_row(rule_id.lower(), "rule of workbooks and CSV", wrong))
    return rows


def _files_that_do_not_add_up(inputs: ReleaseInputs) -> list[str]:
    return [
        row["file_name"]
        for row in inputs.read_table("quality_input_file")
        if row["rows_read"] != _count_outcomes(row)
    ]


def _count_outcomes(row: dict) -> int:
    return sum(row[f"rows_{outcome}"] for outcome in OUTCOMES)


def _check_row(check_id: str, what: str, wrong: list[str]) -> dict[str, str]:
    """Return a row that has failed where anything is wrong."""
    outcome = "passed"
    if wrong:
        outcome = "failed"
    return _row(check_id, what, outcome, "; ".join(wrong[:3]))


def _row(check_id: str, what: str, outcome: str, details: str) -> dict[str, str]:
    return {
        "check_id": check_id,
        "what": what,
        "outcome": outcome,
        "found": details,
    }
