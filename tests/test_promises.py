"""The promises of the house (ARCHITECTURE.md, "Promises"), kept by doing it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from tests import stores
from tests.stores import YEAR_END as DAY


@pytest.fixture(scope="module")
def landing():
    return stores.synthetic_store().landing


def tables(folder: Path) -> dict[str, bytes]:
    """Every published table but the one that counts rows per file."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "tables").rglob("*.parquet"))
        if path.stem != "quality_input_file"
    }


@pytest.fixture(scope="module")
def undisturbed():
    return stores.synthetic_store().outcomes[0]


def test_the_same_bytes_of_tables_report_workbook_and_exports_on_one_thread_or_eight(
    landing, undisturbed, tmp_path
):
    again = run_nightly(RunOptions(landing=landing, as_of=DAY, store=tmp_path, threads=8))
    assert again.state == undisturbed.state == "published", (again.reason, undisturbed.reason)
    assert again.publication_id == undisturbed.publication_id
    files = [
        {
            path.relative_to(outcome.folder): path.read_bytes()
            for path in Path(outcome.folder).rglob("*")
            if path.is_file() and path.name != "manifest.json"
        }
        for outcome in (undisturbed, again)
    ]
    assert files[0].keys() == files[1].keys() and len(files[0]) > 20
    assert [str(name) for name in files[0] if files[0][name] != files[1][name]] == []
    described = json.loads((Path(again.folder) / "manifest.json").read_text(encoding="utf-8"))
    assert set(described["files"]) == {name.as_posix() for name in files[0]}, (
        "no file that the manifest does not name"
    )


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from tests import conftest
from {module} import {owner}
{owner}.{method} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
print(run_nightly(RunOptions(landing=Path(sys.argv[1]), as_of=date(2012, 12, 31), store=Path(sys.argv[2]), render=False)))
"""


@pytest.mark.parametrize(
    ("module", "owner", "method"),
    [
        pytest.param(
            "data.store.lake",
            "Lake",
            "add",
            id="after the rows are written, before the delivery is committed",
        ),
        pytest.param(
            "data.store.store", "Store", "commit", id="after everything is built, before the swap"
        ),
    ],
)
def test_killed_and_run_again_as_if_never_killed(
    landing, undisturbed, tmp_path, module, owner, method
):
    store = tmp_path / "store"
    before = (
        run_nightly(
            RunOptions(landing=landing, as_of=date(2012, 11, 30), store=store, render=False)
        )
        if method == "commit"
        else None
    )
    script, log, root = (
        tmp_path / "killed.py",
        tmp_path / "killed.log",
        Path(__file__).parent.parent,
    )
    script.write_text(KILLED.format(module=module, owner=owner, method=method), encoding="utf-8")
    with log.open("w") as stream:
        killed = subprocess.Popen(
            [sys.executable, str(script), str(landing), str(store)],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        try:
            assert killed.wait(300) == -signal.SIGKILL, log.read_text()[-2000:]
            with pytest.raises(ProcessLookupError):
                os.killpg(killed.pid, 0)  # nothing outlives the run
        finally:
            with suppress(ProcessLookupError):
                os.killpg(killed.pid, signal.SIGKILL)
    if before:
        assert (store / "published" / "CURRENT").read_text().strip() == before.publication_id, (
            "readers see the former publication, whole"
        )
        assert tables(Path(before.folder))
    again = run_nightly(RunOptions(landing=landing, as_of=DAY, store=store, render=False))
    assert again.state == "published" and again.readers_see == again.publication_id
    assert tables(Path(again.folder)) == tables(Path(undisturbed.folder))
    assert not list((store / "published").glob(".building-*")) and not (store / "work").exists()


def test_a_second_run_at_the_same_moment_is_refused(landing, tmp_path):
    from data.store.store import Store

    with Store(tmp_path).locked():
        outcome = run_nightly(RunOptions(landing=landing, as_of=DAY, store=tmp_path, render=False))
    assert outcome.state == "failed" and "another run is using the store" in outcome.reason
