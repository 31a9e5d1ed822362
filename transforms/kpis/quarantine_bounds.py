"""What quarantined rows could make of a figure: the least and the most it can be, whatever they
turn out to be.
"""

from decimal import Decimal

from data.config.contract import Contract
from transforms.current_rows.versions import stored_schema
from transforms.engine.duckdb_engine import Engine
from transforms.kpis.catalogue import load_kpis


def bound_value(
    numerator: Decimal, denominator: Decimal, new: int, changed: int, cases_per_row: int
) -> tuple[Decimal, Decimal]:
    """Return the least and the most that a share can be, each from 0 to 1, once some rows are
    known.

    Each bound is reached: the least where every new case is a miss, and every changed one had been
    a hit. Raises ZeroDivisionError where there is no case at all.

    Args:
        numerator: hits that are counted.
        denominator: cases that are counted.
        new: rows of cases that are not counted.
        changed: rows that would take the place of one that is.
        cases_per_row: the most cases that a row is.
    """
    all_cases = denominator + cases_per_row * new
    least = max(Decimal(0), numerator - cases_per_row * changed)
    misses = max(Decimal(0), denominator - numerator - cases_per_row * changed)

    return least / all_cases, 1 - misses / all_cases


def count_quarantined_cases(
    engine: Engine, contract: Contract, latest_full: str, versions: list[str]
) -> tuple[int, int]:
    """Return how many cases of an extract are known from quarantined rows alone, and how many have
    a quarantined row newer than the one that counts.

    Relation `quarantined` (key, extract_date) has the quarantined rows, a relation with the
    contract's name its current rows. A key that was delivered again afterwards, and accepted, is no
    longer of concern, nor is one of before the latest full extract (`latest_full`, an SQL date);
    `versions` are the Parquet files of accepted rows.
    """
    engine.register_parquet("accepted_version", versions, stored_schema(contract))
    current_key = contract.key_sql("c")
    counts = engine.arrow(
        f"""
        WITH newest AS (
            SELECT key, max(extract_date) AS day, count(*) AS rows FROM quarantined
            WHERE extract_date >= {latest_full} GROUP BY key
        ),
        still AS (
            SELECT n.* FROM newest AS n
            ANTI JOIN accepted_version AS v
                ON {contract.key_sql("v")} = n.key AND v._extract_date > n.day
        ),
        known AS (
            SELECT DISTINCT {current_key} AS key
            FROM {contract.name} AS c SEMI JOIN still AS s ON {current_key} = s.key
        )
        SELECT
            -- Rows without a key may be as many cases.
            coalesce(
                sum(CASE WHEN s.key IS NULL THEN s.rows WHEN k.key IS NULL THEN 1 ELSE 0 END), 0
            )::BIGINT AS new,
            count(k.key) AS changed
        FROM still AS s LEFT JOIN known AS k ON k.key = s.key
        """
    )

    return counts["new"][0].as_py(), counts["changed"][0].as_py()


def bound_kpi_values(engine: Engine, extract: str, new: int, changed: int) -> list[dict]:
    """Return rows of quality_effect: the company's shares of the year to date that are counted from
    one extract, row by row (a KPI's `cases_per_row`).

    Args:
        engine: has mart_kpi_value.
        extract: whose rows are quarantined.
        new: cases that are known from quarantined rows alone.
        changed: cases that have a quarantined row newer than the one that counts.
    """
    cases_per_row = {
        kpi.name: kpi.header["cases_per_row"]
        for kpi in load_kpis()
        if kpi.header["extracts"] == [extract] and "cases_per_row" in kpi.header
    }
    if not cases_per_row:
        return []

    names = ", ".join(f"'{name}'" for name in sorted(cases_per_row))
    values = engine.arrow(
        f"""
        SELECT kpi_id, numerator, denominator, value FROM mart_kpi_value
        WHERE branch_level = 'head_office' AND segment_kind = 'all' AND period_kind = 'ytd'
            AND denominator > 0 AND kpi_id IN ({names})
        QUALIFY period_end = max(period_end) OVER () AND branch_code = min(branch_code) OVER ()
        ORDER BY kpi_id
        """
    )

    rows = []
    for row in values.to_pylist():
        cases = cases_per_row[row["kpi_id"]]
        low, high = bound_value(row["numerator"], row["denominator"], new, changed, cases)
        effect = {
            "extract": extract,
            "cases_new": new,
            "cases_changed": changed,
            "value_low": float(100 * low),
            "value_high": float(100 * high),
        }
        rows.append(row | effect)

    return rows
