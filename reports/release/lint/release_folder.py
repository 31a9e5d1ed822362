"""A release as the rules see it: its folder, its manifest, its returns."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.config.return_layout import Return
from data.store.releases import parse_layouts, read_release_manifest, read_rows


@dataclass
class ReleaseFolder:
    """The folder of a release."""

    folder: Path

    @cached_property
    def manifest(self) -> dict:
        """Its `manifest.json`."""
        return read_release_manifest(self.folder)

    @property
    def request(self) -> dict:
        """What the release was made from: names, days, signatures, a correction."""
        return self.manifest["asked"]

    @cached_property
    def returns(self) -> list[Return]:
        """The returns as their CSV files have them."""
        layouts = parse_layouts(self.manifest)
        return [Return(layout, *read_rows(self.folder, layout)) for layout in layouts]
