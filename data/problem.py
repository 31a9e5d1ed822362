"""The one error that a person is meant to read."""


class Problem(Exception):
    """Something is wrong that a user can mend: what is wrong and where, and what to do about it."""

    def __init__(self, what: str, remedy: str):
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} - {self.remedy}"

    def __reduce__(self):
        return Problem, (self.what, self.remedy)
