"""Which rows differ between two publications, and how: the relations `was_<extract>` and
`is_<extract>` hold the current rows of then and now.
"""

from datetime import date

from data.config.contract import Contract

# In the order of the steps: a row that came late, a claim that was opened again, something that
# happened since, anything else.
CAUSES = ("late_rows", "reopened", "later_events", "corrected_rows")


def classify_differences(engine, contract: Contract, told_until: date) -> set[str]:
    """Table `differing_<extract>`: keys of rows that differ between `was_part_<extract>` and
    `is_part_<extract>`, each with the `step` of its cause (1 .. 4). `told_until` is the last day
    that the former rows tell of. Returns the causes found.
    """
    name, stamps = (
        contract.name,
        [column.name for column in contract.columns if column.type == "instant"],
    )
    begun = [
        f"(w.{stamp} IS NULL AND i.{stamp} >= instant(TIMESTAMP '{told_until}' + INTERVAL 1 DAY))"
        for stamp in stamps
    ]
    same = [f"w.{column} IS NOT DISTINCT FROM i.{column}" for column in contract.schema.names]
    is_reopened = (
        "i.reopened_at IS NOT NULL AND i.reopened_at IS DISTINCT FROM w.reopened_at"
        if "reopened_at" in stamps
        else "FALSE"
    )
    kept = [
        f"(w.{stamp} IS NOT DISTINCT FROM i.{stamp} OR {news})"
        for stamp, news in zip(stamps, begun, strict=True)
    ]
    has_begun = f"({' OR '.join(begun)}) AND {' AND '.join(kept)}" if stamps else "FALSE"
    engine.create(
        f"differing_{name}",
        f"""SELECT coalesce(w._key, i._key) AS _key,
            CASE WHEN w._key IS NULL THEN 1 WHEN i._key IS NULL THEN 4 WHEN {is_reopened} THEN 2 WHEN {has_begun} THEN 3 ELSE 4 END AS step
        FROM (SELECT *, {contract.key_sql("r")} AS _key FROM was_part_{name} AS r) AS w
        FULL JOIN (SELECT *, {contract.key_sql("r")} AS _key FROM is_part_{name} AS r) AS i ON i._key = w._key
        WHERE w._key IS NULL OR i._key IS NULL OR NOT ({" AND ".join(same)})""",
        "table",
    )
    return {
        CAUSES[step - 1]
        for step in engine.arrow(f"SELECT DISTINCT step FROM differing_{name}")["step"].to_pylist()
    }


def part_sql(contract: Contract, step: int) -> str:
    """The rows of an extract that a figure can differ by, those of the first `step` causes as they
    are now, the others as they were.

    Of claims these are the rows that differ. Complaints and exposure are few, and an index asks for
    all of them; a call-back matters to another row only if it is of a complaint.
    """
    name, columns = contract.name, ", ".join(contract.schema.names)
    rest = {"claims": "FALSE", "callbacks": "kind = 'complaint'"}.get(name, "TRUE")
    key, differs = contract.key_sql("r"), f"SELECT _key FROM differing_{name}"
    return f"""SELECT {columns} FROM is_part_{name} AS r WHERE {key} IN ({differs} WHERE step <= {step})
        UNION ALL
        SELECT {columns} FROM was_part_{name} AS r WHERE {key} IN ({differs} WHERE step > {step})
        UNION ALL
        SELECT {columns} FROM is_{name} AS r WHERE ({rest}) AND {key} NOT IN ({differs})"""
