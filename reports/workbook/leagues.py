"""The sheets of leagues: the rank of each branch at its level for the year to date."""

from reports.tables.publication import Publication
from reports.workbook.sheet import EXACT, SHARE, UNIT, WHOLE, Sheet, make_sheet
from reports.workbook.values import describe_row

BRANCH_COLUMNS = ("kpi_id", "unit", "period_start", "period_last", "branch_code", "branch_name")
RANK_COLUMNS = (
    *(("rank", WHOLE), "rank_tied", ("ranked_of", WHOLE)),
    *(("rank_low", WHOLE), ("rank_high", WHOLE), "rank_group"),
    *(("rank_prior", WHOLE), "movement", "movement_direction"),
    *(("movement_size", SHARE), ("movement_low", SHARE), ("movement_high", SHARE)),
)
VALUE_COLUMNS = (
    *(("value", UNIT), ("interval_low", UNIT), ("interval_high", UNIT)),
    *(("numerator_seconds", EXACT), ("denominator", EXACT)),
    *(("change_numeric", SHARE), ("benchmark_value", UNIT), ("target_value", UNIT)),
)
ADJUSTED_COLUMNS = (
    *(("expected", SHARE), ("expected_mix", SHARE)),
    *(("adjusted_value", UNIT), ("adjusted_rank", WHOLE), ("shrunken_value", UNIT)),
)
VERDICT_COLUMNS = ("verdict", "watch", "act", "zero_record", "state", "reason")
LEAGUE_COLUMNS = (
    *(*BRANCH_COLUMNS, *RANK_COLUMNS),
    *(*VALUE_COLUMNS, *ADJUSTED_COLUMNS, *VERDICT_COLUMNS),
)


def make_league_sheet(publication: Publication, level: str) -> Sheet:
    """Return the leagues of all KPIs at one level for the year to date, best first."""
    units = {kpi["kpi_id"]: kpi["unit"] for kpi in publication.kpis}
    rows: list[dict] = []
    for kpi_id, unit in units.items():
        for row in publication.league(kpi_id, level):
            described = describe_row(publication, row)
            rows.append(described | {"unit": unit})

    return make_sheet(f"League_{level}", LEAGUE_COLUMNS, rows, units)
