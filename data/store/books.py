"""The books of the lake: what is recorded about deliveries, one Delta table each."""

import pyarrow as pa

from data.config.published_tables import load_published_tables

DELIVERY_COLUMNS = [("extract", pa.string()), ("extract_date", pa.date32())]
PUBLISHED = load_published_tables()

# The ledger: a row per file that was taken in. `judged_by` is the fingerprint of the rules; where
# they have changed, quarantined rows are judged again.
LEDGER_SCHEMA = PUBLISHED["quality_input_file"].schema.append(pa.field("judged_by", pa.string()))

# What was measured of a delivery, for the rules that compare it with those before: rows of a
# branch, empty cells of a column.
MEASURE_SCHEMA = pa.schema(
    [
        *DELIVERY_COLUMNS,
        ("subject_kind", pa.string()),
        ("subject", pa.string()),
        ("amount", pa.int64()),
    ]
)

# Rows and checksum of the current rows by month and branch, after the latest delivery.
HOLDING_SCHEMA = pa.schema(
    [
        *DELIVERY_COLUMNS,
        ("month", pa.string()),
        ("branch_code", pa.string()),
        ("rows", pa.int64()),
        ("checksum", pa.string()),
    ]
)

# The months and branches whose current rows a delivery changed.
CHANGE_SCHEMA = pa.schema(
    [
        *DELIVERY_COLUMNS,
        ("month", pa.string()),
        ("branch_code", pa.string()),
        ("rows_before", pa.int64()),
        ("rows_after", pa.int64()),
    ]
)

# What a person let pass in spite of a rule: a line of a file, or (line 0) the whole delivery.
RELEASE_SCHEMA = pa.schema(
    [
        *DELIVERY_COLUMNS,
        ("file_name", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("released_by", pa.string()),
        ("released_at", pa.string()),
    ]
)

# What a person decided about a publication: hold, unhold, rollback or restate. The latest decision
# counts; the order of the columns is that of time.
DECISION_SCHEMA = pa.schema(
    [
        ("decided_at", pa.string()),
        ("publication_id", pa.string()),
        ("decision", pa.string()),
        ("reason", pa.string()),
        ("decided_by", pa.string()),
    ]
)

BOOKS: dict[str, pa.Schema] = {
    "delivery": LEDGER_SCHEMA,
    "rule_result": PUBLISHED["quality_rule_result"].schema,
    "quarantine": PUBLISHED["quality_quarantine"].schema,
    "withdrawn": PUBLISHED["quality_withdrawn"].schema,
    "correction": PUBLISHED["quality_correction"].schema,
    "measure": MEASURE_SCHEMA,
    "holding": HOLDING_SCHEMA,
    "change": CHANGE_SCHEMA,
    "release": RELEASE_SCHEMA,
    "decision": DECISION_SCHEMA,
}
