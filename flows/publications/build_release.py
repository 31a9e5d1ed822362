"""How a release is made: the returns of a publication, small numbers hidden, written, linted,
logged - in a folder that is not a release yet.
"""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as pq

from data.config.policy import policy_from_manifest
from data.config.policy_sections import ReleasePolicy
from data.config.return_layout import Return, parse_layout
from data.problem import Problem
from data.store.manifest import Manifest, read_manifest
from data.store.releases import (
    Releases,
    describe_release,
    file_stem,
    next_version,
    parse_layouts,
    read_release_manifest,
    read_rows,
    write_release_manifest,
)
from data.store.store import Store
from flows.publications import decisions, lookup
from reports.release import csvw
from reports.release.facts import ReleaseFacts
from reports.release.lint.registry import list_rule_ids
from reports.release.lint.release_rules import SIGNERS
from reports.release.lint.run import lint_release, lint_release_files
from reports.render import render_release
from transforms.returns import disclosure

ENDS = {"year": ("12-31",), "half_year": ("06-30", "12-31"), "year_from_april": ("03-31",)}


@dataclass(frozen=True)
class ReleaseRequest:
    """What a release is made of beside its publication: everything that its bytes depend on."""

    name: str
    publication_id: str
    templates: tuple[str, ...]
    audience: str
    language: str
    prepared_by: str
    checked_by: str
    approved_by: str
    publish_at: str
    announced_on: str = ""
    next_release: str = ""
    pre_release: tuple[str, ...] = ()
    correction: dict | None = None
    before: str | None = None  # the version before it, with which its rows are compared
    earlier: tuple[str, ...] = ()  # releases that the same readers have seen
    version: str = ""

    @staticmethod
    def of(manifest: dict) -> "ReleaseRequest":
        """What a frozen release was made of."""
        return ReleaseRequest(
            **{
                name: tuple(value) if isinstance(value, list) else value
                for name, value in manifest["asked"].items()
            }
        )


@dataclass
class ReleaseBuild:
    """A release while it is made: its publication's tables, and the release before it."""

    asked: ReleaseRequest
    releases: Releases
    publication: Path
    manifest: Manifest
    before: dict[str, list[tuple[dict, dict]]] = field(default_factory=dict)

    def table(self, name: str) -> list[dict]:
        return pq.read_table(self.publication / "tables" / f"{name}.parquet").to_pylist()


def build_release(
    store: Store, releases: Releases, asked: ReleaseRequest
) -> tuple[Path, ReleaseRequest]:
    """A built folder, not yet committed, and what it was made of, its version among it."""
    making = _opened(store, releases, asked)
    settings = policy_from_manifest(making.manifest.recipe.policy).release
    returns = _returns(making)
    is_public = asked.audience == "public"
    floor = settings.public_floor if is_public else settings.regulator_floor
    told = disclosure.mark_hidden_cells(returns, floor, settings.few, _earlier(making))
    columns = [f"{layout.id}.{name}" for layout, _ in returns for name in layout.schema.names]
    asked = replace(
        asked, version=asked.version or next_version(asked.before, _columns_before(making), columns)
    )
    making = replace(making, asked=asked)
    folder = releases.building(asked.name)
    changes = _changes(making, told)
    facts = _facts(making, told, settings, floor, changes)
    render_release(folder, told, facts, changes)
    findings = lint_release_files(folder)
    log = _log(making, told, findings)
    csvw.write_list(folder / "qa-log.csv", log, list(log[0]))
    returned = {
        return_id: text
        for return_id, text in _layout_texts(making).items()
        if return_id in asked.templates
    }
    described = {
        "name": asked.name,
        "version": asked.version,
        "asked": asdict(asked),
        "returns": returned,
        "floor": floor,
        "few": settings.few,
    }
    described |= {
        "publication_manifest_sha256": facts.manifest_sha256,
        "marks": _mark_counts(told),
        "files": describe_release(folder),
    }
    write_release_manifest(folder, described)
    findings += lint_release(folder)
    if findings:
        more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
        raise Problem(
            f"the release breaks {len(findings)} rules: "
            + "; ".join(map(str, findings[:5]))
            + more,
            "nothing was released",
        )
    return folder, asked


def _opened(store: Store, releases: Releases, asked: ReleaseRequest) -> ReleaseBuild:
    publication = lookup.get_publication(store, asked.publication_id)
    if why := decisions.hold_reason(store, asked.publication_id):
        raise Problem(
            f"publication {asked.publication_id} is held: {why}", "release one that readers may see"
        )
    manifest = read_manifest(publication)
    making = ReleaseBuild(asked, releases, publication, manifest)
    if asked.before:
        folder = releases.folder(asked.name, asked.before)
        making.before = {
            layout.id: list(zip(*read_rows(folder, layout), strict=True))
            for layout in parse_layouts(read_release_manifest(folder))
        }
    return making


def _layout_texts(making: ReleaseBuild) -> dict[str, str]:
    return {row["return_id"]: row["layout"] for row in making.table("dim_return")}


def _returns(making: ReleaseBuild) -> list[tuple]:
    """The layouts and rows of the templates that were asked for."""
    texts = _layout_texts(making)
    unknown = [name for name in making.asked.templates if name not in texts]
    if unknown or not making.asked.templates:
        raise Problem(
            f"there is no template {', '.join(unknown) or 'asked for'}", f"use {', '.join(texts)}"
        )
    wrong = [
        row
        for row in making.table("reg_control")
        if row["return_id"] in making.asked.templates and row["sums_wrong"]
    ]
    if wrong:
        said = "; ".join(
            f"{row['return_id']}: {row['control_id']}: {row['examples']}" for row in wrong[:3]
        )
        raise Problem(
            f"{len(wrong)} control totals do not hold: {said}",
            "mend the extracts or the template; nothing was released",
        )
    return [
        (parse_layout(name, texts[name]), making.table(name)) for name in making.asked.templates
    ]


def _earlier(making: ReleaseBuild) -> dict[str, int | None]:
    """The counts that earlier releases told the same readers, None where they hid them: once
    hidden, hidden.
    """
    told: dict[str, int | None] = {}
    for release in making.asked.earlier:
        folder = making.releases.folder(*release.split(" "))
        for layout in parse_layouts(read_release_manifest(folder)):
            for row, marks in zip(*read_rows(folder, layout), strict=True):
                for column in layout.columns:
                    if column.role == "count" and (
                        marks[column.name] == "c" or row[column.name] is not None
                    ):
                        name = disclosure.figure_name(layout, column, row)
                        hidden = marks[column.name] == "c" or (name in told and told[name] is None)
                        told[name] = None if hidden else row[column.name]
    return told


def _columns_before(making: ReleaseBuild) -> list[str]:
    if not making.asked.before:
        return []
    manifest = read_release_manifest(making.releases.folder(making.asked.name, making.asked.before))
    return [
        f"{layout.id}.{name}" for layout in parse_layouts(manifest) for name in layout.schema.names
    ]


def _row_status(making: ReleaseBuild, layout, row: dict, marks: dict) -> str:
    """provisional: the period is not over; revised: a figure differs from the version before;
    final.
    """
    ends = ENDS.get(row["time_identifier"])
    if ends and not row["time_period"].endswith(ends):
        return "provisional"
    key = tuple(row[name] for name in layout.key)
    for former, former_marks in making.before.get(layout.id, ()):
        if tuple(former[name] for name in layout.key) == key:
            numbers = [column.name for column in layout.columns if column.is_number]
            same = all(
                former.get(name) == (None if marks[name] == "c" else row[name])
                or "c" in (marks[name], former_marks[name])
                for name in numbers
            )
            return "final" if same else "revised"
    return "final"


def _changes(making: ReleaseBuild, told: list[Return]) -> list[dict]:
    """What differs from the version before, as readers see both: columns and rows that came or
    went, figures old and new. A hidden figure stays unsaid.
    """
    changes = []
    for one in told:
        layout, former = one.layout, making.before.get(one.layout.id)
        if former is None:
            continue
        old = {tuple(row[name] for name in layout.key): (row, marks) for row, marks in former}
        new = {
            tuple(row[name] for name in layout.key): (row, marks)
            for row, marks in zip(one.rows, one.marks, strict=True)
        }
        for key in sorted({*old, *new}):
            named = {"return_id": layout.id, "key": " ".join(key)}
            if key not in old or key not in new:
                changes.append(
                    named
                    | {
                        "change": "row_added" if key in new else "row_removed",
                        "column_name": "",
                        "old": "",
                        "new": "",
                    }
                )
                continue
            for column in (column for column in layout.columns if column.is_number):
                before, after = (_shown(held, column.name) for held in (old[key], new[key]))
                if before != after:
                    changes.append(
                        named
                        | {
                            "change": "value_changed",
                            "column_name": column.name,
                            "old": before,
                            "new": after,
                        }
                    )
    return changes


def _shown(held: tuple[dict, dict], name: str) -> str:
    row, marks = held
    return (
        f"[{marks[name]}]"
        if marks.get(name) in ("c", "x", "z")
        else ""
        if row.get(name) is None
        else csvw.format_digits(row[name])
    )


def _mark_counts(told: list[Return]) -> dict[str, int]:
    marks = [mark for one in told for row in one.marks for mark in row.values()]
    return {mark: marks.count(mark) for mark in ("c", "u", "x", "z")}


def _facts(
    making: ReleaseBuild,
    told: list[Return],
    settings: ReleasePolicy,
    floor: int,
    changes: list[dict],
) -> ReleaseFacts:
    """What cover and metadata say of the release."""
    asked, files = making.asked, making.table("quality_input_file")
    heads = [row for row in making.table("dim_branch") if row["branch_level"] == "head_office"]
    states = {
        _row_status(making, one.layout, row, marks)
        for one in told
        for row, marks in zip(one.rows, one.marks, strict=True)
    }
    notice = []
    if asked.correction:
        notice = [
            f"{asked.publish_at[:10]}: {asked.version} / {asked.correction['replaces']}",
            asked.correction["cause"],
            asked.correction["prevention"],
        ]
        notice += [f"{len(changes)}: correction-notice.csv"]
    total = {
        name: sum(row[f"rows_{name}"] for row in files)
        for name in ("read", "accepted", "quarantined", "superseded", "skipped")
    }
    controls = sum(
        row["sums_checked"]
        for row in making.table("reg_control")
        if row["return_id"] in asked.templates
    )
    quality = {name: str(total[name]) for name in ("read", "accepted", "quarantined")} | {
        "other": str(total["superseded"] + total["skipped"])
    }
    quality |= {"controls": str(controls), "as_of": making.manifest.recipe.as_of.isoformat()}
    quality |= {
        "versions": ", ".join(f"{file_stem(one.layout.id)} {one.layout.version}" for one in told)
    }
    producer = min(heads, key=lambda row: row["branch_code"])["name"] if heads else None
    state = "final"
    if "provisional" in states:
        state = "provisional"
    elif "revised" in states:
        state = "revised"
    publication_manifest = (making.publication / "manifest.json").read_bytes()
    return ReleaseFacts(
        name=asked.name,
        version=asked.version,
        language=asked.language,
        audience=asked.audience,
        publication_id=asked.publication_id,
        publish_at=asked.publish_at,
        announced_on=asked.announced_on or "-",
        next_release=asked.next_release,
        pre_release=asked.pre_release,
        producer=producer or "-",
        manifest_sha256=hashlib.sha256(publication_manifest).hexdigest(),
        titles=tuple(one.layout.title[asked.language] for one in told),
        contact=settings.contact,
        licence=settings.licence,
        low_marker=settings.low_marker,
        floor=floor,
        few=settings.few,
        state=state,
        notice=tuple(notice),
        quality=quality,
        correction=asked.correction,
        row_status=lambda layout, row, marks: _row_status(making, layout, row, marks),
    )


def _log(making: ReleaseBuild, told: list[Return], findings: list) -> list[dict]:
    """The checks that were made before publication, one row each (P2, P3)."""
    asked = making.asked
    rows = [
        {
            "check_id": who,
            "what": f"signed as {who.split('_')[0]}",
            "outcome": "passed",
            "found": getattr(asked, who),
        }
        for who in SIGNERS
    ]
    files = making.table("quality_input_file")
    parts = ("accepted", "quarantined", "superseded", "skipped")
    wrong = [
        row["file_name"]
        for row in files
        if row["rows_read"] != sum(row[f"rows_{part}"] for part in parts)
    ]
    rows.append(
        _checked(
            "reconciliation",
            "rows read = accepted + quarantined + superseded + skipped, per file",
            wrong,
        )
    )
    for row in making.table("reg_control"):
        if row["return_id"] in asked.templates:
            rows.append(
                {
                    "check_id": f"{row['return_id']}.{row['control_id']}",
                    "what": f"{row['sums_checked']} sums",
                    "outcome": "passed",
                    "found": "",
                }
            )
    rows.append(
        _checked("d3", "no hidden count follows from what is told, here or in earlier releases", [])
    )
    broken = {finding.rule: finding for finding in findings}
    for rule in dict.fromkeys(list_rule_ids()):
        rows.append(
            _checked(
                rule.lower(),
                "rule of workbooks and CSV",
                [str(broken[rule])] if rule in broken else [],
            )
        )
    return rows


def _checked(check_id: str, what: str, wrong: list[str]) -> dict:
    return {
        "check_id": check_id,
        "what": what,
        "outcome": "failed" if wrong else "passed",
        "found": "; ".join(wrong[:3]),
    }
