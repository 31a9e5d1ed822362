"""What stands behind a published figure: it can be checked, rebuilt, withdrawn, and compared with
what was said before.
"""

import csv
import itertools
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from data.config import published_tables
from data.config.policy import policy_from_manifest
from data.problem import Problem
from data.store import backfill_requests, manifest, program, signature
from data.store.backfill_requests import BackfillScope
from data.store.former_parts import FormerParts
from data.store.table_files import read_table, table_files, write_tables
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly import backfill
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from flows.publications import build as building
from flows.publications import compare, decisions, preview, reproduce, verify
from reports import render
from tests import stores
from tests.stores import JULY, JUNE, write_key
from transforms.engine.duckdb_engine import DuckDB


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory):
    """The store after two nights a month apart, and their outcomes."""
    nights = stores.two_nights().copy(tmp_path_factory.mktemp("company") / "copy")
    return nights.store, *nights.outcomes


@pytest.fixture(scope="module")
def keys(two_nights):
    store, *_ = two_nights
    return {name: store.root.parent / "keys" / f"{name}.pem" for name in ("private", "public")}


@pytest.fixture
def altered(two_nights):
    """Replaces a file of the first publication by other bytes; puts it back afterwards. Whoever can
    forge a manifest can forge its checksum, too.
    """
    store, first, _ = two_nights
    folder, kept = store.publication(first.publication_id), {}

    def write(path: Path, content: bytes) -> None:
        path.chmod(0o644)
        path.write_bytes(content)
        if path.name == "manifest.json":
            manifest.manifest_list(store.published).add([path])

    def alter(name: str, change) -> None:
        path = folder / name
        kept[path] = path.read_bytes()
        write(path, change(kept[path]))

    yield alter
    for path, content in kept.items():
        write(path, content)


def test_a_published_file_is_read_only_and_named_with_its_checksum(two_nights):
    store, first, _ = two_nights
    folder = store.publication(first.publication_id)
    assert {path.stat().st_mode & 0o222 for path in folder.rglob("*") if path.is_file()} == {0}
    facts = manifest.read_manifest(folder)
    assert (
        facts.program.code
        and facts.program.rules
        and facts.program.libraries
        and facts.checks.audits
        and facts.checks.rules
    )
    assert verify.verify_publication(store, first.publication_id) == (
        [],
        signature.check_signature(folder),
    )


def test_a_flipped_byte_is_seen_and_its_file_named(two_nights, altered, keys):
    store, first, _ = two_nights
    altered(
        "tables/dim_kpi.parquet",
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
    )
    wrong, signer = verify.verify_publication(store, first.publication_id, keys["public"])
    assert [line.split(":")[0] for line in wrong] == ["tables/dim_kpi.parquet"] and signer


def test_a_part_that_nothing_new_was_delivered_for_can_be_taken_over(two_nights):
    store, first, second = two_nights
    folder = store.publication(first.publication_id)
    whole = FormerParts.from_publication(folder)
    assert len(whole.stamps) == len(table_files(folder / "tables", "mart_league"))
    stamps = FormerParts.from_publication(store.publication(second.publication_id)).stamps
    same = {
        (period, kpi)
        for period, of_kpis in stamps.items()
        for kpi, stamp in of_kpis.items()
        if whole.has(kpi, period, stamp)
    }
    kpis = {kpi for _, kpi in same}
    assert "complaint_count" in kpis, "no complaint came in July: its closed months stand"


def test_a_manifest_that_was_tampered_with_fails_its_signature_and_the_chain(
    two_nights, altered, tmp_path
):
    store, first, second = two_nights
    altered(
        "manifest.json",
        lambda content: content.replace(b'"rows_failed": 0', b'"rows_failed": 9', 1),
    )
    with pytest.raises(Problem, match="does not belong to its manifest"):
        verify.verify_publication(store, first.publication_id)
    forged = Ed25519PrivateKey.generate()
    altered("manifest.sig", lambda content: content)
    signature.sign_manifest(store.publication(first.publication_id), forged)
    wrong, _ = verify.verify_publication(store, first.publication_id)
    assert wrong == [
        f"manifest.json: it is not the one that {second.publication_id} was compared with"
    ]
    with pytest.raises(Problem, match="signed by another key"):
        verify.verify_publication(
            store,
            first.publication_id,
            write_key(Ed25519PrivateKey.generate().public_key(), tmp_path / "other.pem"),
        )


def test_the_key_is_in_no_file_that_a_run_leaves(two_nights, keys):
    """Nor is where it lies: store, manifests, report, history, Prefect's own files in the store."""
    store, first, _ = two_nights
    secrets = [
        line.encode() for line in keys["private"].read_text().splitlines() if "-" not in line
    ]
    left = [
        path
        for path in store.root.rglob("*")
        if path.is_file() and any(secret in path.read_bytes() for secret in secrets)
    ]
    assert (
        secrets
        and left == []
        and str(keys["private"])
        not in str(manifest.read_manifest(store.publication(first.publication_id)))
    )


def test_what_is_not_a_key_is_refused_without_being_shown(tmp_path):
    (tmp_path / "key.pem").write_text(
        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    )
    with pytest.raises(Problem, match="no Ed25519 key") as refusal:
        signature.load_private_key(tmp_path / "key.pem")
    assert "c2VjcmV0" not in str(refusal.value)


def test_a_publication_is_built_again_byte_by_byte_although_more_has_come_since(
    two_nights, altered
):
    """Tables, report, workbook and CSV; and where other code made it, that is said."""
    store, first, _ = two_nights
    altered(
        "manifest.json",
        lambda content: content.replace(
            json.dumps(program.hash_code()).encode(), b'"0123456789ab"'
        ),
    )
    differing, code = reproduce.reproduce_publication(store, first.publication_id)
    assert differing == [] and code.startswith("it was made by code 0123456789ab, commit ")


def test_readers_do_not_see_a_publication_on_hold_until_a_person_releases_it(two_nights):
    store, first, second = two_nights
    one, two = first.publication_id, second.publication_id
    assert store.current() == two
    decisions.hold_publication(store, two, "the payments of July are wrong", "L. Chen")
    assert (
        store.current() == one
        and decisions.hold_reason(store, two) == "held by L. Chen: the payments of July are wrong"
    )
    again = run_nightly(
        RunOptions(
            as_of=JULY, render=False, landing=store.root.parent / "landing", store=store.root
        )
    )
    assert (again.state, again.publication_id, again.readers_see) == ("held", two, one), (
        "the same night again does not overrule a person"
    )
    with pytest.raises(Problem, match="readers would see nothing"):
        decisions.hold_publication(store, one, "as well", "L. Chen")
    with pytest.raises(Problem, match="is held"):
        decisions.roll_back(store, two, "again", "L. Chen")
    decisions.unhold_publication(store, two, "they were right", "M. Wu")
    assert store.current() == two
    decisions.roll_back(store, one, "the board has been told these", "M. Wu")
    assert store.current() == one and decisions.hold_reason(store, two)
    decisions.unhold_publication(store, two, "they have been told", "M. Wu")
    assert [(row["decision"], row["decided_by"]) for row in store.lake.read("decision").to_pylist()] == [
        ("hold", "L. Chen"), ("unhold", "M. Wu"), ("hold", "M. Wu"), ("rollback", "M. Wu"), ("unhold", "M. Wu"),
    ]  # fmt: skip


# -- what changed, and why
# -------------------------------------------------------------------------------------------


def rows(store, outcome, part: str, table: str) -> list[dict]:
    return read_table(store.publication(outcome.publication_id) / part, table).to_pylist()


def cell(row: dict) -> tuple:
    return tuple(
        row[name] for name in published_tables.load_published_tables()["mart_kpi_value"].key
    )


def assert_adds_up(former: list[dict], present: list[dict], changes: list[dict]) -> None:
    """From what was published to what is, step by step: nothing is left over, nothing that changed
    is missing.
    """
    steps: dict[tuple, list[dict]] = {}
    for row in changes:
        steps.setdefault(cell(row), []).append(row)
    was, now = ({cell(row): row for row in table} for table in (former, present))
    periods = {key[1:4] for key in was} & {key[1:4] for key in now}
    for key in (key for key in was.keys() | now.keys() if key[1:4] in periods):
        ends = [
            [(table.get(key) or {}).get(name) for name in ("numerator", "denominator", "value")]
            for table in (was, now)
        ]
        if key not in steps:
            assert [end or 0 for end in ends[0]] == [end or 0 for end in ends[1]], key
            continue
        chain = [
            [
                [row[f"{name}_{when}"] for name in ("numerator", "denominator", "value")]
                for when in ("before", "after")
            ]
            for row in steps[key]
        ]
        assert [end or 0 for end in chain[0][0]] == [end or 0 for end in ends[0]], key
        assert [end or 0 for end in chain[-1][1]] == [end or 0 for end in ends[1]], key
        assert all(before[1] == after[0] for before, after in itertools.pairwise(chain)), key


def test_every_change_has_its_cause_and_they_add_up(two_nights):
    store, first, second = two_nights
    changes = rows(store, second, "diff", "mart_change")
    assert_adds_up(
        *(rows(store, outcome, "tables", "mart_kpi_value") for outcome in (first, second)), changes
    )
    assert {row["cause"] for row in changes} == {
        "late_rows",
        "reopened",
        "later_events",
        "corrected_rows",
    }
    changed = {
        (row["kpi_id"], row["period_start"].month, row["cause"]): (
            row["value_before"],
            row["value_after"],
        )
        for row in changes
        if (row["period_kind"], row["branch_code"], row["segment_kind"]) == ("month", "HQ", "all")
    }
    assert changed["claim_closure_reported_pct", 4, "reopened"] == (100, 0), (
        "C4, of April, is open again at the end of April no longer settled"
    )
    assert changed["claim_closure_pct", 6, "late_rows"] == (0, 50), "C9, of June, came in July"
    assert changed["claim_settlement_days_mean", 3, "corrected_rows"] == (34, 33), (
        "C2 was paid a day earlier than had been told"
    )
    assert changed["claim_settlement_days_p50", 3, "corrected_rows"] == (34, 33), (
        "a percentile has a cause too"
    )


def test_a_change_of_policy_is_separated_from_changes_of_rows(two_nights, tmp_path):
    """Business close instead of payment, and the rows of July: the policy first, on the rows as
    they were.
    """
    store, first, second = two_nights
    original = manifest.read_manifest(store.publication(second.publication_id))
    snapshot = building.open_snapshot(store, original)
    changed = original.recipe.policy | {"closing_point": "business_close"}
    policy = policy_from_manifest(changed)
    build, former = (DuckDB(tmp_path / name, "Asia/Shanghai") for name in ("build", "former"))
    write_tables(tmp_path, building.build_tables(build, snapshot, policy))
    present = building.NewBuild(
        "2012-07-31-ffff",
        original.recipe.model_copy(update={"policy": changed}),
        snapshot,
        tmp_path,
    )
    diff = compare.compare_publications(store, first.publication_id, present, former)
    build.close()
    former.close()
    changes = diff["mart_change"].to_pylist()
    assert_adds_up(
        rows(store, first, "tables", "mart_kpi_value"),
        read_table(tmp_path, "mart_kpi_value").to_pylist(),
        changes,
    )
    mean = [
        row
        for row in changes
        if (row["kpi_id"], row["branch_code"], row["period_start"], row["period_kind"])
        == ("claim_settlement_days_mean", "0101", date(2012, 3, 1), "month")
    ]
    assert [
        (row["cause"], row["value_before"], row["value_after"])
        for row in mean
        if row["segment_kind"] == "all"
    ] == [("policy", 34, None)]
    assert {"policy", "late_rows", "reopened"} <= {
        row["cause"] for row in changes
    } and "unexplained" not in {row["cause"] for row in changes}


def test_revisions_remember_the_first_figure_and_a_notice_names_what_changed_much(two_nights):
    store, first, second = two_nights
    revisions = [
        row
        for row in rows(store, second, "diff", "mart_revision")
        if row["kpi_id"] == "claim_closure_pct" and row["segment_kind"] == "all"
    ]
    june = next(
        row
        for row in revisions
        if (row["branch_code"], row["period_kind"], row["period_start"])
        == ("HQ", "month", date(2012, 6, 1))
    )
    assert [
        june[name] for name in ("cause", "first_value", "value", "revisions", "revised_in")
    ] == ["late_rows", 0, 50, 1, second.publication_id]
    for row in revisions:
        assert row["numerator"] - row["first_numerator"] == sum(
            other["numerator_change"] for other in revisions if cell(other) == cell(row)
        )
    notice = {
        (row["kpi_id"], row["period_start"]): row
        for row in rows(store, second, "diff", "mart_notice")
        if row["branch_code"] == "HQ" and row["period_kind"] == "month"
    }
    assert (
        notice["claim_closure_pct", date(2012, 6, 1)]["change"] == 50
        and notice["claim_closure_pct", date(2012, 6, 1)]["causes"] == "late_rows"
    )
    assert notice["claim_settlement_days_mean", date(2012, 3, 1)]["change"] == pytest.approx(
        -100 / 34
    ), "in per cent of the former value"


def test_a_year_to_date_is_revised_a_month_later_as_months_are(two_nights):
    """The year to the end of June: published as that of as_of, then as that of a month end before."""
    store, first, second = two_nights
    year = {"period_start": date(2012, 1, 1), "period_end": date(2012, 7, 1), "branch_code": "HQ"}
    year |= {"period_kind": "ytd", "segment_kind": "all"}

    def read_year(outcome: RunOutcome, folder: str, table: str) -> dict[str, dict]:
        return {
            row["kpi_id"]: row
            for row in rows(store, outcome, folder, table)
            if all(row[name] == cell for name, cell in year.items())
        }

    before, after = (read_year(outcome, "tables", "mart_kpi_value") for outcome in (first, second))
    revisions = read_year(second, "diff", "mart_revision")
    assert before.keys() == after.keys() > revisions.keys()
    for kpi, row in after.items():
        ends = (before[kpi]["value"], row["value"])
        if kpi in revisions:
            assert (revisions[kpi]["first_value"], revisions[kpi]["value"]) == ends
        else:
            assert ends[0] == ends[1]
    assert revisions["claim_closure_pct"]["cause"] == "late_rows", "C9, of June, came in July"
    assert "claim_settlement_days_mean" in revisions, "C4 was settled again in July"


def test_readers_get_the_changes_as_csv_and_a_notice_in_words(two_nights, tmp_path):
    store, first, second = two_nights
    folder = store.publication(second.publication_id)
    for path in (folder / "diff").glob("*.parquet"):
        shutil.copy(path, tmp_path)
    render.render_changes(
        folder / "tables", reproduce.report_facts(manifest.read_manifest(folder)), tmp_path
    )
    with (tmp_path / "changes.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == sum(
        row["segment_kind"] == "all" for row in rows(store, second, "diff", "mart_change")
    )
    of_june = [
        line
        for line in lines
        if (line["kpi_id"], line["branch_code"], line["period_start"])
        == ("claim_closure_pct", "HQ", "2012-06-01")
    ]
    assert [(line["cause"], line["value_before"], line["value_after"]) for line in of_june] == [
        ("late_rows", "0", "50")
    ]
    notice = (tmp_path / "notice.txt").read_text(encoding="utf-8")
    assert (
        f"Since {first.publication_id}, " in notice
        and "50.00% (late rows)" in notice
        and "数据迟到" in notice
    )


# -- preview and challenge
# -------------------------------------------------------------------------------------------

CHALLENGES = """as_of,kpi_id,extract,key,column,should_be,reason,name
2012-07-31,claim_closure_pct,claims,C3,closed_at,2012-07-01 10:00:00,closed a day earlier,Wu
2012-07-31,claim_settlement_days_mean,claims,C4,paid_at,2012-07-10 10:00:00,paid on the tenth,Wu
2012-07-31,claim_closure_pct,claims,C1,closed_at,2012-07-01 10:00:00,closed in July,Wu
2012-07-31,claim_closure_pct,claims,C4,,,,
"""


def test_a_branch_sees_its_cases_and_what_it_objects_to_is_judged_by_the_next_run(two_nights):
    store, _, _ = two_nights
    packs_of_july, packs = preview.write_preview(store, JULY)
    assert packs == 2
    with (packs_of_july.folder / "branches" / "0102" / "cases.csv").open(
        encoding="utf-8", newline=""
    ) as stream:
        cases = [line for line in csv.DictReader(stream) if line["kpi_id"] == "claim_closure_pct"]
    assert [(line["key"], line["numerator"], line["denominator"]) for line in cases] == [
        ("C3", "1", "1"),
        ("C4", "1", "1"),
    ]
    landing = store.root.parent / "landing"
    (landing / "challenges_0102.csv").write_text(CHALLENGES, encoding="gb18030")
    notes = run_nightly(
        RunOptions(as_of=JULY, render=False, landing=landing, store=store.root)
    ).notes
    assert [note for note in notes if "challenge" in note] == [
        "3 challenges: 1 accepted, 1 rejected, 1 open",
        "challenge challenges_0102.csv:2 is open: the extract still says 2012-07-02 10:00:00: have closed_at fixed at the source;"
        " claim_closure_pct of 0102 100.00, without the case 100.00",
        "challenge challenges_0102.csv:3 is accepted: the extract says so now: paid_at is 2012-07-10 10:00:00; claim_settlement_days_mean of 0102 96.00,"
        " without the case n/a",
        "challenge challenges_0102.csv:4 is rejected: claims C1 was not counted in claim_closure_pct",
    ]
    answers = (packs_of_july.folder / "answers.csv").read_text(encoding="utf-8")
    assert answers.count("challenges_0102.csv") == 3 and "Wu" not in answers, (
        "names stay in landing"
    )


def test_a_preview_has_the_figures_that_are_then_published(two_nights):
    """Under the owner's policy: with business close instead of payment, C2 is settled in February."""
    store, _, second = two_nights
    published = read_table(store.publication(second.publication_id) / "tables", "mart_kpi_value")
    to_day = published.filter(pc.field("period_end") == date(2012, 8, 1))
    packs, _ = preview.write_preview(store, JULY)
    previewed = packs.read("mart_kpi_value")
    assert {row["period_kind"] for row in previewed.to_pylist()} == {
        *("month", "quarter", "ytd", "rolling12")
    }
    order = [(name, "ascending") for name in previewed.column_names[:7]]
    assert previewed.sort_by(order).equals(to_day.sort_by(order))
    store.policy.write_text('closing_point = "business_close"\n', encoding="utf-8")
    try:
        preview.write_preview(store, JULY)
    finally:
        store.policy.unlink()
    assert not packs.read("mart_kpi_value").sort_by(order).equals(to_day.sort_by(order))


# -- days computed again
# ---------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def request_days(store, days=(JUNE, JULY), known_at=None):
    scope = BackfillScope([day.isoformat() for day in days], known_at, "default", render=False)
    return backfill.request_backfill(store, scope, "claims of June came late", "L. Chen", NOON)


def test_past_days_are_staged_go_on_after_a_failure_and_stand_when_published(
    two_nights, monkeypatch
):
    store, first, second = two_nights
    one, two = first.publication_id, second.publication_id
    assert backfill.days_with_runs(store, JUNE, JULY) == [JUNE, JULY]
    built = []

    def full_on_july(options):
        built.append(options.as_of)
        return (
            RunOutcome("failed", "the disk is full")
            if options.as_of == JULY and len(built) == 2
            else run_nightly(options)
        )

    monkeypatch.setattr(backfill, "run_nightly", full_on_july)
    with pytest.raises(Problem, match="2012-07-31: the disk is full"):
        list(backfill.build_backfill(store, request_days(store)))
    with pytest.raises(
        Problem, match=r"backfill 1 \(2012-06-30 to 2012-07-31.*is not built yet: 1 of 2 days"
    ):
        backfill.publish_backfill(store, "M. Wu", NOON)
    with pytest.raises(Problem, match="backfill 1 .* is in flight"):
        request_days(store, [JUNE])
    wanted = request_days(store)
    assert [day for day, _ in backfill.build_backfill(store, wanted)] == [
        "2012-07-31"
    ] and built == [
        JUNE,
        JULY,
        JULY,
    ], "June is not built twice"
    again = wanted.built["2012-06-30"]
    assert (
        store.current() == two and decisions.publication_of_day(store, JUNE) == one and again != one
    ), "nothing that readers see has changed"
    june, july = backfill.summarize_days(store, wanted)
    assert f"changes against {one}" in june and july.endswith("as it is published")
    notice = {
        (row["kpi_id"], row["period_start"]): (row["value_before"], row["value_after"])
        for row in pq.read_table(
            store.publication(again) / "diff" / "mart_change.parquet"
        ).to_pylist()
        if (row["branch_code"], row["period_kind"], row["segment_kind"]) == ("HQ", "month", "all")
    }
    assert notice["claim_closure_pct", date(2012, 6, 1)] == (0, 50), "C9, of June, came in July"
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(backfill, "_close", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        backfill.publish_backfill(store, "M. Wu", NOON)
    assert backfill.publish_backfill(store, "M. Wu", NOON)[-1] == f"Readers see {two}.", (
        "a past day is not what readers see"
    )
    assert [
        row["decision"]
        for row in store.lake.read("decision").to_pylist()
        if row["publication_id"] == again
    ] == ["unhold"], "said once"
    assert (
        decisions.publication_of_day(store, JUNE) == again
        and decisions.hold_reason(store, again) is None
    )
    assert any(
        line.startswith(one) and f"{again} replaces it: backfill 1" in line
        for line in decisions.list_publications(store)
    )


def test_a_backfill_that_is_dropped_stays_on_record_and_makes_way(two_nights):
    store, _, _ = two_nights
    wanted = request_days(store, [JULY], known_at="then")
    assert backfill.drop_backfill(store, "M. Wu", NOON) == f"{wanted} is dropped"
    assert request_days(store, [JUNE]).number == wanted.number + 1
    with pytest.raises(FileExistsError):
        backfill_requests.enter_request(store.backfills, wanted)
    assert [one.state for one in backfill_requests.list_requests(store.backfills)][-2:] == [
        "dropped",
        "building",
    ]
    backfill.drop_backfill(store, "M. Wu", NOON)
    with pytest.raises(
        Problem,
        match="no extract or publication is of a day in that range - choose among 2012-06-30 to 2012-07-31",
    ):
        request_days(store, backfill.days_with_runs(store, date(2013, 1, 1)))
