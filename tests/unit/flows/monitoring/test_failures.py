"""What ended a run from outside of the program."""

import pytest

from data.problem import Problem
from flows.monitoring import failures
from flows.monitoring.failures import find_outside_cause, problem_from_error

GB = 10**9
FULL = OSError(28, "No space left on device")


def raise_explicitly():
    raise Problem("the file cannot be read", "deliver it again") from FULL


def raise_while_handling():
    try:
        raise FULL
    except OSError:
        raise Problem("the file cannot be read", "deliver it again")  # noqa: B904 - what is tested


def raise_behind_another():
    try:
        raise_while_handling()
    except Problem as problem:
        raise Problem("the delivery cannot be read", "deliver it again") from problem


def raise_for_the_file():
    raise Problem("the file cannot be read", "deliver it again") from ValueError(
        "a mistake in the file"
    )


@pytest.mark.parametrize(
    ("raise_problem", "page"),
    [
        (raise_explicitly, "disk-full"),
        (raise_while_handling, "disk-full"),
        (raise_behind_another, "disk-full"),
        (raise_for_the_file, None),
    ],
)
def test_a_full_disk_is_the_cause_however_the_problem_was_raised_from_it(
    raise_problem, page, tmp_path
):
    with pytest.raises(Problem) as error:
        raise_problem()
    cause = find_outside_cause(error.value, tmp_path, "claims.csv")
    assert (cause.page if cause else None) == page


@pytest.mark.parametrize(
    ("message", "machine", "remedy"),
    [
        # The engine's own limit: more, while the machine has it.
        ("failed to pin block (1.8 GiB/1.8 GiB used)", 8 * GB, "use more: --memory 4GB"),
        ("could not allocate block (9.9 MiB/10.0 MiB used)", 8 * GB, "use more: --memory 1GB"),
        ("failed to pin block (2.7 GiB/2.79 GiB used)", 8 * GB, "use more: --memory 6GB"),
        ("failed to pin block (2.8 GiB/2.8 GiB used)", 8 * GB, "use one thread: --threads 1"),
        ("failed to pin block (4.0 GiB/4.0 GiB used)", 8 * GB, "use one thread: --threads 1"),
        # The machine's: less.
        ("std::bad_alloc", 8 * GB, "use less: --memory 1GB --threads 1"),
        ("failed to pin block (1.8 GiB/1.8 GiB used)", None, "use less: --memory 1GB --threads 1"),
    ],
)
def test_a_lack_of_memory_has_one_remedy(message, machine, remedy, tmp_path, monkeypatch):
    monkeypatch.setattr(failures, "find_memory", lambda: machine)
    problem = problem_from_error(RuntimeError(f"Out of Memory Error: {message}"), tmp_path)
    assert problem and problem.page == "memory"
    assert problem.remedy == f"let the engine {remedy}"
