"""The keyed diff: every row that differs, and no other."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store.keyed_diff import diff_rows

NUMBERS = st.one_of(st.none(), st.integers(-3, 3).map(Decimal))
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["甲", "b", "Z"]), st.integers(1, 6)),
    st.tuples(NUMBERS, st.sampled_from([None, 0.5, 1.5])),
    max_size=12,
)
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("day", pa.date32()),
        ("exact", pa.decimal128(38, 10)),
        ("number", pa.float64()),
    ]
)


def table(rows: dict) -> pa.Table:
    records = [
        {"name": name, "day": date(2012, 1, day), "exact": exact, "number": number}
        for (name, day), (exact, number) in sorted(rows.items())
    ]
    return pa.Table.from_pylist(records, schema=SCHEMA)


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS)
def test_it_finds_what_a_loop_over_both_finds(former, present):
    shared = {name for name, _ in former} & {name for name, _ in present}
    nothing = (None, None)
    expected = {
        key: (former.get(key, nothing), present.get(key, nothing))
        for key in former.keys() | present.keys()
        if key[0] in shared
        and (
            (key in former) != (key in present)
            or (former[key][0] or 0, former[key][1]) != (present[key][0] or 0, present[key][1])
        )
    }
    rows = diff_rows(
        table(former), table(present), ("name", "day"), (("name",),), ("exact", "number"), ()
    ).to_pylist()
    differences = {
        (row["name"], row["day"].day): (
            (row["exact_before"], row["number_before"]),
            (row["exact_after"], row["number_after"]),
        )
        for row in rows
    }
    assert differences == expected and list(differences) == sorted(differences)
