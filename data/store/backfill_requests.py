"""Requests to compute past days again: by whom and why, what was built, and what became of it.

One JSON file each in STORE/backfills/; none is ever removed.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, Field

from data.store.atomic import write_text

OPEN_STATES = ("building", "built")


@dataclass(frozen=True)
class BackfillScope:
    """What is to be computed; two requests of the same scope are the same.

    `days` are as-of days in ISO form. `known_at` is None (all that is known), "then" (what was
    known on each day), or a day. With `render` report, workbook and exports are written, too.
    """

    days: list[str]
    known_at: str | None = None
    profile: str = "default"
    render: bool = True


class BackfillRequest(BaseModel):
    """A request for past days; it stays on record whatever becomes of it.

    `days`, `known_at`, `profile` and `render` are its scope. `built` has the publication of each
    day so far. `state` is building, built, published or dropped. The aliases are the keys on disk,
    where stores of every version have them.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    number: int
    days: list[str]
    known_at: str | None
    profile: str
    render: bool
    reason: str
    requested_by: str = Field(validation_alias="asked_by", serialization_alias="asked_by")
    requested_at: str = Field(validation_alias="asked_at", serialization_alias="asked_at")
    built: dict[str, str] = {}
    state: str = "building"
    closed_by: str | None = None
    closed_at: str | None = None

    def __str__(self) -> str:
        days = self.days[0]
        if len(self.days) > 1:
            days = f"{self.days[0]} to {self.days[-1]}"
        return f"backfill {self.number} ({days}, asked for by {self.requested_by}: {self.reason})"

    @property
    def scope(self) -> BackfillScope:
        """Return what is to be computed."""
        return BackfillScope(self.days, self.known_at, self.profile, self.render)


def list_requests(folder: Path) -> list[BackfillRequest]:
    """Return every request, the oldest first."""
    paths = folder.glob("[0-9]*.json")
    requests = [BackfillRequest.model_validate_json(path.read_bytes()) for path in paths]
    return sorted(requests, key=lambda request: request.number)


def open_request(folder: Path) -> BackfillRequest | None:
    """Return the request that is neither published nor dropped; there is at most one."""
    for request in list_requests(folder):
        if request.state in OPEN_STATES:
            return request
    return None


def enter_request(folder: Path, request: BackfillRequest) -> None:
    """Write a new request.

    Raises FileExistsError where somebody else has entered one of that number meanwhile.
    """
    folder.mkdir(exist_ok=True)
    # A rename would replace the other's request; a link fails where the name exists.
    with TemporaryDirectory(dir=folder, prefix=".") as temporary:
        write_request(Path(temporary), request)
        name = f"{request.number}.json"
        os.link(Path(temporary) / name, folder / name)


def write_request(folder: Path, request: BackfillRequest) -> None:
    """Write a request over its former state."""
    text = request.model_dump_json(by_alias=True, indent=1)
    write_text(folder / f"{request.number}.json", text)
