"""Why a KPI has no value in a period, or one that may still change."""

from datetime import timedelta

from transforms.kpis.cube import Cube

NO_CASES = "no cases in the period"


def missing_reason(run: dict, period: dict) -> str | None:
    """Return why there is no value in a period; None where there may be one.

    `run` is the KPI's row of dim_kpi_run, `period` a row of dim_period.
    """
    if run["reason"]:
        return run["reason"]

    first_day = period["year_start"] if run["looks_back"] else period["period_start"]
    if first_day < run["history_from"]:
        return f"the period begins before the extract does ({run['history_from']})"
    if run["divides_by_exposure"] and not period["is_exposed"]:
        return "no whole month of the period has exposure"

    return None


def stale_reason(run: dict, period: dict) -> str | None:
    """Return why a value may still change: the period ends after the last day that the extract
    covers.
    """
    day_after_extract = run["extract_as_of"] + timedelta(days=1)
    if period["period_end"] <= day_after_extract:
        return None

    return f"the latest extract is of {run['extract_as_of']}"


def has_year_earlier(run: dict, cube: Cube, position: int) -> bool:
    """Return whether a period has a counterpart one year earlier with a value."""
    earlier = cube.year_earlier(position)
    return earlier is not None and missing_reason(run, cube.periods[earlier]) is None
