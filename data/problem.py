"""The one error that a person is meant to read."""

from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):  # noqa: N818 - people read it, and it is not an error of the program
    """Something that a user can fix: what is wrong and where, what to do about it, and which page
    of docs/runbook/ says more.
    """

    def __init__(self, what: str, remedy: str, page: str | None = None):
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.page = page

    def __str__(self) -> str:
        return f"{self.what} - {self.remedy}" + (
            f" (docs/runbook/{self.page}.md)" if self.page else ""
        )

    def __reduce__(self):
        return Problem, (self.what, self.remedy, self.page)


@contextmanager
def runbook_page(page: str) -> Iterator[None]:
    """Give this page of the runbook to every Problem raised in the block that has none yet."""
    try:
        yield
    except Problem as problem:
        problem.page = problem.page or page
        raise
