"""The runbook: every page is named by a message, every message's page is there, and every command
on a page does what it is for where it is for.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from data.problem import Problem
from data.store import manifest, signature
from data.store.lock import hold_lock
from data.store.store import Store
from flows.cli.main import app
from flows.publications import decisions
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.house.test_rules import ROOMS

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for path in (ROOT / "docs" / "runbook").glob("*.md") if path.stem != "README")


def test_every_page_is_named_by_a_message_and_listed():
    named = set()
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"\(docs/runbook/([a-z-]+)\.md\)", text))
        for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
            name, args = getattr(call.func, "id", ""), call.args
            named |= (
                {ast.literal_eval(args[-1])}
                if (name, len(args)) in (("Problem", 3), ("runbook_page", 1))
                else set()
            )
    listed = set(
        re.findall(
            r"\]\(([a-z-]+)\.md\)", (ROOT / "docs/runbook/README.md").read_text(encoding="utf-8")
        )
    )
    assert {page.stem for page in PAGES} == listed == named


def commands() -> list[tuple[str, str]]:
    lines = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines += [
            (page.stem, line)
            for line in re.findall(r"^ +(servicekpi .*)$|`(servicekpi [^`]*)`", text, re.MULTILINE)
            for line in line
            if line
        ]
    return lines


# Carried out elsewhere, or by nobody.
NOT_RUN = {
    (
        "spark",
        "servicekpi run --landing DIR --store STORE --engine spark",
    ): "needs Java: tests/spark",
}
# These run until they are ended: tests/test_schedule.py.
NOT_RUN |= {
    ("prefect-server", f"servicekpi serve --landing DIR --store STORE {option}"): "does not end"
    for option in ("--port 4201", "--server URL")
}
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
NIGHT = TODAY - timedelta(days=1)
BEFORE = NIGHT - timedelta(days=1)
DAY = f"{BEFORE:%Y%m%d}"  # of the extracts


def called(line: str, **values) -> tuple[int, str]:
    """A command as it stands on a page, with these values in place of its words in capitals.
    Returns its exit code and what it said.
    """
    words = [str(values.get(word.replace(".", "_"), word)) for word in shlex.split(line)[1:]]
    ended = CliRunner().invoke(app, words)
    assert ended.exception is None or isinstance(ended.exception, (SystemExit, Problem)), "".join(
        traceback.format_exception(ended.exception)
    )
    return ended.exit_code, ended.output + (
        str(ended.exception) if isinstance(ended.exception, Problem) else ""
    )


def old(path: Path, text: str) -> Path:
    """A file that nobody is still writing."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (0, 0))
    return path


@pytest.fixture(scope="module", autouse=True)
def nothing_rendered_or_compared():
    """Both are no part of what the pages are about, and take most of a run."""

    def render(folder, *_):
        (folder / "exports" / "digest.txt").write_text("a night\n")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.publications.build.render_publication", render)
        patched.setattr("flows.publications.compare.compare_publications", lambda *_: {})
        patched.setattr("flows.monitoring.run_record.write_run_page", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A folder with a landing folder, the store that last night left, and its backup. Nobody writes
    to it.
    """
    folder = tmp_path_factory.mktemp("whole")
    (folder / "landing").mkdir()
    old(folder / "landing" / f"claims_{DAY}.csv", CLAIMS)
    old(folder / "landing" / f"complaints_{DAY}.csv", COMPLAINTS)
    for line in (
        f"servicekpi run --landing DIR --store STORE --as-of {BEFORE}",
        "servicekpi run --landing DIR --store STORE",
    ):
        assert called(line, DIR=folder / "landing", STORE=folder / "store")[0] == 0
    assert (
        called(
            "servicekpi backup FILE.tar --store STORE",
            FILE_tar=folder / "backup.tar",
            STORE=folder / "store",
        )[0]
        == 0
    )
    return folder


@pytest.fixture(scope="module")
def backfilled(whole, tmp_path_factory) -> Path:
    """The same with a backfill that has been built and not been published."""
    folder = shutil.copytree(whole, tmp_path_factory.mktemp("backfilled") / "copy")
    (folder / "store" / "policy.toml").write_text(
        "[targets.claim_closure_pct]\nall = 90\n", encoding="utf-8"
    )
    ended = called(
        f"servicekpi backfill {BEFORE} {BEFORE} --reason why --store STORE", STORE=folder / "store"
    )
    assert ended[0] == 0, ended
    return folder


@dataclass
class Situation:
    """What a page is about, on a copy of the small company: the values of its commands, and the
    message by which a run has sent somebody there.
    """

    folder: Path

    def __post_init__(self):
        self.landing, self.store = self.folder / "landing", Store(self.folder / "store")
        self.values = {
            "DIR": self.landing,
            "STORE": self.store.root,
            "NEW": self.folder / "new",
            "NAME": "default",
            "ID": self.store.current(),
        }
        self.values |= {
            "FILE": self.landing / f"claims_{DAY}.csv",
            "FILE_tar": self.folder / "backup.tar",
        }

    def run(self, line: str = "servicekpi run --landing DIR --store STORE") -> str:
        return called(line, **self.values)[1]

    def prepare_another_run(self) -> None:
        with hold_lock(self.store.root):
            assert "docs/runbook/another-run.md" in self.run()

    def prepare_backfill(self) -> None:
        self.values |= dict.fromkeys(("2012-06-30", "2012-07-31"), BEFORE)
        self.values["ID"] = next(
            name for name in self.store.publications() if decisions.hold_reason(self.store, name)
        )
        assert "docs/runbook/backfill.md" in self.run(
            f"servicekpi backfill {NIGHT} {NIGHT} --reason other --store STORE"
        )

    def prepare_clock(self) -> None:
        ahead = TODAY + timedelta(days=400)
        visible = self.store.publication(self.store.current())
        former = manifest.read_manifest(visible)
        recipe = former.recipe.model_copy(update={"as_of": ahead})
        folder = shutil.copytree(visible, self.store.published / recipe.identify())
        (folder / "manifest.json").chmod(0o644)
        changes = {"publication_id": folder.name, "finished": f"{ahead}T00:00:00+00:00"}
        manifest.write_manifest(folder, former.model_copy(update=changes | {"recipe": recipe}))
        self.store.point(folder.name)
        self.values["ID"] = folder.name
        assert "docs/runbook/clock.md" in self.run()

    def prepare_damaged_store(self) -> None:
        log = next((self.store.root / "lake/delivery/_delta_log").glob("*.json"))
        log.write_bytes(log.read_bytes()[:100])
        assert "docs/runbook/damaged-store.md" in self.run()
        code, output = called("servicekpi scrub --store STORE", **self.values)
        assert code == 1 and str(log) in output
        repaired = called("servicekpi scrub --store STORE --backup FILE.tar", **self.values)
        assert repaired[0] == 0, repaired

    def prepare_publication_on_hold(self) -> None:
        ended = called("servicekpi hold ID --reason doubt --by NAME --store STORE", **self.values)
        assert ended[0] == 0, ended
        assert "docs/runbook/held.md" in self.run()

    def prepare_late_extract(self) -> None:
        self.store.operations.write_text('[arrival]\nmarker = ".ok"\n')
        assert "docs/runbook/late-extract.md" in self.run()
        for path in list(self.landing.iterdir()):
            old(path.with_name(f"{path.name}.ok"), "")

    def prepare_newer_store(self) -> None:
        (self.store.root / "FORMAT").write_text("999\n")
        assert "docs/runbook/newer-store.md" in self.run()

    def prepare_nothing_landed(self) -> None:
        self.values["STORE"], self.values["DIR"] = self.folder / "fresh", self.folder / "empty"
        (self.folder / "empty").mkdir()
        assert "docs/runbook/nothing-landed.md" in self.run()
        self.values["DIR"] = self.landing

    def prepare_refused_delivery(self) -> None:
        self.values["claims:2012-12-31"] = f"claims:{TODAY}"
        rows = "".join(f"Z{number},0101,商业车险,nonsense,,,,,\n" for number in range(200))
        old(self.landing / f"claims_{TODAY:%Y%m%d}.csv", CLAIMS + rows)
        assert "docs/runbook/refused-delivery.md" in self.run()

    def prepare_settings(self) -> None:
        self.store.policy.write_text("nonsense = 1\n")
        assert "docs/runbook/settings.md" in self.run()
        self.store.policy.unlink()

    def prepare_signing_key(self) -> None:
        assert "docs/runbook/signing-key.md" in self.run(
            f"servicekpi run --landing DIR --store STORE --signing-key {self.folder}/gone.pem"
        )

    def prepare_unreadable_file(self) -> None:
        old(self.landing / f"claims_{TODAY:%Y%m%d}.csv", "Aktenzeichen;Filiale\n1;2\n")
        assert "docs/runbook/unreadable-file.md" in self.run()
        self.values["FILE"] = self.landing / f"claims_{TODAY:%Y%m%d}.csv"


# How a situation is made whose page has another name than the method: else `prepare_` and the page.
PREPARATIONS = {"held": "prepare_publication_on_hold"}
# Anything but 0 that a command is to end with: it says what is wrong.
ENDS = {("held", "status"): 1, ("late-extract", "status"): 1, ("unreadable-file", "check"): 1}


@pytest.mark.parametrize(
    ("page", "line"), [command for command in commands() if command not in NOT_RUN]
)
def test_every_command_of_a_page_does_in_its_situation_what_it_is_for(
    page, line, request, tmp_path
):
    folder = shutil.copytree(
        request.getfixturevalue("backfilled" if page == "backfill" else "whole"), tmp_path / "copy"
    )
    situation = Situation(folder)
    preparation = PREPARATIONS.get(page, f"prepare_{page.replace('-', '_')}")
    getattr(situation, preparation, lambda: None)()
    name = shlex.split(line)[1]
    if name == "backup":
        situation.values["FILE_tar"] = folder / "new.tar"
    code, output = called(line, **situation.values)
    assert code == ENDS.get((page, name), 0), output
    assert output.strip() or name == "vacuum", "it says what it did"


def test_a_key_as_the_page_makes_it_signs(whole, tmp_path):
    (line,) = re.findall(
        r"^ +(openssl .*)$",
        (ROOT / "docs/runbook/signing-key.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl on this machine")
    subprocess.run(shlex.split(line), cwd=tmp_path, check=True, capture_output=True)
    assert signature.load_private_key(tmp_path / "key.pem")
