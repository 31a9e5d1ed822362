"""How much memory the engine may use: a share of what the machine, or its container, has."""

import re
from collections.abc import Iterator
from pathlib import Path

from data.problem import Problem

# At 100 million claims the whole program took 2.1 times what its engine was given (November 2026),
# and the system reads Parquet faster with what is left.
ENGINE_SHARE = 4  # a quarter
DEFAULT = "2GB"  # where the system does not say what it has

SIZE = re.compile(r"(\d+(?:\.\d+)?) *([KMGT]?)(i?)B", re.IGNORECASE)
EXPONENTS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def default_memory(root: Path = Path("/")) -> str:
    """Return what the engine may use unless somebody says otherwise, such as "6144MB"."""
    available = find_memory(root)
    if available is None:
        return DEFAULT
    return f"{available // ENGINE_SHARE // 10**6}MB"


def find_memory(root: Path = Path("/")) -> int | None:
    """Return the bytes of memory that this process can have; None where the system does not say.

    That is the machine's memory, or the smallest limit of the control groups that the process is
    in (Linux, cgroups(7)), of version 1 or 2. `root` is the root of the file system.
    """
    sizes = [*_machine_memory(root), *_group_limits(root)]
    return min(sizes, default=None)


def parse_size(text: str) -> int:
    """Return the bytes of a size such as 6GB or 512MiB. Raises Problem where it is none."""
    match = SIZE.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise Problem(f"{text!r} is not a size of memory", "give one such as 6GB or 512MiB")
    number, prefix, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** EXPONENTS[prefix.upper()])


def _machine_memory(root: Path) -> list[int]:
    total = re.search(r"^MemTotal: +(\d+) kB$", _read(root / "proc/meminfo"), re.MULTILINE)
    return [int(total[1]) * 1024] if total else []


def _group_limits(root: Path) -> Iterator[int]:
    """Yield the limits of the groups of this process, and of the groups above them."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", maxsplit=2)
        if controllers == "":
            folder, names = root / "sys/fs/cgroup", ("memory.max", "memory.high")
        elif "memory" in controllers.split(","):
            folder, names = root / "sys/fs/cgroup/memory", ("memory.limit_in_bytes",)
        else:
            continue
        # In a container the path may be that on its host, and the folder the container's own.
        own = folder / group.lstrip("/")
        for above in (own, *own.parents):
            for name in names:
                limit = _read(above / name).strip()
                if limit.isdigit():  # and not "max"
                    yield int(limit)
            if above == folder:
                break


def _read(path: Path) -> str:
    """Return the text of a file; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
