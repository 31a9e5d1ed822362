"""The table of contents of a release: the returns of a publication, small numbers hidden, written,
linted and logged, in a folder that is not a release yet.
"""

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

from data.config.policy import policy_from_manifest
from data.config.policy_sections import ReleasePolicy
from data.config.return_layout import Return
from data.problem import Problem
from data.store.releases import (
    Releases,
    describe_release,
    next_version,
    write_release_manifest,
)
from data.store.store import Store
from flows.publications.release_changes import list_changes
from flows.publications.release_facts import build_release_facts
from flows.publications.release_inputs import ReleaseInputs, list_columns, open_inputs
from flows.publications.release_log import list_checks
from flows.publications.release_request import ReleaseRequest, check_request
from flows.publications.release_returns import list_earlier, load_returns, read_earlier_counts
from reports.release import csvw
from reports.release.cells import round_ratios
from reports.release.facts import ReleaseFacts
from reports.release.lint.rule import Finding
from reports.release.lint.run import lint_release, lint_release_files
from reports.render import render_release
from transforms.returns.attacker import Attack, attack_release
from transforms.returns.disclosure import (
    FEW_CASES,
    HIDDEN,
    NOT_APPLICABLE,
    NOT_AVAILABLE,
    mark_hidden_cells,
)

COUNTED_MARKS = (HIDDEN, FEW_CASES, NOT_AVAILABLE, NOT_APPLICABLE)


def build_release(
    store: Store, releases: Releases, request: ReleaseRequest
) -> tuple[Path, ReleaseRequest, list[str]]:
    """Build a release. Returns its folder, not committed yet, the request with its version, and the
    periods of its returns.

    Raises Problem where the publication is held, a template is unknown, a signature or a date is
    wrong, a control total is wrong, a count cannot be hidden, or a rule is broken.
    """
    inputs = open_inputs(store, releases, request)
    policy = policy_from_manifest(inputs.manifest.recipe.policy).release
    check_request(request, inputs.manifest.recipe.as_of, policy.signers)
    floor = _floor(policy, request.audience)
    earlier = read_earlier_counts(inputs)
    returns = mark_hidden_cells(load_returns(inputs), floor, policy.few, earlier)
    if request.audience == "public":
        returns = [round_ratios(content) for content in returns]
    inputs = _with_version(inputs, returns)
    changes = list_changes(inputs, returns)
    periods = _list_periods(returns)
    _check_correction(inputs, periods, changes)
    facts = build_release_facts(inputs, returns, policy, floor, changes)

    folder = releases.building(request.name)
    render_release(folder, returns, facts, changes)
    findings = lint_release_files(folder)
    attack = _attack(inputs, returns, folder, floor)
    checks = list_checks(inputs, findings, attack)
    csvw.write_list(folder / "qa-log.csv", checks, list(checks[0]))
    write_release_manifest(folder, _describe(inputs, returns, facts, folder))
    # Rules about the release as a whole read its manifest.
    findings += lint_release(folder)
    _fail_on_findings(findings)
    return folder, inputs.request, periods


def _attack(inputs: ReleaseInputs, returns: list[Return], folder: Path, floor: int) -> Attack:
    """Return how an attack on the files of a release ended, of which the same readers have others.

    Raises Problem where a hidden count could be narrowed down further than is promised.
    """
    layouts = [content.layout for content in returns]
    attack = attack_release([*list_earlier(inputs), (folder, layouts)], floor)
    if attack.findings:
        raise Problem(
            f"{len(attack.findings)} of {attack.tried} hidden counts could be worked out from the"
            f" files: {'; '.join(attack.findings[:3])}",
            "nothing was released; leave a return out, or publish it with a later period",
        )
    return attack


def _list_periods(returns: list[Return]) -> list[str]:
    """Return which periods the returns are about, as "RETURN PERIOD"."""
    return sorted(
        {f"{content.layout.id} {row['time_period']}" for content in returns for row in content.rows}
    )


def _check_correction(inputs: ReleaseInputs, periods: list[str], changes: list[dict]) -> None:
    request = inputs.request
    if not request.correction:
        return
    wrong = request.correction["replaces"]
    entries = {entry["version"]: entry for entry in inputs.releases.register(request.name)}
    if entries[wrong]["periods"] != periods:
        raise Problem(
            f"{request.name} {wrong} is of {', '.join(entries[wrong]['periods'])}, the publication"
            f" {request.publication_id} of {', '.join(periods)}",
            "correct it from a publication of the same periods; another period is another release",
        )
    if not changes:
        raise Problem(
            f"nothing that readers of {request.name} {wrong} see changes in the publication"
            f" {request.publication_id}",
            "there is nothing to correct",
        )


def _floor(policy: ReleasePolicy, audience: str) -> int:
    return policy.public_floor if audience == "public" else policy.regulator_floor


def _with_version(inputs: ReleaseInputs, returns: list[Return]) -> ReleaseInputs:
    """Return the inputs with the version of the release, which a reproduction has already."""
    request = inputs.request
    if request.version:
        return inputs
    columns = [name for content in returns for name in list_columns(content.layout)]
    register = inputs.releases.register(request.name)
    latest = register[-1]["version"] if register else None
    version = next_version(latest, inputs.former_columns, columns)
    return replace(inputs, request=replace(request, version=version))


def _describe(
    inputs: ReleaseInputs, returns: list[Return], facts: ReleaseFacts, folder: Path
) -> dict:
    """Return the manifest of a release. Its keys are published."""
    request = inputs.request
    layout_texts = inputs.layout_texts()
    return {
        "name": request.name,
        "version": request.version,
        "asked": asdict(request),
        "returns": {template: layout_texts[template] for template in request.templates},
        "floor": facts.floor,
        "few": facts.few,
        "publication_manifest_sha256": facts.manifest_sha256,
        "marks": _count_marks(returns),
        "files": describe_release(folder),
    }


def _count_marks(returns: list[Return]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for content in returns:
        for marks in content.marks:
            counts.update(marks.values())
    return {mark: counts[mark] for mark in COUNTED_MARKS}


def _fail_on_findings(findings: list[Finding]) -> None:
    if not findings:
        return
    examples = "; ".join(map(str, findings[:5]))
    if len(findings) > 5:
        examples += f"; and {len(findings) - 5} more"
    raise Problem(f"the release breaks {len(findings)} rules: {examples}", "nothing was released")
