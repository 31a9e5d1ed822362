"""Requests to compute past days again: who asked, why, what was built, and what became of it. One
JSON each in STORE/backfills/; none is ever removed.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

OPEN = ("building", "built")


@dataclass
class Request:
    """`days` are as-of days (ISO); `known_at`: None (all that is known), "then" (what was known on
    each day), or a day. `built` has the publication of each day so far; `state` is building, built,
    published or dropped.
    """

    number: int
    days: list[str]
    known_at: str | None
    profile: str
    render: bool
    reason: str
    asked_by: str
    asked_at: str
    built: dict[str, str] = field(default_factory=dict)
    state: str = "building"
    closed_by: str | None = None
    closed_at: str | None = None

    def __str__(self) -> str:
        span = self.days[0] if len(self.days) == 1 else f"{self.days[0]} to {self.days[-1]}"
        return f"backfill {self.number} ({span}, asked for by {self.asked_by}: {self.reason})"

    @property
    def asked(self) -> tuple:
        """What makes two requests the same."""
        return self.days, self.known_at, self.profile, self.render


def list_requests(folder: Path) -> list[Request]:
    """Every request, the oldest first."""
    found = [
        Request(**json.loads(path.read_text(encoding="utf-8")))
        for path in folder.glob("[0-9]*.json")
    ]
    return sorted(found, key=lambda request: request.number)


def open_request(folder: Path) -> Request | None:
    """The request that is neither published nor dropped; there is one at most."""
    return next((request for request in list_requests(folder) if request.state in OPEN), None)


def enter_request(folder: Path, request: Request) -> None:
    """Write a new request. Raises FileExistsError where somebody else entered one of that number
    meanwhile.
    """
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".") as aside:
        write_request(Path(aside), request)
        os.link(Path(aside) / f"{request.number}.json", folder / f"{request.number}.json")


def write_request(folder: Path, request: Request) -> None:
    """At once: whoever reads sees the former or the new state."""
    aside = folder / f".{request.number}.json"
    aside.write_text(json.dumps(asdict(request), ensure_ascii=False, indent=1), encoding="utf-8")
    aside.replace(folder / f"{request.number}.json")
