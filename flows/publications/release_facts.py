"""What cover and metadata of a release say about it."""

from functools import partial

from data.config.policy_sections import ReleasePolicy
from data.config.return_layout import Return
from data.store.manifest import manifest_sha256
from data.store.releases import file_stem
from flows.publications.release_changes import row_status
from flows.publications.release_inputs import ReleaseInputs
from flows.publications.release_returns import read_controls
from reports.release.facts import ReleaseFacts

UNKNOWN = "-"


def build_release_facts(
    inputs: ReleaseInputs,
    returns: list[Return],
    policy: ReleasePolicy,
    floor: int,
    changes: list[dict],
) -> ReleaseFacts:
    """Return what cover and metadata say about a release.

    Args:
        inputs: what it is built from.
        returns: its returns with the marks of their cells.
        policy: the one that its publication was made by.
        floor: smaller counts are hidden.
        changes: what differs from the version before.
    """
    request = inputs.request
    language = request.language
    announced_on = request.announced_on or UNKNOWN
    producer = _find_producer(inputs)
    checksum = manifest_sha256(inputs.publication)
    titles = tuple(content.layout.title[language] for content in returns)
    state = _weakest_status(inputs, returns)
    notice = _correction_notice(inputs, changes)
    quality = _describe_quality(inputs, returns)
    status_of_row = partial(row_status, inputs)
    return ReleaseFacts(
        name=request.name,
        version=request.version,
        language=language,
        audience=request.audience,
        publication_id=request.publication_id,
        publish_at=request.publish_at,
        announced_on=announced_on,
        next_release=request.next_release,
        pre_release=request.pre_release,
        producer=producer,
        manifest_sha256=checksum,
        titles=titles,
        contact=policy.contact,
        licence=policy.licence,
        low_marker=policy.low_marker,
        floor=floor,
        few=policy.few,
        state=state,
        notice=notice,
        quality=quality,
        correction=request.correction,
        row_status=status_of_row,
    )


def _find_producer(inputs: ReleaseInputs) -> str:
    """Return the name of the head office; of several, that of the first code."""
    branches = inputs.read_table("dim_branch")
    head_offices = [row for row in branches if row["branch_level"] == "head_office"]
    if not head_offices:
        return UNKNOWN
    first = min(head_offices, key=lambda row: row["branch_code"])
    return first["name"] or UNKNOWN


def _weakest_status(inputs: ReleaseInputs, returns: list[Return]) -> str:
    statuses = set()
    for content in returns:
        for row, marks in zip(content.rows, content.marks, strict=True):
            statuses.add(row_status(inputs, content.layout, row, marks))
    for status in ("provisional", "revised"):
        if status in statuses:
            return status
    return "final"


def _correction_notice(inputs: ReleaseInputs, changes: list[dict]) -> tuple[str, ...]:
    """Return the lines of the cover about a correction; none where it corrects nothing."""
    request = inputs.request
    correction = request.correction
    if not correction:
        return ()
    return (
        f"{request.publish_at[:10]}: {request.version} / {correction['replaces']}",
        correction["cause"],
        correction["prevention"],
        f"{len(changes)}: correction-notice.csv",
    )


def _describe_quality(inputs: ReleaseInputs, returns: list[Return]) -> dict[str, str]:
    """Return what the sentences about quality quote, by their placeholder."""
    files = inputs.read_table("quality_input_file")

    def count_rows(*outcomes: str) -> str:
        return str(sum(row[f"rows_{outcome}"] for row in files for outcome in outcomes))

    layouts = [content.layout for content in returns]
    return {
        "read": count_rows("read"),
        "accepted": count_rows("accepted"),
        "quarantined": count_rows("quarantined"),
        "other": count_rows("superseded", "skipped"),
        "controls": str(sum(row["sums_checked"] for row in read_controls(inputs))),
        "as_of": inputs.manifest.recipe.as_of.isoformat(),
        "versions": ", ".join(f"{file_stem(layout.id)} {layout.version}" for layout in layouts),
    }
