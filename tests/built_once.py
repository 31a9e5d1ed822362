"""What many tests read and none may change is built once: for every worker, and for every session
in which program and helpers of tests are the same.

    landing = build_once("sample_landing", lambda folder: write_delivery(folder, SAMPLE_DAY))

It lies under .cache/built; a test that writes takes a copy (`copy_once_built`).
"""

import fcntl
import hashlib
import inspect
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from data.store.program import hash_code

T = TypeVar("T")

ROOT = Path(__file__).parents[1]
BUILT = ROOT / ".cache" / "built"
KEPT = 1  # of other programs: going back and forth between two costs nothing
KEPT_SECONDS = 3600  # what another session may still be reading


def build_once(name: str, build: Callable[[Path], T]) -> tuple[Path, T]:
    """Return the folder that `build` filled, and what it returned, now or earlier.

    Raises AssertionError where somebody has changed the folder since.
    """
    shelf = BUILT / _hash_program() / _hash_builder(build)
    shelf.mkdir(parents=True, exist_ok=True)
    folder, result = shelf / name, shelf / f"{name}.result"
    with _locked(shelf / f"{name}.lock"):
        if result.exists():
            state, returned = pickle.loads(result.read_bytes())
            if state != _describe(folder):
                result.unlink()  # the next one builds it again
                raise AssertionError(f"a test has changed {folder}: it should take a copy")
            return folder, returned
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        returned = build(folder)
        result.write_bytes(pickle.dumps((_describe(folder), returned)))
    return folder, returned


def forget_other_programs() -> None:
    """Remove what was built for other programs than this one, but for the latest one."""
    BUILT.mkdir(parents=True, exist_ok=True)
    (BUILT / _hash_program()).mkdir(exist_ok=True)
    (BUILT / _hash_program()).touch()
    others = sorted(BUILT.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[1 + KEPT :]:
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


@cache
def _hash_program() -> str:
    """Return a hash of the program, of the helpers of tests, and of where they lie."""
    digest = hashlib.sha256(f"{hash_code()}\0{ROOT}".encode())
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if not path.name.startswith("test_"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _hash_builder(build: Callable) -> str:
    return hashlib.sha256(Path(inspect.getfile(build)).read_bytes()).hexdigest()[:8]


def _describe(folder: Path) -> list[tuple[str, int, int]]:
    """Return the files of a folder with what shows that one was changed."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        (path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
    ]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
