"""Runs that are killed, over and over: `make survive`. After each kill readers see one complete publication; the next run that is left alone gives the
bytes of one that never was disturbed, no row is lost or doubled, and nothing half done is left.

A run is killed at the nth thing that it does to the store (a file opened for writing, a folder, a name, before and after each write of a Delta table),
or at any moment. It runs without Prefect, which keeps nothing of what is tested here, in a process forked from one that has everything imported.
"""

import argparse
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from datetime import date
from pathlib import Path

import prefect

from data import lake, manifest
from data.contract import contracts
from data.store import Store

CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree", "shutil.move")
JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)


def import_all():
    """Everything that a run needs, its flow and tasks as the plain functions that they are."""
    prefect.task = prefect.flow = lambda **_: lambda function: function
    import expectations.suites
    import flows.nightly
    import transforms.build
    import transforms.returns  # noqa: F401

    return flows.nightly.nightly


class Kill:
    """Ends the process at its nth change of the store."""

    def __init__(self, root: Path, at: int):
        self.root, self.at, self.seen = str(root), at, 0
        sys.addaudithook(self.hook)
        for name in ("write_deltalake", "write_parquet"):
            module = lake if hasattr(lake, name) else sys.modules["flows.building"]
            setattr(module, name, self.around(getattr(module, name)))

    def hook(self, event: str, about: tuple) -> None:
        writes = event == "open" and isinstance(about[1], str) and set(about[1]) & set("wax+") or event in CHANGES
        if writes and str(about[0]).startswith(self.root):
            self.change()

    def around(self, function):
        def changing(*args, **kwargs):
            self.change()
            result = function(*args, **kwargs)
            self.change()
            return result

        return changing

    def change(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Company:
    """A store after its first night, the second one to come, and what that gives undisturbed."""

    def __init__(self, nightly, folder: Path, texts: dict[str, str], later: dict[str, str]):
        self.folder, self.nightly = folder, nightly
        self.landing, self.base, self.store = folder / "landing", folder / "base", folder / "store"
        self.landing.mkdir()
        self._land(texts)
        assert self._child(self.base, JUNE) == 0, "the first night failed"
        self._land(later)
        self.anew()
        started = time.monotonic()
        assert self._child(self.store, JULY) == 0, "the second night failed"
        self.seconds, self.first = time.monotonic() - started, Store(self.base).current()
        self.changes, self.whole = pickle.loads((folder / "told").read_bytes())

    def anew(self) -> None:
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.copytree(self.base, self.store)

    def killed(self, at: int | float) -> bool:
        """A run killed at a change (int) or after so many seconds (float). Returns whether it was."""
        code = self._child(self.store, JULY, at=at if isinstance(at, int) else None, after=at if isinstance(at, float) else None)
        current = Store(self.store).current()
        assert current in (self.first, self.whole["current"]), current
        assert manifest.differences(Store(self.store).publication(current)) == []
        return code == -signal.SIGKILL

    def recovered(self) -> None:
        """A run that is left alone: as if nothing had happened."""
        assert self._child(self.store, JULY) == 0, "the run after a killed one failed"
        _, state = pickle.loads((self.folder / "told").read_bytes())
        for name, whole in self.whole.items():
            assert state[name] == whole, f"{name} of the store differ"

    def _state(self, root: Path) -> dict:
        """Everything that must not depend on what happened on the way."""
        store = Store(root)
        half = [path.name for path in (*store.published.glob(".*"), *root.glob("work"), *root.glob(".FORMAT"))]
        books = {name: store.lake.read(name).to_pylist() for name in lake.BOOKS}
        rows = {}
        for extract in contracts():
            rows[extract] = sorted(Path(file).read_bytes() for file in store.lake.current_files(extract))
        folder = store.publication(store.current())
        published = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.stem != "manifest"}
        return {"current": store.current(), "half done": half, "books": books, "rows": rows, "published": published}

    def _land(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (self.landing / name).write_text(text, encoding="utf-8")

    def _child(self, store: Path, as_of: date, at: int | None = None, after: float | None = None) -> int:
        """A run in a process of its own, which tells how often it changed the store and in which state that is. What uses threads stays out of here."""
        if not (child := os.fork()):
            code = 1
            try:
                kill = Kill(store, at or 0)
                outcome = self.nightly(landing=self.landing, as_of=as_of, store=store, render=False)
                code = 0 if getattr(outcome, "state", None) == "published" else print(outcome) or 1
                (self.folder / "told").write_bytes(pickle.dumps((kill.seen, self._state(store))))
            except BaseException:
                traceback.print_exc()
            os._exit(code)
        if after:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        run = import_all()
        from tests.faults.conftest import CLAIMS, COMPLAINTS
        from tests.test_publications import DELTA

        company = Company(run, Path(folder), {"claims_20120630.csv": CLAIMS, "complaints_20120630.csv": COMPLAINTS}, {"claims_20120731.csv": DELTA})
        print(f"a run takes {company.seconds:.1f} s and changes the store {company.changes} times", flush=True)
        done = 0
        while done < asked.kills:
            # In turn at a change, evenly spread over all of them, and at any moment.
            at = 1 + done * 37 % company.changes if done % 2 else chance.uniform(0.05, company.seconds)
            was_killed = company.killed(at)
            done += was_killed
            if not was_killed or chance.random() < 0.5 or done == asked.kills:
                company.recovered()
                company.anew()
                print(f"{done} of {asked.kills} killed, as if never killed", flush=True)


if __name__ == "__main__":
    main()
