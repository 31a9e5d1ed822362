"""Presentation: the report, the workbook and the exports of a publication, from its published tables only."""

from collections.abc import Callable
from pathlib import Path


def render(tables: Path, facts: dict, report: Path, exports: Path, progress: Callable[[str], None] = lambda _: None) -> None:
    """Write what readers open. The same tables and facts give the same bytes.

    `tables` holds one `<table>.parquet` per published table; `facts` is `{publication_id: str, as_of: date,
    known_at: date | None, policy: dict, notes: list[str], problems: list[str]}`. Into the existing folder `report` go
    self-contained HTML pages, into `exports` the workbook `servicekpi.xlsx` and `csv/*.csv`.

    Raises FileNotFoundError where a published table is missing.
    """
    from reports import exports as csv_exports  # matplotlib and friends: only for those who render
    from reports import html, workbook
    from reports.publication import Publication

    publication = Publication(tables, facts)
    html.write(publication, report, progress)
    progress("workbook")
    workbook.write(publication, exports / "servicekpi.xlsx")
    progress("CSV")
    csv_exports.write(publication, exports / "csv")
