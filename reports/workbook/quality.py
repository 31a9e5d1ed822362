"""The sheets about the extracts: the files that were taken in, and what the rules found."""

from reports.tables.publication import Publication
from reports.text.words import Both
from reports.workbook.sheet import WHOLE, Sheet, make_sheet

FILE_COLUMNS = (
    *("extract", "extract_date", "file_name", "delivery"),
    *(("rows_read", WHOLE), ("rows_accepted", WHOLE), ("rows_quarantined", WHOLE)),
    *(("rows_superseded", WHOLE), ("rows_skipped", WHOLE), ("bytes", WHOLE)),
    *("format", "encoding", "history_from", "warnings", "columns_ignored", "sha256"),
)
RULE_COLUMNS = (
    *("extract", "extract_date", "rule_id", "severity", "column_name", "meaning", "success"),
    *(("rows_failed", WHOLE), "examples"),
)


def make_file_sheet(publication: Publication) -> Sheet:
    """Return the input files, as published."""
    rows = publication.read("quality_input_file").to_pylist()
    return make_sheet("Input_files", FILE_COLUMNS, rows, {})


def make_rule_sheet(publication: Publication) -> Sheet:
    """Return what each rule found in each extract, the newest extracts first."""
    rows = []
    for row in publication.rule_results:
        meaning = Both(row["meaning_zh"] or "", row["meaning_en"] or "")
        rows.append(row | {"meaning": meaning.lines()})
    return make_sheet("Rule_results", RULE_COLUMNS, rows, {})
