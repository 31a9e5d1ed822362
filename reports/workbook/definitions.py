"""The sheets that explain the others: what each KPI and each column means."""

from reports.tables.publication import Publication
from reports.text.words import Both, known_word
from reports.workbook.sheet import WHOLE, Sheet, make_sheet

DEFINITION_COLUMNS = (
    *("kpi_id", "kpi", "unit", "direction", "numerator", "denominator", "excluded"),
    *("interval_method", ("minimum_volume", WHOLE), "source", ("version", WHOLE)),
)
DICTIONARY_COLUMNS = ("table_name", "column_name", "type", "unit", "meaning")


def make_definition_sheet(publication: Publication) -> Sheet:
    """Return the definitions: one row per KPI, in both languages."""
    rows = [_describe_kpi(kpi) for kpi in publication.kpis]
    return make_sheet("Definitions", DEFINITION_COLUMNS, rows, {})


def _describe_kpi(kpi: dict) -> dict:
    texts = {
        "kpi": Publication.title(kpi),
        "direction": known_word("direction", kpi["direction"]),
        "interval_method": known_word("method", kpi["interval_method"]),
    }
    for name in ("numerator", "denominator", "excluded"):
        texts[name] = Both(kpi[f"{name}_zh"], kpi[f"{name}_en"])

    return kpi | {name: text.lines() for name, text in texts.items()}


def make_dictionary_sheet(publication: Publication) -> Sheet:
    """Return the dictionary: one row per published column."""
    rows = []
    for row in publication.read("dim_column").to_pylist():
        meaning = Both(row["meaning_zh"], row["meaning_en"])
        rows.append(row | {"meaning": meaning.lines()})
    return make_sheet("Dictionary", DICTIONARY_COLUMNS, rows, {})
