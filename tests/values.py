"""A KPI's published values, given branch by branch: what leagues of several KPIs are made from."""

from datetime import date
from decimal import Decimal

import pyarrow as pa

YEAR = ("ytd", date(2012, 1, 1), date(2012, 10, 1))
YEAR_BEFORE = ("ytd", date(2011, 1, 1), date(2011, 10, 1))


def values(kpi: str, *periods: dict[str, dict], level: str = "province") -> pa.Table:
    """Rows of mart_kpi_value, segment `all`: for 2012 and, where given, 2011 before it, each branch
    with what is said of it. HQ is the head office.
    """
    rows_of_kpi = [
        {
            "kpi_id": kpi,
            **dict(zip(("period_kind", "period_start", "period_end"), period, strict=True)),
            "branch_code": code,
            "branch_level": "head_office" if code == "HQ" else level,
            "segment_kind": "all",
            "numerator": Decimal(0),
            "denominator": Decimal(100),
            "value": None,
            "interval_low": None,
            "interval_high": None,
            "interval_level": 0.95,
            "interval_method": "wilson",
            "state": "no_cases" if given.get("value") is None else "ok",
            **{
                name: Decimal(value) if name.endswith("tor") else value
                for name, value in given.items()
            },
        }
        for period, rows in sorted(zip((YEAR, YEAR_BEFORE), periods, strict=False))
        for code, given in sorted(rows.items())
    ]
    table = pa.Table.from_pylist(rows_of_kpi)
    types = dict.fromkeys(("value", "interval_low", "interval_high"), pa.float64()) | dict.fromkeys(
        ("numerator", "denominator"), pa.decimal128(38, 10)
    )
    return pa.table(
        {name: table[name].cast(types.get(name, table[name].type)) for name in table.column_names}
    )


def share(done: int, of: int, half: float = 0) -> dict:
    """A share in per cent, its limits `half` away on either side."""
    value = 100 * done / of
    return {
        "value": value,
        "interval_low": value - half,
        "interval_high": value + half,
        "numerator": done,
        "denominator": of,
    }
