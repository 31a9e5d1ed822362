"""What a release is asked to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReleaseRequest:
    """Everything that the bytes of a release depend on besides its publication.

    Field names are published: the manifest of a release has them under `asked`.
    """

    name: str
    publication_id: str
    templates: tuple[str, ...]  # ids of the returns
    audience: str  # `regulator` or `public`
    language: str  # `zh` or `en`
    prepared_by: str
    checked_by: str
    approved_by: str
    publish_at: str  # ISO instant with its offset
    announced_on: str = ""
    next_release: str = ""
    pre_release: tuple[str, ...] = ()  # who sees it before publication
    correction: dict[str, str] | None = None  # `replaces`, `cause`, `prevention`
    before: str | None = None  # the version before it, with which its rows are compared
    earlier: tuple[str, ...] = ()  # releases that the same readers have seen, "NAME VERSION"
    version: str = ""  # empty: the next one

    @classmethod
    def from_manifest(cls, manifest: dict) -> "ReleaseRequest":
        """Return what a frozen release was asked to be."""
        fields = {}
        for name, value in manifest["asked"].items():
            fields[name] = tuple(value) if isinstance(value, list) else value
        return cls(**fields)
