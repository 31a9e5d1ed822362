"""Which rows differ between two publications, and how: the relations `was_<extract>` and
`is_<extract>` have the current rows before and now.
"""

from datetime import date

from data.config.contract import Contract
from transforms.engine.duckdb_engine import Engine

# In the order of the steps: a row that came late, a claim that was opened again, something that
# happened since, anything else.
CAUSES = ("late_rows", "reopened", "later_events", "corrected_rows")
# The step of each cause.
LATE, REOPENED, LATER, CORRECTED = range(1, 5)


def classify_differences(engine: Engine, contract: Contract, covered_until: date) -> set[str]:
    """Make the table `differing_<extract>`: keys of rows that differ between `was_part_<extract>`
    and `is_part_<extract>`, each with the `step` of its cause (1 to 4). Return the causes found.

    `covered_until` is the last day that the former rows cover.
    """
    name = contract.name
    instants = [column.name for column in contract.columns if column.type == "instant"]
    is_same = [f"w.{column} IS NOT DISTINCT FROM i.{column}" for column in contract.schema.names]
    is_reopened = "FALSE"
    if "reopened_at" in instants:
        is_reopened = "i.reopened_at IS NOT NULL AND i.reopened_at IS DISTINCT FROM w.reopened_at"

    engine.create(
        f"differing_{name}",
        f"""
        SELECT
            coalesce(w._key, i._key) AS _key,
            CASE
                WHEN w._key IS NULL THEN {LATE}
                WHEN i._key IS NULL THEN {CORRECTED}
                WHEN {is_reopened} THEN {REOPENED}
                WHEN {_is_later_sql(instants, covered_until)} THEN {LATER}
                ELSE {CORRECTED}
            END AS step
        FROM (SELECT *, {contract.key_sql("r")} AS _key FROM was_part_{name} AS r) AS w
        FULL JOIN (SELECT *, {contract.key_sql("r")} AS _key FROM is_part_{name} AS r) AS i
            ON i._key = w._key
        WHERE w._key IS NULL OR i._key IS NULL OR NOT ({" AND ".join(is_same)})
        """,
        "table",
    )
    steps = engine.arrow(f"SELECT DISTINCT step FROM differing_{name}")["step"].to_pylist()
    return {CAUSES[step - 1] for step in steps if step}


def _is_later_sql(instants: list[str], covered_until: date) -> str:
    """Return the condition that something has happened since, and no instant changed otherwise."""
    if not instants:
        return "FALSE"

    day_after = f"instant(TIMESTAMP '{covered_until}' + INTERVAL 1 DAY)"
    happened = []

    unchanged = []
    for name in instants:
        is_new = f"(w.{name} IS NULL AND i.{name} >= {day_after})"
        happened.append(is_new)
        unchanged.append(f"(w.{name} IS NOT DISTINCT FROM i.{name} OR {is_new})")

    return f"({' OR '.join(happened)}) AND {' AND '.join(unchanged)}"


def part_sql(contract: Contract, step: int) -> str:
    """Return the SELECT of the rows of an extract that a figure can differ by, those of the first
    `step` causes as they are now, the others as they were.

    Of claims these are the rows that differ. Complaints and exposure are few, and an index asks for
    all of them; a call-back matters to another row only if it is of a complaint.
    """
    name, columns = contract.name, ", ".join(contract.schema.names)
    also_needed = {"claims": "FALSE", "callbacks": "kind = 'complaint'"}.get(name, "TRUE")
    key = contract.key_sql("r")
    differing = f"SELECT _key FROM differing_{name}"

    return f"""
        SELECT {columns} FROM is_part_{name} AS r
        WHERE {key} IN ({differing} WHERE step <= {step})
        UNION ALL
        SELECT {columns} FROM was_part_{name} AS r
        WHERE {key} IN ({differing} WHERE step > {step})
        UNION ALL
        SELECT {columns} FROM is_{name} AS r
        WHERE ({also_needed}) AND {key} NOT IN ({differing})
        """
