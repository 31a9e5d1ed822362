"""Rows of tables as dictionaries, grouped."""

from datetime import date


def group_by_key(rows: list[dict], key: str) -> dict[str, list[dict]]:
    """Return the rows by their value in a column, in their order."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        group = groups.setdefault(row[key], [])
        group.append(row)
    return groups


def latest_extracts(rows: list[dict]) -> list[dict]:
    """Return the rows about the latest extract of each kind."""
    newest: dict[str, date] = {}
    for row in rows:
        extract, day = row["extract"], row["extract_date"]
        newest[extract] = max(day, newest.get(extract, date.min))

    def is_latest(row: dict) -> bool:
        return row["extract_date"] == newest[row["extract"]]

    return [row for row in rows if is_latest(row)]


def newest_first(rows: list[dict]) -> list[dict]:
    """Return the rows ordered by the day of their extract, the newest first."""
    return sorted(rows, key=lambda row: row["extract_date"], reverse=True)
