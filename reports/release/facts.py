"""What a release says about itself."""

from collections.abc import Callable
from dataclasses import dataclass

from data.config.return_layout import Layout


@dataclass(frozen=True)
class ReleaseFacts:
    """What the cover and the metadata of a release say about it.

    Texts are in the release's `language` (`zh` or `en`) where they are sentences; `publish_at` is
    an ISO instant with its offset, the other days are ISO dates, `-` or empty where unknown.
    """

    name: str
    version: str
    language: str
    audience: str  # `regulator` or `public`
    publication_id: str
    publish_at: str
    announced_on: str
    next_release: str
    pre_release: tuple[str, ...]  # who saw it before publication
    producer: str
    manifest_sha256: str  # of the publication that the release was made from
    titles: tuple[str, ...]  # of its returns
    contact: str
    licence: str
    low_marker: str  # stands for a figure that rounds to zero and is not zero
    floor: int  # smaller counts are hidden
    few: int  # ratios of fewer cases are marked as unreliable
    state: str  # `provisional`, `revised` or `final`: the weakest of its rows
    notice: tuple[str, ...]  # of a correction, line by line; otherwise empty
    quality: dict[str, str]  # what the sentences about quality quote, by their placeholder
    correction: dict[str, str] | None  # `replaces`, `cause` and `prevention`
    row_status: Callable[[Layout, dict, dict[str, str]], str]  # of a row with its marks
