"""What is measured of a delivery, as the relations that the rules over a delivery (rules/batch/)
read.

delivery, limits                          one row each: counts of rows, the policy's limits measure
(subject_kind, subject, amount)   rows of each `branch`; `empty` cells of each column
former_delivery, former_measure           the same of the latest deliveries before, with their
extract_date delivered_file, former_file               file_name, sha256 control, file_total
file_name, measure, and what the control file says or the file holds
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pyarrow as pa

from data.config.contract import Contract
from data.config.policy_sections import DeliveryLimits
from data.extracts.control_file import ExpectedTotal

EXACT = pa.decimal128(38, 4)
DELIVERY = pa.schema(
    [("extract_date", pa.date32()), ("delivery", pa.string())]
    + [
        (f"rows_{fate}", pa.int64())
        for fate in ("read", "accepted", "quarantined", "superseded", "skipped")
    ]
)
FILE = pa.schema(
    [("extract_date", pa.date32()), ("file_name", pa.string()), ("sha256", pa.string())]
)
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
        """The extract dates of the latest deliveries of the same kind before a day, as many as the
        limits ask for.
        """
        dates = {
            row["extract_date"]
            for row in self.ledger
            if row["extract_date"] < extract_date and row["delivery"] == self.delivery
        }
        return sorted(dates)[-self.limits.deliveries :]


def measure_delivery(
    engine,
    contract: Contract,
    extract_date: date,
    files: list,
    columns: set[str],
    history: DeliveryHistory,
) -> list[dict]:
    """Make the relations of the delivery whose rows are in `batch` and `accepted`. Returns its
    measures, to be kept for later deliveries.
    """
    _delivery(engine, contract, extract_date, files, history)
    dates = history.before(extract_date)
    ledger = [row for row in history.ledger if row["extract_date"] in dates]
    engine.create_table_from(
        "former_row",
        pa.Table.from_pylist(
            [{name: row[name] for name in DELIVERY.names} for row in ledger], schema=DELIVERY
        ),
    )
    sums = ", ".join(
        f"sum({name})::BIGINT AS {name}" for name in DELIVERY.names if name.startswith("rows_")
    )
    engine.create(
        "former_delivery",
        f"SELECT extract_date, {sums} FROM former_row GROUP BY extract_date",
        "view",
    )
    engine.create_table_from(
        "former_measure",
        pa.Table.from_pylist(
            [row for row in history.measures if row["extract_date"] in dates], schema=MEASURE
        ),
    )
    earlier = [row for row in history.ledger if row["extract_date"] < extract_date]
    engine.create_table_from(
        "former_file",
        pa.Table.from_pylist(
            [{name: row[name] for name in FILE.names} for row in earlier], schema=FILE
        ),
    )
    engine.create_table_from(
        "delivered_file",
        pa.table({"file_name": list(history.sha256), "sha256": list(history.sha256.values())}),
    )
    engine.create_table_from("limits", pa.Table.from_pylist([history.limits.model_dump()]))
    _control(engine, contract, files, history)
    found = _measures(engine, contract.branch_column, columns, extract_date)
    engine.create_table_from("measure", pa.Table.from_pylist(found, schema=MEASURE))
    return found


def _delivery(
    engine, contract: Contract, extract_date: date, files: list, history: DeliveryHistory
) -> None:
    # A month that is told by its first day says nothing about how recent it is.
    newest = [
        f"CAST(civil(max({name})) AS DATE)"
        for name in contract.history
        if contract.column(name).type == "instant"
    ]
    counts = ", ".join(
        f"{sum(getattr(file, fate) for file in files)}::BIGINT AS rows_{fate}"
        for fate in ("read", "accepted", "quarantined", "superseded", "skipped")
    )
    engine.create(
        "delivery",
        f"SELECT DATE '{extract_date}' AS extract_date, '{history.delivery}' AS delivery, {counts},"
        f" CAST({'greatest(' + ', '.join(newest) + ', NULL)' if newest else 'NULL'} AS DATE) AS newest_on FROM accepted",
        "table",
    )


def _measures(engine, place: str, columns: set[str], extract_date: date) -> list[dict]:
    """Rows per branch and empty cells per column, of the accepted rows."""
    rows = [
        ("branch", *row)
        for row in engine.connection.execute(
            f"SELECT {place}, count(*) FROM accepted GROUP BY 1 ORDER BY 1"
        ).fetchall()
    ]
    names = sorted(columns)
    empty = engine.connection.execute(
        f"SELECT {', '.join(f'count(*) - count({name})' for name in names)} FROM accepted"
    ).fetchone()
    rows += [("empty", name, amount) for name, amount in zip(names, empty, strict=True)]
    return [
        {"extract_date": extract_date, "subject_kind": kind, "subject": subject, "amount": amount}
        for kind, subject, amount in rows
    ]


def _control(engine, contract: Contract, files: list, history: DeliveryHistory) -> None:
    """What control files say of these files, beside what the files hold: every record counts, also
    one that is quarantined.
    """
    due = [
        entry for entry in history.control if entry.file_name in {file.file_name for file in files}
    ]
    engine.create_table_from(
        "control",
        pa.table(
            {
                "file_name": pa.array([entry.file_name for entry in due], pa.string()),
                "measure": pa.array([entry.measure for entry in due], pa.string()),
                "expected": pa.array([entry.amount for entry in due], EXACT),
            }
        ),
    )
    totals = [(file.file_name, "rows", Decimal(file.read - file.skipped)) for file in files]
    for name in sorted({entry.measure for entry in due} - {"rows"} & set(contract.schema.names)):
        sums = engine.connection.execute(
            f"SELECT _file_name, CAST(sum({name}) AS DECIMAL(38, 4)) FROM batch GROUP BY 1"
        ).fetchall()
        totals += [(file_name, name, amount) for file_name, amount in sums]
    columns = list(zip(*totals, strict=True))
    types = (pa.string(), pa.string(), EXACT)
    names = ("file_name", "measure", "amount")
    engine.create_table_from(
        "file_total",
        pa.table(
            {
                name: pa.array(column, kind)
                for name, column, kind in zip(names, columns, types, strict=True)
            }
        ),
    )
