"""What ended a run from outside of the program - no room, no memory, damage, no rights - as the
sentence that a person can act on.
"""

import errno
import math
import re
import shutil
from pathlib import Path

from data.problem import Problem
from transforms.engine.machine_memory import find_memory, parse_size

FULL = re.compile(r"no space left|os error 28|disk quota exceeded|file too large", re.IGNORECASE)
MEMORY = re.compile(
    r"out of memory|cannot allocate memory|failed to allocate|malloc of size|bad_alloc"
    r"|failed to map segment|can't start new thread",
    re.IGNORECASE,
)
# DuckDB's own limit, which --memory sets: "(1.8 GiB/1.8 GiB used)".
ENGINE_LIMIT = re.compile(r"/([\d.]+ [KMGT]?i?B) used\)")
MOST_OF_MACHINE = 0.75  # the rest of the program, and the system, need some, too
RIGHTS = re.compile(r"permission denied|read-only file system", re.IGNORECASE)
DAMAGE = re.compile(r"delta|parquet|log segment|magic bytes|thrift|no such file", re.IGNORECASE)
STORE_FILE = re.compile(r"[^\s'\"]*(?:lake|published|quarantine)/[^\s'\":]*")
# The libraries that read and write the store.
STORE_LIBRARIES = ("deltalake", "duckdb", "_duckdb", "pyarrow")


def is_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out."""
    return isinstance(error, MemoryError) or bool(MEMORY.search(str(error)))


def is_error(error: BaseException) -> bool:
    """Return whether something raised is an error, and not a request to end.

    A panic of a library in Rust is not an Exception (pyo3 0.2x).
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def describe_program_error(error: BaseException) -> Problem:
    """Return what a user reads of an error that the program does not foresee."""
    first_line = str(error).splitlines()[0] if str(error) else ""
    return Problem(
        f"an error of the program: {type(error).__name__}: {first_line}",
        "keep the log and report it to whoever maintains the program",
        "program-error",
    )


def find_outside_cause(problem: Problem, root: Path, reading: str) -> Problem | None:
    """Return what is wrong with the machine where a problem of a file only seems to be the file's:
    the disk was full, or memory ran out, while it was read. None: it is the file's.
    """
    cause = _cause_of(problem)
    while cause:
        outside = problem_from_error(cause, root, reading)
        if outside and outside.page in ("disk-full", "memory"):
            return outside
        cause = _cause_of(cause)
    return None


def _cause_of(error: BaseException) -> BaseException | None:
    """Return what an error was raised from, or else while what was handled, as a traceback does."""
    if error.__cause__ or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def problem_from_error(error: BaseException, root: Path, reading: str = "") -> Problem | None:
    """Return the problem behind an error that ended a run on the store `root`, while it was
    `reading` a file. None: it is an error of the program.
    """
    message = " ".join(re.split("\n--- the SQL|Possible solutions", str(error))[0].split())
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or FULL.search(message):
        free = shutil.disk_usage(root).free
        return Problem(
            f"the disk of the store {root} is full ({free:,} bytes are free)",
            "free some space (servicekpi vacuum may help), then run again",
            "disk-full",
        )
    if is_of_memory(error):
        return _memory_problem(message, reading)
    if number in (errno.EACCES, errno.EROFS, errno.EPERM) or RIGHTS.search(message):
        return Problem(
            f"the store {root} cannot be written: {message[:200]}",
            "give the run write access to all of it",
            "read-only",
        )
    return _damage_problem(error, message)


def _memory_problem(message: str, reading: str) -> Problem:
    """Return the problem of a lack of memory: that of the engine, or of the machine."""
    what = "the run ran out of memory"
    if reading:
        what += f" to read {reading}"
    if message:
        what += f": {message[:200]}"
    return Problem(what, _memory_remedy(message), "memory")


def _memory_remedy(message: str) -> str:
    """Return what helps: to give the engine more while the machine has it; else to take less."""
    limit = ENGINE_LIMIT.search(message)
    machine = find_memory()
    if limit is None or machine is None:
        return "let the engine use less: --memory 1GB --threads 1"
    gigabytes = math.ceil(2 * parse_size(limit[1]) / 10**9)
    if gigabytes * 10**9 <= machine * MOST_OF_MACHINE:
        return f"let the engine use more: --memory {gigabytes}GB"
    return "let the engine use one thread: --threads 1"


def _damage_problem(error: BaseException, message: str) -> Problem | None:
    """Return the problem of a damaged file of the store; None where an error is about none."""
    of_library = type(error).__module__.startswith(STORE_LIBRARIES)
    if not of_library and not isinstance(error, OSError):
        return None
    file = STORE_FILE.search(message)
    if file is None or not DAMAGE.search(message):
        return None
    return Problem(
        f"a file of the store is damaged or gone: {file[0]}: {message[:200]}",
        "restore the store from its last backup",
        "damaged-store",
    )
