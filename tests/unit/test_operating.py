"""Nights as their operator sees them: what is waited for, what is an incident, who hears of it. No
clock but the one passed in.
"""

import hashlib
import json
import os
import smtplib
import threading
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from data.config import operations, profile
from data.problem import Problem
from data.store import incidents as incident
from data.store.lake import Lake
from data.store.store import Store
from flows.cli.main import app
from flows.intake import wait_for_files
from flows.intake.landing import look_at_landing
from flows.monitoring import notify
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly import supervise
from flows.nightly.run_options import RunOptions
from flows.operations import plan
from flows.operations.plan import find_missed_run, is_too_late, planned_starts
from flows.prefect_adapter import api_server
from tests.faults.conftest import CLAIMS, COMPLAINTS

NIGHT = datetime(2026, 11, 25, 18, tzinfo=UTC)  # 02:00 of the 26th in Shanghai
DAY = date(2026, 11, 25)
REFUSED = "claims_20261125.csv has 12 rows, fewer than 50 - deliver it again"


class Robot(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.heard.append(
            (
                self.path,
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]["content"],
            )
        )
        answer = json.dumps({"errcode": self.server.errcode}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def robot():
    server = HTTPServer(("127.0.0.1", 0), Robot)
    server.heard, server.errcode = [], 0
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path, robot):
    (tmp_path / "robot").write_text(f"http://127.0.0.1:{robot.server_port}/send?key=hush\n")
    hears = f'[[owner]]\nname = "claims"\nhears = ["*claims*", "*no run*"]\nwecom = "file:{tmp_path}/robot"\n'
    (tmp_path / "operations.toml").write_text(hears)
    return Store(tmp_path)


def test_the_owner_of_a_rule_is_who_asked_for_it_and_of_an_extract_who_hears_of_it_first():
    owner = [
        {"name": "claims", "hears": ["*claims*"], "rules": []},
        {"name": "all", "hears": ["*"], "rules": ["closed_before_reported"]},
    ]
    told = {"claims": "claims", "callbacks": "all", "closed_before_reported": "all"}
    assert notify.list_owners({"owner": owner}, ["claims", "callbacks"]) == told


def ran(store, nights: int, *problems: str, state: str = "published") -> list:
    reason = problems[0] if state == "failed" else "all checks passed"
    outcome = RunOutcome(
        state,
        reason,
        problems=list(problems),
        folder=None if state == "failed" else str(store.root),
    )
    return supervise.record_end(
        store, operations.load_operations(store.operations), outcome, NIGHT + timedelta(days=nights)
    )


def test_the_same_failure_is_one_incident_that_closes_itself_and_is_told_twice(store, robot):
    ran(store, 0, REFUSED, "callbacks_20261125.csv cannot be opened - mend it")
    (still,) = [
        one
        for one in ran(store, 1, REFUSED.replace("20261125", "20261126").replace("12", "9"))
        if "claims" in one.message
    ]
    assert still.nights == 2 and "has 9 rows" in still.message
    ran(store, 1, REFUSED)
    assert [one.nights for one in incident.read_incidents(store.incidents)] == [2, 1], (
        "a second run of a night is no second night"
    )
    assert ran(store, 2) == []
    texts = [text for _, text in robot.heard]
    assert (
        len(texts) == 2
        and "OPEN, 1 night:" in texts[0]
        and "CLOSED after 2 nights" in texts[1]
        and "callbacks" not in "".join(texts)
    )


def test_a_failed_run_closes_nothing(store):
    ran(store, 0, REFUSED)
    assert len(ran(store, 1, "the disk is full - make room", state="failed")) == 2


def test_a_muted_incident_is_counted_and_not_told(store, robot):
    (opened,) = ran(store, 0, REFUSED)
    ran(store, 1)
    ran(store, 2, REFUSED)
    supervise.mute_incident(store, opened.id, DAY + timedelta(days=30), "the source is being moved")
    robot.heard.clear()
    (muted,) = ran(store, 3, REFUSED)
    assert (muted.nights, muted.muted_because) == (2, "the source is being moved")
    assert ran(store, 4) == [] and robot.heard == []


def test_who_could_not_be_told_is_told_after_the_next_run_and_no_secret_is_logged(
    store, robot, caplog
):
    robot.errcode = 93000
    ran(store, 0, REFUSED)
    assert (
        "claims could not be notified: the robot refused the message (errcode 93000)" in caplog.text
        and "hush" not in caplog.text
    )
    robot.errcode = 0
    ran(store, 1, REFUSED)
    assert len(robot.heard) == 2 and "OPEN, 2 nights" in robot.heard[1][1]


def test_the_watchdog_alerts_once_when_no_run_ended_and_a_run_calms_it(store, robot):
    ran(store, 0)
    assert supervise.run_watchdog(store, 26, NIGHT + timedelta(hours=25)) == []
    for hours in (27, 28):
        (alert,) = supervise.run_watchdog(store, 26, NIGHT + timedelta(hours=hours))
        assert "has ended within 26 hours: the last one ended 2026-11-25T18:00:00" in alert.message
    assert len(robot.heard) == 1
    assert ran(store, 2) == []


def test_mail_goes_to_those_concerned(monkeypatch):
    sent = []
    monkeypatch.setattr(smtplib, "SMTP", lambda *_, **__: type("Server", (), {
        "__enter__": lambda self: self, "__exit__": lambda *_: None, "send_message": lambda self, message: sent.append(message),
    })())  # fmt: skip
    owners = [
        operations.OWNER | {"name": "a", "hears": ["*claims*"], "email": ["a@x"]},
        operations.OWNER | {"name": "b", "hears": ["*calls*"], "email": ["b@x"]},
    ]
    incidents = []
    incident.record_findings(incidents, "run", [REFUSED], DAY)
    notify.notify_owners(
        incidents,
        {"owner": owners, "smtp": operations.SETTINGS["smtp"] | {"sender": "kpi@x"}},
        NIGHT,
    )
    assert [message["To"] for message in sent] == ["a@x"] and REFUSED in sent[0].get_content()


def test_a_secret_never_stands_in_the_file(tmp_path):
    (tmp_path / "operations.toml").write_text('[smtp]\npassword = "hush"\n')
    with pytest.raises(Problem, match="smtp.password is a secret and stands in the file") as told:
        operations.load_operations(tmp_path / "operations.toml")
    assert "hush" not in str(told.value)


# -- those concerned
# ----------------------------------------------------------------------------------------------------


@pytest.fixture
def concerned(store, robot):
    """Somebody who asked about a rule, somebody who manages a branch, and what two nights found."""
    address = f'wecom = "file:{store.root}/robot"\n'
    rule = f'[[owner]]\nname = "rule"\nrules = ["key_missing"]\n{address}'
    store.operations.write_text(
        f'{rule}[[owner]]\nname = "branch 14"\nbranches = ["14"]\n{address}'
    )
    (store.root / "tables").mkdir()

    def night_of(day: date, *quarantined: tuple[str, str]) -> list[str]:
        """(branch, rule) of each quarantined row. Returns what was told."""
        about = {
            "extract": "claims",
            "extract_date": day,
            "rows_failed": 2,
            "meaning_en": "the key is missing",
            "examples": "claims.csv:7",
        }
        results = [
            about | {"rule_id": rule} for rule in sorted({rule for _, rule in quarantined})
        ] or [about | {"rule_id": "other", "rows_failed": 0}]
        rows = [
            about | {"reasons": rule, "content": json.dumps({"branch_code": branch})}
            for branch, rule in quarantined
        ]
        rows = rows or [
            about
            | {
                "extract_date": day - timedelta(days=1),
                "reasons": "key_missing",
                "content": '{"branch_code": "14"}',
            }
        ]
        tree = [
            {"branch_code": "14", "parent_code": "00"},
            {"branch_code": "1401", "parent_code": "14"},
            {"branch_code": "15", "parent_code": "00"},
        ]
        for name, told in {
            "quality_rule_result": results,
            "quality_quarantine": rows,
            "dim_branch": tree,
        }.items():
            pq.write_table(pa.Table.from_pylist(told), store.root / "tables" / f"{name}.parquet")
        robot.heard.clear()
        ran(store, (day - DAY).days)
        return [text for _, text in robot.heard]

    return night_of


def test_owners_of_rules_and_managers_of_branches_hear_what_is_theirs(concerned, store):
    of_rule, of_branch = concerned(
        DAY,
        ("15", "key_missing"),
        ("1401", "key_missing"),
        ("15", "paid_missing"),
        ("14", "paid_missing"),
    )
    assert (
        "key_missing: 2 rows of the claims extract of 2026-11-25 (the key is missing), such as claims.csv:7"
        in of_rule
        and "branch" not in of_rule
    )
    assert (
        "branch 14: 1 rows of the claims extract of 2026-11-25 are quarantined by key_missing"
        in of_branch
    ), "of the branch below it"
    assert "by paid_missing" in of_branch and "15" not in of_branch
    assert (
        concerned(DAY + timedelta(days=1), ("14", "paid_missing"), ("14", "key_missing")) == []
    ), "told already"
    of_rule, of_branch = concerned(DAY + timedelta(days=2))
    assert (
        of_branch.count("CLOSED after 2 nights") == 2
        and of_rule.count("CLOSED after 2 nights") == 1
    )


def test_a_disk_that_is_full_is_told_although_nothing_can_be_written(
    store, robot, monkeypatch, caplog
):
    monkeypatch.setattr(
        incident,
        "write_incidents",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OSError):
        ran(store, 0, "the disk of the claims store is full - make room", state="failed")
    assert "the disk of the claims store is full" in robot.heard[0][1]
    (alert,) = supervise.run_watchdog(store, 26, NIGHT)
    assert (
        len(robot.heard) == 2
        and "none has ever ended" in alert.message
        and "will be sent again" in caplog.text
    )


def test_a_night_that_could_not_begin_is_told(store, robot):
    outcome = supervise.run_supervised(
        RunOptions(landing=store.root, store=store.root, profile="claims_of_mars"), lambda: NIGHT
    )
    assert outcome.exit_code == 1 and "claims_of_mars" in robot.heard[0][1]


def test_a_message_fits_what_a_robot_takes(store, robot):
    ran(store, 0, *(f"claims of {'abcdefghij'[number]}: {'坏' * 90}" for number in range(10)))
    ((_, text),) = robot.heard
    assert len(text.encode()) <= 2048 and text.endswith("more: servicekpi status")


def test_a_block_of_prefects_is_told_and_a_broken_one_fails_nothing(monkeypatch, caplog):
    from prefect.blocks.core import Block

    sent, owner = [], operations.OWNER | {"name": "a", "prefect": "slack-webhook/kpi"}
    monkeypatch.setattr(api_server, "reachable_api", nullcontext)
    monkeypatch.setattr(
        Block,
        "load",
        lambda name: SimpleNamespace(notify=lambda text, subject: sent.append((name, text))),
    )
    incidents = []
    incident.record_findings(incidents, "run", [REFUSED], DAY)
    notify.notify_owners(incidents, {"owner": [owner], "smtp": {}}, NIGHT)
    assert (
        sent[0][0] == "slack-webhook/kpi"
        and REFUSED in sent[0][1]
        and incidents[0].notified == ["a"]
    )
    monkeypatch.setattr(Block, "load", lambda name: 1 / 0)
    notify.notify_owners(incidents, {"owner": [owner | {"name": "b"}], "smtp": {}}, NIGHT)
    assert (
        "b could not be notified: Prefect's block slack-webhook/kpi failed (ZeroDivisionError)"
        in caplog.text
    )


# -- arrival
# ----------------------------------------------------------------------------------------------------------


def settings(**arrival) -> dict:
    return operations.load_operations(Path("nowhere")) | {
        "arrival": {"deadlines": {"claims": "04:00"}, "marker": "", "after_deadline": "publish"}
        | arrival
    }


class Clock:
    """Moves on only when somebody sleeps; then `happens` comes about."""

    def __init__(self, happens=lambda now: None):
        self.now, self.happens = NIGHT, happens

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)
        self.happens(self.now)


def delivered(landing, at: datetime, name="claims_20261125.csv", content="claim_no\n") -> None:
    path = landing / name
    path.write_text(content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def waited(folder, clock, **arrival) -> list[str]:
    landing = wait_for_files.LandingWatch(
        folder, profile.load_profile("default"), settings(**arrival), DAY
    )
    late = wait_for_files.wait_for_files(landing, clock, clock.sleep)
    return [one.why for one in late] or sorted(landing.unread.values())


def test_a_late_file_is_waited_for_and_not_read_while_it_grows(tmp_path):
    growing = NIGHT + timedelta(minutes=20)
    clock = Clock(
        lambda now: (
            delivered(tmp_path, now) if growing - timedelta(minutes=5) <= now <= growing else None
        )
    )
    assert waited(tmp_path, clock) == []
    assert timedelta(0) < clock.now - growing <= timedelta(seconds=60)


def test_at_the_deadline_the_run_goes_on_without_what_is_missing(tmp_path):
    delivered(tmp_path, NIGHT - timedelta(days=1), "claims_20261124.csv")
    clock = Clock()
    assert waited(tmp_path, clock) == ["no file of 2026-11-25 has arrived"]
    assert clock.now == datetime(2026, 11, 25, 20, tzinfo=UTC), "04:00 in Shanghai"


def test_a_checksum_beside_a_file_is_held_against_it(tmp_path):
    before = NIGHT - timedelta(hours=1)
    delivered(tmp_path, before)
    assert waited(tmp_path, Clock(), marker=".sha256") == [
        "claims_20261125.csv has no claims_20261125.csv.sha256 yet"
    ]
    delivered(tmp_path, before, "claims_20261125.csv.sha256", "0" * 64)
    assert waited(tmp_path, Clock(), marker=".sha256") == [
        "claims_20261125.csv is not what claims_20261125.csv.sha256 says"
    ]
    delivered(
        tmp_path,
        before,
        "claims_20261125.csv.sha256",
        hashlib.sha256(b"claim_no\n").hexdigest() + "  claims_20261125.csv\n",
    )
    assert waited(tmp_path, Clock(), marker=".sha256") == []


def test_a_link_out_of_landing_is_looked_into_neither_for_a_checksum_nor_for_a_file(tmp_path):
    landing, outside = tmp_path / "landing", tmp_path / "outside"
    landing.mkdir()
    outside.mkdir()
    delivered(outside, NIGHT - timedelta(hours=1), "secret", "0" * 64)
    delivered(landing, NIGHT - timedelta(hours=1))
    (landing / "claims_20261125.csv.sha256").symlink_to(outside / "secret")
    (landing / "complaints_20261125.csv").symlink_to(outside / "secret")
    (landing / "complaints_20261125.csv.sha256").write_text("0" * 64)
    why = "claims_20261125.csv has claims_20261125.csv.sha256, which is a link out of the landing folder"
    assert waited(landing, Clock(), deadlines={}) == [why]


def test_a_checksum_that_was_delivered_counts_without_being_asked_for(tmp_path):
    delivered(tmp_path, NIGHT - timedelta(hours=1))
    delivered(tmp_path, NIGHT, "claims_20261125.csv.md5", "0" * 32)
    assert waited(tmp_path, Clock()) == [
        "claims_20261125.csv is not what claims_20261125.csv.md5 says"
    ]
    delivered(tmp_path, NIGHT, "claims_20261125.csv.md5", hashlib.md5(b"claim_no\n").hexdigest())
    assert waited(tmp_path, Clock()) == []


def test_no_file_is_read_while_it_grows_although_no_deadline_is_set(tmp_path):
    clock = Clock(lambda now: delivered(tmp_path, now, "complaints_20261125.csv"))
    clock.happens(NIGHT)
    assert waited(tmp_path, clock, deadlines={}) == [
        "complaints_20261125.csv is still being written"
    ]
    assert clock.now - NIGHT == wait_for_files.PATIENCE, "then the others go on without it"
    clock = Clock()
    assert waited(tmp_path, clock, deadlines={}) == [], "its last change was some time ago"


def test_a_file_that_is_not_whole_is_left_out_and_said(tmp_path):
    why = "claims_20120630.csv is still being written"
    for name, content in {
        "claims_20120630.csv": CLAIMS,
        "complaints_20120630.csv": COMPLAINTS,
    }.items():
        delivered(tmp_path, NIGHT, name, content)
    found = look_at_landing(
        tmp_path,
        Lake(tmp_path),
        profile.load_profile("default"),
        [],
        unread={"claims_20120630.csv": why},
    )
    assert [delivery.extract for delivery in found.deliveries] == ["complaints"]
    assert [str(problem) for problem in found.problems] == [
        f"{why} - a later run takes it in, once it is whole (docs/runbook/late-extract.md)"
    ]


def test_by_policy_a_missing_extract_holds_the_night(tmp_path):
    root = tmp_path / "store"
    root.mkdir()
    (root / "operations.toml").write_text(
        '[arrival]\ndeadlines = { claims = "02:00" }\nafter_deadline = "hold"\n'
    )
    (tmp_path / "landing").mkdir()
    outcome = supervise.run_supervised(
        RunOptions(landing=tmp_path / "landing", store=root, as_of=DAY), Clock(), Clock().sleep
    )
    assert (
        outcome.exit_code == 3
        and "claims: no file of 2026-11-25 has arrived (deadline 2026-11-26 02:00)"
        in outcome.reason
    )


def test_the_next_run_follows_the_zone_of_the_schedule():
    berlin = {"cron": "0 4 * * *", "timezone": "Europe/Berlin"}
    (moment,) = planned_starts(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert moment == datetime(2026, 3, 29, 2, tzinfo=UTC), "summer time began that night"
    assert planned_starts({"cron": "0 2 * * *", "timezone": "Asia/Shanghai"}, NIGHT) == [
        NIGHT + timedelta(days=1)
    ]


def test_a_timer_that_fires_long_after_its_hour_starts_no_run(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    store.root.mkdir()
    store.operations.write_text(
        '[schedule]\ncron = "0 2 * * *"\ntimezone = "Asia/Shanghai"\nlatest_start_minutes = 90\n'
    )
    two = datetime(2026, 11, 25, 18, tzinfo=UTC)  # in Shanghai
    assert [plan.skip_reason(store, two + timedelta(minutes=late)) for late in (0, 89)] == [
        None,
        None,
    ]
    assert "planned within the last 90 minutes, by 0 2 * * * (Asia/Shanghai" in plan.skip_reason(
        store, two + timedelta(minutes=91)
    )
    asked = []
    monkeypatch.setattr(
        "flows.nightly.supervise.run_supervised",
        lambda told: asked.append(told) or RunOutcome("published", "said"),
    )
    command = ["run", "--landing", str(tmp_path), "--store", str(store.root), "--scheduled"]
    for late, said in ((91, "SKIPPED: no night was planned"), (1, "PUBLISHED")):
        monkeypatch.setattr(
            "flows.nightly.supervise.current_time", lambda late=late: two + timedelta(minutes=late)
        )
        ended = CliRunner().invoke(app, command)
        assert ended.exit_code == 0 and said in ended.stdout, ended.output
    assert len(asked) == 1
    store.operations.write_text("[schedule]\nlatest_start_minutes = 'long'\n")
    assert plan.skip_reason(store, two) is None, (
        "the run itself says what is wrong with the settings"
    )


def test_of_missed_nights_the_last_is_made_up_for_unless_it_is_too_late():
    schedule = operations.SETTINGS["schedule"]
    before, hour = NIGHT - timedelta(days=3), timedelta(hours=1)
    assert find_missed_run(schedule, before, NIGHT + 3 * hour) == NIGHT
    assert find_missed_run(schedule, before, NIGHT + 5 * hour) is None, "later than 240 minutes"
    assert find_missed_run(schedule, NIGHT + hour, NIGHT + 3 * hour) is None, "it ran"
    assert find_missed_run(schedule, None, NIGHT + 3 * hour) is None, (
        "a new store has missed nothing"
    )
    assert is_too_late(NIGHT, NIGHT + 5 * hour, 240) and not is_too_late(
        NIGHT, NIGHT + 3 * hour, 240
    )
