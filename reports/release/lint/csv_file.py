"""A CSV as the rules see it, with the metadata next to it."""

import csv
import io
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.problem import Problem


@dataclass
class CsvFile:
    """A CSV as bytes; its rows; and the metadata next to it, where there is any."""

    path: Path
    content: bytes

    @staticmethod
    def from_file(path: Path) -> "CsvFile":
        """Read a CSV.

        Raises Problem where it is not text in UTF-8.
        """
        content = path.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Problem(
                f"{path.name} is not UTF-8 at byte {error.start}", "save it as UTF-8"
            ) from error

        return CsvFile(path, content)

    @cached_property
    def rows(self) -> list[list[str]]:
        """All rows, the header first."""
        text = self.content.decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline="")))

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return self.rows[0] if self.rows else []

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The cells of each column; empty where a row is too short."""
        columns = {}
        for position, name in enumerate(self.header):
            columns[name] = self._cells(position)
        return columns

    def _cells(self, position: int) -> list[str]:
        cells = []
        for row in self.rows[1:]:
            is_there = position < len(row)
            cells.append(row[position] if is_there else "")
        return cells

    @cached_property
    def meta(self) -> dict[str, dict] | None:
        """Rows of the `.meta.csv` by column; None where there is no such file."""
        path = self.metadata_path("meta.csv")
        if not path.is_file():
            return None
        with path.open(encoding="utf-8", newline="") as stream:
            return {row["col_name"]: row for row in csv.DictReader(stream)}

    @cached_property
    def web_metadata(self) -> dict | None:
        """The `.csv-metadata.json`; None where there is no such file."""
        path = self.metadata_path("csv-metadata.json")
        if not path.is_file():
            return None
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def key(self) -> list[str]:
        """The columns that tell rows apart: the primary key of the metadata, or none."""
        if not self.meta or self.web_metadata is None:
            return []
        return self.web_metadata["tableSchema"]["primaryKey"]

    def metadata_path(self, ending: str) -> Path:
        """Return the path of the metadata of a file, or of the file that it is a part of."""
        name = re.sub(r"(-part-\d+)?\.csv$", f".{ending}", self.path.name)
        return self.path.with_name(name)

    def indicators(self) -> list[str]:
        """Return the columns that the metadata describe as indicators: the figures."""
        if not self.meta:
            return []

        indicators = set()
        for name, row in self.meta.items():
            if row.get("col_type") == "Indicator":
                indicators.add(name)

        return [name for name in self.header if name in indicators]
