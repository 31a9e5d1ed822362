"""The outputs of a publication or a release: the table of contents of what this room writes."""

from collections.abc import Callable
from pathlib import Path

from data.config.return_layout import Return
from reports.facts import ReportFacts
from reports.release.facts import ReleaseFacts


def render_publication(
    tables: Path,
    facts: ReportFacts,
    report: Path,
    exports: Path,
    progress: Callable[[str], None] = lambda _: None,
    diff: Path | None = None,
) -> None:
    """Write what readers open. The same tables and facts give the same bytes.

    Args:
        tables: The folder of published tables.
        facts: What the report says about the publication itself.
        report: An existing folder, for self-contained HTML pages.
        exports: An existing folder, for the workbook `servicekpi.xlsx`, `csv/*.csv`,
            `onepager/*.pdf` and `digest.txt`.
        progress: Called with the name of each page or file before it is written.
        diff: The folder with the tables of the comparison with the publication before, if there
            was one.

    Raises:
        FileNotFoundError: A published table is missing.
    """
    # Imported here: matplotlib and typst take seconds to load, and most commands render nothing.
    from reports import site
    from reports.csv import kpi_csv
    from reports.elements import operator_digest
    from reports.onepager import pdf
    from reports.tables.publication import Publication
    from reports.workbook import workbook

    publication = Publication(tables, facts, diff)
    site.write_site(publication, report, progress)
    progress("workbook")
    workbook.write_workbook(publication, exports / "servicekpi.xlsx")
    progress("CSV")
    kpi_csv.write_csv_files(publication, exports / "csv")
    pdf.write_onepagers(publication, exports / "onepager", progress)
    (exports / "digest.txt").write_text(
        "\n".join(operator_digest.write_digest(publication)) + "\n", encoding="utf-8", newline="\n"
    )


def render_release(
    folder: Path, returns: list[Return], facts: ReleaseFacts, changes: list[dict]
) -> None:
    """Write a release's workbook, CSV with metadata, `changes.csv`, and, where it corrects another,
    `correction-notice.csv`.

    The same arguments give the same bytes.
    """
    from reports.release import csvw
    from reports.release import workbook as release_workbook

    release_workbook.write_release_workbook(folder / f"{facts.name}.xlsx", returns, facts)

    for release_return in returns:
        csvw.write_return_csv(folder, release_return, facts)

    columns = ["return_id", "key", "change", "column_name", "old", "new"]
    csvw.write_list(folder / "changes.csv", changes, columns)
    if facts.correction:
        correction = {
            "corrected_on": facts.publish_at[:10],
            "replaced_by": facts.version,
            **facts.correction,
        }
        rows = [correction | change for change in changes]
        if not rows:
            rows = [correction | dict.fromkeys(columns, "")]

        csvw.write_list(folder / "correction-notice.csv", rows, list(rows[0]))


def render_changes(tables: Path, facts: ReportFacts, folder: Path) -> None:
    """Write what readers open of a diff, next to its tables in `folder`. `facts.compared_with` is
    the publication before.
    """
    from reports.csv import change_notice
    from reports.tables.publication import Publication

    change_notice.write_change_notice(Publication(tables, facts), folder)
