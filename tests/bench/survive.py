"""Kill runs, fill disks and let memory run out, over and over: `make survive`.

After each, readers see one complete publication; the next run that is left alone gives the bytes of
one that was never disturbed, no row is lost or doubled, and nothing half done is left.

A run is killed at the nth thing that it does to the store (a file opened for writing, a folder, a
name, before and after each write of a Delta table), or at any moment. A disk is too small from the
beginning, or is filled when a step begins; the system gives a process no more memory. A run goes
without Prefect, which keeps nothing of what is tested here, in a process forked from one that has
everything imported.
"""

import argparse
import io
import os
import pickle
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from data.config.contract import load_contracts
from data.store import books, lake, manifest
from data.store.store import Store
from tests.disks import Disk, mounted
from tests.plain_steps import choose_prefect

CHANGES = (
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "shutil.rmtree",
    "shutil.move",
)
JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)
ROOMS = [
    0,
    *(25_000 * 2**step for step in range(10)),
]  # bytes: from nothing to what a run just needs
MEMORY = [
    1,
    20,
    100,
    200,
    300,
    400,
    600,
    800,
]  # MiB beyond what the process has when the run begins
PATIENCE = 90  # seconds, after which a run hangs and is killed
# Each step as the one that finds the disk full. Land and audit write nothing: filled when they
# begin, the next that writes finds it.
FULL_AT = {
    name: name for name in ("take in", "transform", "compare", "write tables", "render", "publish")
}
FULL_AT |= {"land": "take in", "audit": "compare", "pointer": "publish"}


def import_all():
    """Everything that a run needs, its flow and tasks as the plain functions that they are."""
    import flows.nightly.flow
    import transforms.build
    import transforms.returns.returns  # noqa: F401

    choose_prefect(False)
    return flows.nightly.flow.run_nightly


class Kill:
    """Ends the process at its nth change of the store."""

    def __init__(self, root: Path, at: int):
        self.root, self.at, self.seen = str(root), at, 0
        sys.addaudithook(self.hook)
        for name in ("write_deltalake", "write_parquet"):
            module = lake if hasattr(lake, name) else sys.modules["flows.publications.build"]
            setattr(module, name, self.around(getattr(module, name)))

    def hook(self, event: str, about: tuple) -> None:
        writes = (
            event == "open" and isinstance(about[1], str) and set(about[1]) & set("wax+")
        ) or event in CHANGES
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

    def __init__(
        self,
        nightly,
        folder: Path,
        texts: dict[str, str],
        later: dict[str, str],
        store: Path | None = None,
        render: bool = False,
    ):
        self.folder, self.nightly, self.render = folder, nightly, render
        self.landing, self.base, self.store = (
            folder / "landing",
            folder / "base",
            store or folder / "store",
        )
        self.landing.mkdir()
        self._land(texts)
        assert self._child(self.base, JUNE) == 0, "the first night failed"
        self._land(later)
        self.anew()
        started = time.monotonic()
        assert self._child(self.store, JULY) == 0, "the second night failed"
        self.seconds, self.first = time.monotonic() - started, Store(self.base).current()
        self.changes, self.undisturbed, self.compared = *self._read_result()[:2], 0

    def anew(self) -> None:
        shutil.rmtree(self.store, ignore_errors=True)
        shutil.copytree(self.base, self.store)

    def killed(self, at: int | float) -> bool:
        """A run killed at a change (int) or after so many seconds (float). Returns whether it
        was.
        """
        code = self._child(
            self.store,
            JULY,
            at=at if isinstance(at, int) else None,
            after=at if isinstance(at, float) else None,
        )
        self._readers_see_one(self.first, self.undisturbed["current"])
        return code == -signal.SIGKILL

    def full(self, disk: Disk, at: int | str) -> str | None:
        """A run with so much room (int), or on a disk that is full when a step begins (str).
        Returns the step that failed; None: there was room.
        """
        disk.make_room()
        self.anew()
        if isinstance(at, int):
            disk.leave(at)
        code = self._child(self.store, JULY, full=(disk, at) if isinstance(at, str) else None)
        allowed = [self.first]
        if code == 0:
            allowed.append(self.undisturbed["current"])
        self._readers_see_one(*allowed)
        disk.make_room()
        _, state, step, reason = self._read_result()
        assert state["half done"] == [], state["half done"]
        assert code == 0 or (
            f"the disk of the store {self.store} is full" in reason
            and reason.endswith("(docs/runbook/disk-full.md)")
        ), reason
        self.recovered(f"after a full disk ({at})")
        return step if code else None

    def starved(self, room: int) -> str:
        """A run that the system gives no more than so many bytes beyond what its process has
        already. Returns how it ended.
        """
        self.anew()
        code = self._child(self.store, JULY, memory=room)
        allowed = [self.first]
        if code == 0:
            allowed.append(self.undisturbed["current"])
        self._readers_see_one(*allowed)
        result = self._read_result() if code in (0, 2) else None
        assert code != 2 or ("not enough memory" in result[3] and result[1]["half done"] == []), (
            result
        )
        self.recovered(f"after {room} bytes of memory")
        if code == -signal.SIGKILL:
            return "hung"  # a library waits for a thread of its own that could not begin
        return (
            f"failed in {result[2]}"
            if code == 2
            else "published"
            if code == 0
            else f"ended by the system ({code})"
        )

    def _readers_see_one(self, *ids: str) -> None:
        current = Store(self.store).current()
        assert current in ids, current
        assert manifest.find_differences(Store(self.store).publication(current)) == []

    def recovered(self, what: str = "after a kill") -> None:
        """A run that is left alone: as if nothing had happened."""
        assert self._child(self.store, JULY) == 0, "the run after a disturbed one failed"
        state = self._read_result()[1]
        self.compared += 1
        files = {
            name
            for of in (state, self.undisturbed)
            for name in of["published"]
            if state["published"].get(name) != self.undisturbed["published"].get(name)
        }
        assert not files, (
            f"published files differ {what}: {sorted(files)}: {self._first_difference(min(files), state)}"
        )
        for name, whole in self.undisturbed.items():
            assert state[name] == whole, f"{name} of the store differ {what}"

    def _first_difference(self, file: str, state: dict) -> tuple | None:
        """The first row that is another one, of a table."""
        if not file.endswith(".parquet"):
            return None
        rows, whole = (
            pq.read_table(io.BytesIO(of["published"][file])).to_pylist()
            for of in (state, self.undisturbed)
        )
        return next(
            (pair for pair in zip(rows, whole, strict=False) if pair[0] != pair[1]),
            (len(rows), len(whole)),
        )

    def _read_result(self) -> tuple:
        return pickle.loads((self.folder / "result").read_bytes())

    def _state(self, root: Path) -> dict:
        """Everything that must not depend on what happened on the way."""
        store = Store(root)
        half = [
            path.name
            for of in ("published/.*", "work", ".FORMAT", "runs/*/.*")
            for path in root.glob(of)
        ]
        rows_by_book = {name: store.lake.read(name).to_pylist() for name in books.BOOKS}
        rows = {}
        for extract in load_contracts():
            rows[extract] = sorted(
                Path(file).read_bytes() for file in store.lake.current_files(extract)
            )
        folder = store.publication(store.current())
        published = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.stem != "manifest"
        }
        return {
            "current": store.current(),
            "notes": manifest.read_manifest(folder).notes,
            "half done": half,
            "books": rows_by_book,
            "rows": rows,
            "published": published,
        }

    def _land(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (self.landing / name).write_text(text, encoding="utf-8")

    def _child(
        self,
        store: Path,
        as_of: date,
        at: int | None = None,
        after: float | None = None,
        full: tuple[Disk, str] | None = None,
        memory: int | None = None,
    ) -> int:
        """A run in a process of its own, which tells how often it changed the store, in which state
        that is, the last step that it began, and how it ended. What uses threads stays out of
        here.
        """
        if not (child := os.fork()):
            code = 1
            try:
                from flows.monitoring.run_record import recording
                from flows.nightly.run_options import RunOptions

                if full:
                    disk, moment = full
                    disk.fill_at(moment, setattr)
                if memory:
                    most = (
                        int(Path("/proc/self/statm").read_text().split()[0])
                        * resource.getpagesize()
                        + memory
                    )
                    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
                kill = Kill(store, at or 0)
                with recording() as record:
                    options = RunOptions(self.landing, as_of, store=store, render=self.render)
                    outcome = self.nightly(options)
                resource.setrlimit(
                    resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                )
                code = 0 if outcome.state == "published" else 2
                result = (kill.seen, self._state(store), ["", *record.steps][-1], outcome.reason)
                (self.folder / "result").write_bytes(pickle.dumps(result))
            except BaseException:
                traceback.print_exc()
            os._exit(code)
        if after:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        ended, until = (0, 0), time.monotonic() + PATIENCE
        while not ended[0]:
            if time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.02)
            ended = os.waitpid(child, os.WNOHANG)
        return os.waitstatus_to_exitcode(ended[1])


def fill(run, folder: Path, *texts: dict[str, str]) -> None:
    """Every step of a night finds the disk full: because the disk is that small, and because it is
    filled when the step begins.
    """
    with mounted(folder / "disk") as disk:
        if disk is None:
            print(
                "full disks were not tried: mounting a small one needs rights that this user does not have",
                flush=True,
            )
            return
        (folder / "plain").mkdir()
        company = Company(run, folder / "plain", *texts, store=disk.folder / "store")
        by_room = {room: company.full(disk, room) for room in ROOMS}
        print(f"full with so many bytes of room: {by_room}", flush=True)
        assert {"", "take in", "transform", "compare", "write tables", None} <= set(
            by_room.values()
        )
        by_step = {name: company.full(disk, name) for name in FULL_AT if name != "render"}
        (folder / "rendered").mkdir()
        rendered = Company(
            run, folder / "rendered", *texts, store=disk.folder / "store", render=True
        )
        by_step |= {"render": rendered.full(disk, "render")}
        print(f"full when a step begins: {by_step}", flush=True)
        assert by_step == FULL_AT


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as small:
        run = import_all()
        from tests.faults.conftest import CLAIMS, COMPLAINTS
        from tests.stores import DELTA

        nights = (
            {"claims_20120630.csv": CLAIMS, "complaints_20120630.csv": COMPLAINTS},
            {"claims_20120731.csv": DELTA},
        )
        fill(run, Path(small), *nights)
        company = Company(run, Path(folder), *nights)
        print(
            f"with so many MiB of memory: { {room: company.starved(room * 2**20) for room in MEMORY} }",
            flush=True,
        )
        print(
            f"a run takes {company.seconds:.1f} s and changes the store {company.changes} times",
            flush=True,
        )
        done, failures = 0, []
        while done < options.kills:
            # In turn at a change, evenly spread over all of them, and at any moment.
            at = (
                1 + done * 37 % company.changes
                if done % 2
                else chance.uniform(0.05, company.seconds)
            )
            try:
                was_killed = company.killed(at)
                done += was_killed
                if was_killed and done < options.kills and chance.random() < 0.5:
                    continue
                company.recovered(f"after a kill at {at}")
            except AssertionError as error:
                failures.append(str(error))
                print(error, flush=True)
            company.anew()
            print(
                f"{done} of {options.kills} killed, compared {company.compared} times", flush=True
            )
        print(
            f"{done} runs killed, {company.compared} compared with one that never was, {len(failures)} failures",
            flush=True,
        )
        sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
