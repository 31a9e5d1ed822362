"""What ended a run from outside of the program - no room, no memory, damage, no rights - as the sentence that a person can act on."""

import errno
import re
import shutil
from pathlib import Path

from data.problem import Problem

FULL = re.compile(r"no space left|os error 28|disk quota exceeded|file too large", re.IGNORECASE)
MEMORY = re.compile(r"out of memory|cannot allocate memory|failed to allocate|malloc of size|bad_alloc", re.IGNORECASE)
RIGHTS = re.compile(r"permission denied|read-only file system", re.IGNORECASE)
DAMAGE = re.compile(r"delta|parquet|log segment|magic bytes|thrift|no such file", re.IGNORECASE)


def told(error: Exception, root: Path) -> Problem | None:
    """The problem behind an error that ended a run on the store `root`; None: it is an error of the program."""
    said = " ".join(str(error).split("\n--- the SQL")[0].split())
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or FULL.search(said):
        free = shutil.disk_usage(root).free
        return Problem(
            f"the disk of the store {root} is full ({free:,} bytes are free)", "make room, servicekpi vacuum may help; then run again", "disk-full"
        )
    if isinstance(error, MemoryError) or MEMORY.search(said):
        return Problem(f"the run had not enough memory: {said[:200]}", "give it more, or let it use less: --memory 1GB --threads 1", "memory")
    if number in (errno.EACCES, errno.EROFS, errno.EPERM) or RIGHTS.search(said):
        return Problem(f"the store {root} cannot be written: {said[:200]}", "give the run write access to all of it", "read-only")
    if type(error).__module__.startswith(("deltalake", "duckdb", "_duckdb", "pyarrow")) or isinstance(error, OSError):
        if DAMAGE.search(said) and (named := re.search(r"[^\s'\"]*(?:lake|published|quarantine)/[^\s'\":]*", said)):
            return Problem(
                f"a file of the store is damaged or gone: {named[0]}: {said[:200]}", "restore the store from its last backup", "damaged-store"
            )
    return None
