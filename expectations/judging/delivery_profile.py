"""What is measured of a delivery, as the relations that the rules over a delivery (rules/batch/)
read.

    delivery, limits                    one row each: counts of rows, the policy's limits
    measure                             subject_kind, subject, amount: rows of each `branch`,
                                        `empty` cells of each column
    former_delivery, former_measure     the same of the latest deliveries before, by extract_date
    delivered_file, former_file         file_name, sha256
    control, file_total                 file_name, measure, and what the control file says or the
                                        file holds
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pyarrow as pa

from data.config.contract import Contract
from data.config.policy_sections import DeliveryLimits
from data.extracts.control_file import ExpectedTotal
from expectations.judging.batch import FileCount
from expectations.judging.judging_engine import JudgingEngine

EXACT = pa.decimal128(38, 4)
OUTCOMES = ("read", "accepted", "quarantined", "superseded", "skipped")
DELIVERY = pa.schema(
    [("extract_date", pa.date32()), ("delivery", pa.string())]
    + [(f"rows_{outcome}", pa.int64()) for outcome in OUTCOMES]
)
FILE = pa.schema(
    [("extract_date", pa.date32()), ("file_name", pa.string()), ("sha256", pa.string())]
)
FILE_TOTAL = pa.schema([("file_name", pa.string()), ("measure", pa.string()), ("amount", EXACT)])
CONTROL = pa.schema([("file_name", pa.string()), ("measure", pa.string()), ("expected", EXACT)])
MEASURE = pa.schema(
    [
        ("extract_date", pa.date32()),
        ("subject_kind", pa.string()),
        ("subject", pa.string()),
        ("amount", pa.int64()),
    ]
)


@dataclass
class DeliveryHistory:
    """What is known around a delivery: the ledger's rows and the measures of those before, its own
    files' checksums, control totals.
    """

    limits: DeliveryLimits
    delivery: str = "delta"
    ledger: list[dict] = field(default_factory=list)
    measures: list[dict] = field(default_factory=list)
    sha256: dict[str, str] = field(default_factory=dict)
    control: list[ExpectedTotal] = field(default_factory=list)
    released: frozenset = frozenset()

    def before(self, extract_date: date) -> list[date]:
        """Return the extract dates of the latest deliveries of the same kind before a day, as many
        as the limits ask for.
        """
        dates = {
            row["extract_date"]
            for row in self.ledger
            if row["extract_date"] < extract_date and row["delivery"] == self.delivery
        }
        return sorted(dates)[-self.limits.deliveries :]


def measure_delivery(
    engine: JudgingEngine,
    contract: Contract,
    extract_date: date,
    files: list[FileCount],
    columns: set[str],
    history: DeliveryHistory,
) -> list[dict]:
    """Create the relations of a delivery and return its measures, to be kept for later ones.

    Args:
        engine: holds the rows of the delivery in `batch` and `accepted`.
        contract: of the extract.
        extract_date: of the delivery.
        files: what became of each file's rows.
        columns: those that the delivery has.
        history: what is known around the delivery.

    Returns:
        Rows of `MEASURE`.
    """
    _create_delivery(engine, contract, extract_date, files, history)
    _create_former(engine, extract_date, history)
    names, checksums = list(history.sha256), list(history.sha256.values())
    engine.create_table_from("delivered_file", pa.table({"file_name": names, "sha256": checksums}))
    engine.create_table_from("limits", pa.Table.from_pylist([history.limits.model_dump()]))
    _create_control(engine, contract, files, history)
    measures = _measure_rows(engine, contract.branch_column, columns, extract_date)
    engine.create_table_from("measure", pa.Table.from_pylist(measures, schema=MEASURE))

    return measures


def _create_delivery(
    engine: JudgingEngine,
    contract: Contract,
    extract_date: date,
    files: list[FileCount],
    history: DeliveryHistory,
) -> None:
    # A month that is given by its first day says nothing about how recent it is.
    newest = [
        f"CAST(civil(max({name})) AS DATE)"
        for name in contract.history
        if contract.column(name).type == "instant"
    ]
    newest_on = f"greatest({', '.join(newest)}, NULL)" if newest else "NULL"
    counts = []
    for outcome in OUTCOMES:
        rows = sum(getattr(file, outcome) for file in files)
        counts.append(f"{rows}::BIGINT AS rows_{outcome}")

    engine.create(
        "delivery",
        f"SELECT DATE '{extract_date}' AS extract_date, '{history.delivery}' AS delivery,"
        f" {', '.join(counts)}, CAST({newest_on} AS DATE) AS newest_on FROM accepted",
        "table",
    )


def _create_former(engine: JudgingEngine, extract_date: date, history: DeliveryHistory) -> None:
    """Create the relations of the deliveries before: their counts, measures and files."""
    dates = history.before(extract_date)
    ledger = [row for row in history.ledger if row["extract_date"] in dates]
    measures = [row for row in history.measures if row["extract_date"] in dates]

    # Of the ledger all that is earlier: a file of last year delivered again is the same file.
    earlier = [row for row in history.ledger if row["extract_date"] < extract_date]
    engine.create_table_from("former_row", _select(ledger, DELIVERY))
    engine.create_table_from("former_measure", pa.Table.from_pylist(measures, schema=MEASURE))
    engine.create_table_from("former_file", _select(earlier, FILE))
    sums = ", ".join(f"sum(rows_{outcome})::BIGINT AS rows_{outcome}" for outcome in OUTCOMES)
    engine.create(
        "former_delivery",
        f"SELECT extract_date, {sums} FROM former_row GROUP BY extract_date",
        "view",
    )


def _select(rows: list[dict], schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema from rows that may have more."""
    # from_pylist takes the columns that the schema names and leaves the others.
    return pa.Table.from_pylist(rows, schema=schema)


def _measure_rows(
    engine: JudgingEngine, branch_column: str, columns: set[str], extract_date: date
) -> list[dict]:
    """Return rows per branch and empty cells per column, of the accepted rows."""
    branches = engine.connection.execute(
        f"SELECT {branch_column}, count(*) FROM accepted GROUP BY 1 ORDER BY 1"
    ).fetchall()
    names = sorted(columns)
    counts = ", ".join(f"count(*) - count({name})" for name in names)
    empty = engine.connection.execute(f"SELECT {counts} FROM accepted").fetchone()
    amounts = [("branch", branch, rows) for branch, rows in branches]
    amounts += [("empty", name, rows) for name, rows in zip(names, empty, strict=True)]

    return [
        {"extract_date": extract_date, "subject_kind": kind, "subject": subject, "amount": amount}
        for kind, subject, amount in amounts
    ]


def _create_control(
    engine: JudgingEngine, contract: Contract, files: list[FileCount], history: DeliveryHistory
) -> None:
    """Create what control files say of these files, and what the files hold: every record counts,
    also one that is quarantined.
    """
    delivered = {file.file_name for file in files}
    expected = [entry for entry in history.control if entry.file_name in delivered]
    control_rows = [
        {"file_name": entry.file_name, "measure": entry.measure, "expected": entry.amount}
        for entry in expected
    ]
    engine.create_table_from("control", pa.Table.from_pylist(control_rows, schema=CONTROL))

    totals = [(file.file_name, "rows", Decimal(file.read - file.skipped)) for file in files]

    measures = {entry.measure for entry in expected}

    # Sums of columns that the contract does not know say nothing about what was read.
    for name in sorted(measures & set(contract.schema.names)):
        sums = engine.connection.execute(
            f"SELECT _file_name, CAST(sum({name}) AS DECIMAL(38, 4)) FROM batch GROUP BY 1"
        ).fetchall()
        totals += [(file_name, name, amount) for file_name, amount in sums]

    rows = [dict(zip(FILE_TOTAL.names, total, strict=True)) for total in totals]
    engine.create_table_from("file_total", pa.Table.from_pylist(rows, schema=FILE_TOTAL))
