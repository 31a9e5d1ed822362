"""A process ends as it should, whatever threads its libraries have: `python -m
tests.faults.test_endings 200` starts and ends that many in a row.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A run in small: Prefect's API within the process, a flow, and an end at once.
FLOW = """
import sys, threading
from pathlib import Path
from flows.cli.environment import prepare_environment
prepare_environment(Path(sys.argv[1]), quiet=True)
from flows.prefect_adapter.flow_runs import run_as_flow, step

double = step("double")(lambda number: 2 * number)
assert run_as_flow("doubling", lambda: double(double(1))) == 4
"""
# What the interpreter does first when it ends.
STOP = """
threading._shutdown()
running = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
print(running)
"""
# A thread of a native library that comes back to Python when the program is over: deltalake's file
# system gives Arrow's threads objects of Python's to free.
READ = """
import sys
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from flows.cli.ending import end_process

write_deltalake(sys.argv[1] + "/table", pa.table({"a": range(10)}))
DeltaTable(sys.argv[1] + "/table").to_pyarrow_table()
end_process(3)
"""


def run_program(program: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.prefect
def test_prefects_api_and_its_threads_end_before_the_process_does(tmp_path):
    ended = run_program(FLOW + STOP, tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "[]\n"), ended.stdout + ended.stderr


def test_a_thread_of_a_native_library_does_not_abort_the_end(tmp_path):
    """One of three ended with 134 on a busy machine before."""
    for number in range(8):
        (folder := tmp_path / str(number)).mkdir()
        ended = run_program(READ, folder)
        assert ended.returncode == 3, ended.stderr


def test_what_was_printed_is_there_though_the_end_is_short(tmp_path):
    program = """
from flows.cli.ending import end_process
import atexit, threading, time
atexit.register(print, "registered")
threading.Thread(target=lambda: (time.sleep(0.2), print("thread"))).start()
print("printed", end=" ")
end_process(5)
"""
    ended = run_program(program, tmp_path)
    assert (ended.returncode, ended.stdout) == (5, "printed thread\nregistered\n")


def count_endings(times: int, folder: Path) -> Counter:
    """Start and end so many processes with Prefect's API; return how often each exit code came."""
    codes = Counter()
    for _ in range(times):
        code = run_program(
            FLOW + "\nfrom flows.cli.ending import end_process\nend_process(0)", folder
        ).returncode
        codes[signal.Signals(-code).name if code < 0 else code] += 1
    return codes


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        print(count_endings(int(sys.argv[1]), Path(temporary)))
