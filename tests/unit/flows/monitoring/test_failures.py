"""What ended a run from outside of the program."""

import pytest

from data.problem import Problem
from flows.monitoring.failures import find_outside_cause

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
