"""The one error that a person is meant to read."""

from collections.abc import Iterator
from contextlib import contextmanager


class Problem(Exception):
    """Something is wrong that a user can mend: what is wrong and where, what to do about it, and
    which page of docs/runbook/ tells more.
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
    """A problem that is raised within, and names no page of the runbook yet, is told on this
    one.
    """
    try:
        yield
    except Problem as problem:
        problem.page = problem.page or page
        raise
