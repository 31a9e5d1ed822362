"""Small disks of their own, which get full or read-only for real."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

from data.store.store import Store
from flows.monitoring.run_record import RunRecord

SIZE = 512 * 2**20


class Disk:
    """A file system in memory, mounted on a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def options(self, setting: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{setting}", self.folder], check=True)

    def leave(self, room: int) -> None:
        """Make the disk so small that so many bytes are free."""
        self.options(f"size={shutil.disk_usage(self.folder).used + room}")

    def fill(self) -> None:
        """A file of somebody else takes all the room that is left."""
        if free := shutil.disk_usage(self.folder).free:
            with (self.folder / "of somebody else").open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, free)

    def make_room(self) -> None:
        (self.folder / "of somebody else").unlink(missing_ok=True)
        self.options(f"size={SIZE}")

    def fill_at(self, moment: str, patch: Callable) -> None:
        """Fill the disk when a step of a run begins, by its name in the history of runs; or when
        readers are about to see what was published (`pointer`). `patch(object, name, value)` sets
        an attribute.
        """
        step, point = RunRecord.step, Store.point

        @wraps(step)
        def stepping(record: RunRecord, name: str):
            if name == moment:
                self.fill()
            return step(record, name)

        def pointing(store: Store, publication_id: str) -> None:
            if moment == "pointer":
                self.fill()
            point(store, publication_id)

        patch(RunRecord, "step", stepping)
        patch(Store, "point", pointing)


@contextmanager
def mounted(folder: Path) -> Iterator[Disk | None]:
    """A disk on a new folder; None where this user may not mount one."""
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], capture_output=True
        ).returncode
    ):
        yield None
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
