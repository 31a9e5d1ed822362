"""What the engine may use follows from the machine, and from the limits of its container."""

from pathlib import Path

import pytest

from data.problem import Problem
from transforms.engine.machine_memory import default_memory, find_memory, parse_size

GIB = 2**30
UNLIMITED_V1 = 9223372036854771712  # what version 1 says where there is no limit


def write_system(root: Path, files: dict[str, object]) -> Path:
    files = {"proc/meminfo": "MemTotal:       16777216 kB\nMemFree: 1 kB\n"} | files  # 16 GiB
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n", encoding="utf-8")
    return root


V2 = {"proc/self/cgroup": "0::/system.slice/kpi.service"}
V1 = {"proc/self/cgroup": "12:cpu,cpuacct:/docker/abc\n9:memory:/docker/abc\n1:name=systemd:/"}


@pytest.mark.parametrize(
    ("files", "gibibytes"),
    [
        ({}, 16),
        (V2, 16),
        (V2 | {"sys/fs/cgroup/system.slice/kpi.service/memory.max": "max"}, 16),
        (V2 | {"sys/fs/cgroup/system.slice/kpi.service/memory.max": 4 * GIB}, 4),
        (V2 | {"sys/fs/cgroup/system.slice/kpi.service/memory.high": 3 * GIB}, 3),
        # The group above has less.
        (
            V2
            | {
                "sys/fs/cgroup/system.slice/kpi.service/memory.max": 4 * GIB,
                "sys/fs/cgroup/system.slice/memory.max": 2 * GIB,
            },
            2,
        ),
        # More than the machine has is no limit.
        (V2 | {"sys/fs/cgroup/system.slice/kpi.service/memory.max": 64 * GIB}, 16),
        # A container with a namespace of its own.
        ({"proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": 1 * GIB}, 1),
        (V1, 16),
        (V1 | {"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": 4 * GIB}, 4),
        (V1 | {"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": UNLIMITED_V1}, 16),
        # A container sees its own limit at the top, and the path that its host knows.
        (V1 | {"sys/fs/cgroup/memory/memory.limit_in_bytes": 2 * GIB}, 2),
        # Both versions at once: systemd's hybrid.
        (
            {
                "proc/self/cgroup": "9:memory:/kpi\n0::/kpi",
                "sys/fs/cgroup/memory/kpi/memory.limit_in_bytes": 5 * GIB,
            },
            5,
        ),
    ],
)
def test_memory_is_the_machines_or_the_smallest_limit_on_the_way(files, gibibytes, tmp_path):
    assert find_memory(write_system(tmp_path, files)) == gibibytes * GIB


def test_the_engine_may_use_a_quarter(tmp_path):
    root = write_system(tmp_path, {"proc/meminfo": "MemTotal:       15625000 kB\n"})  # 16 GB
    assert default_memory(root) == "4000MB"


def test_a_system_that_does_not_say_what_it_has_gets_two_gigabytes(tmp_path):
    assert find_memory(tmp_path) is None
    assert default_memory(tmp_path) == "2GB"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("6GB", 6 * 10**9),
        ("6gb", 6 * 10**9),
        ("1.5 GiB", 3 * 2**29),
        ("512MiB", 2**29),
        ("8MB", 8_000_000),
        ("100B", 100),
    ],
)
def test_a_size_is_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["lots", "6", "", "-1GB", "0GB", "6 G"])
def test_what_is_not_a_size_is_a_sentence(text):
    with pytest.raises(Problem, match="is not a size of memory - give one such as 6GB"):
        parse_size(text)
