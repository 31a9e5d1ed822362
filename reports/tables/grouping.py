"""Rows of tables as dictionaries, by what they share."""


def group_by_key(rows: list[dict], key: str) -> dict[str, list[dict]]:
    """The rows by their value in a column, in their order."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups
