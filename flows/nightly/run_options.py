"""What a run is asked to do."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class RunOptions:
    """Everything a caller decides about a run; a command or a deployment writes it once.

    Attributes:
        landing: Folder of the delivered extracts; None: nothing is taken in.
        as_of: Day of the figures; None: the day that ended last, in the profile's time zone.
        known_at: Use only deliveries known on that day; None: all that are known now.
        store: Folder that holds everything a run leaves behind.
        profile: Name of the source profile, data/profiles/NAME.toml.
        render: Write report, workbook and exports, too.
        threads: Threads of the engine; figures do not depend on it.
        memory: What the engine may use, such as 6GB; None: a share of what the machine has.
        keep_landing: Remove landed files this many days after their extract date; None: never.
        signing_key: PEM file of the Ed25519 key that signs the manifest.
        engine: What computes the figures: duckdb or spark. The figures are the same.
        master: Spark's master.
        wait_minutes: How long to wait for another run that uses the store.
        hold_request: Why readers must not see the result yet; None: nobody asked for that.
        unread_files: Names of landed files that are not complete yet, each with the reason.
    """

    landing: Path | None
    as_of: date | None = None
    known_at: date | None = None
    store: Path = Path("store")
    profile: str = "default"
    render: bool = True
    threads: int = 2
    memory: str | None = None
    keep_landing: int | None = None
    signing_key: Path | None = None
    engine: str = "duckdb"
    master: str | None = None
    wait_minutes: float = 0
    hold_request: str | None = None
    unread_files: dict[str, str] = field(default_factory=dict)
