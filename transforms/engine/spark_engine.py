"""The second engine: the same models on Spark, over the same Parquet files.

Intake and judgement stay with DuckDB.
"""

# Spark is an extra: where types are checked, it need not be installed.
# pyright: reportMissingImports=false

import warnings
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from data.problem import Problem
from transforms.engine import sql_functions
from transforms.engine.machine_memory import parse_size
from transforms.engine.sql_functions import SqlFunction

# Tables come and go as Arrow, so PySpark's gaps with pandas 3 do not matter here.
warnings.filterwarnings(
    "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
)
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error, never a null
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def open_session(folder: Path, master: str | None, memory: str) -> SparkSession:
    """Start a Spark session on `master`, else where spark-submit says, else on this machine.

    `memory` is the driver's, such as "2GB". Raises Problem if Spark does not start: Java is
    missing, or the master does not answer.
    """
    builder = SparkSession.builder.appName("servicekpi")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": f"{parse_size(memory) // 2**20}m",
        "spark.driver.maxResultSize": "0",
        "spark.local.dir": str(folder / "spill"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }

    for name, value in settings.items():
        builder = builder.config(name, value)

    if master:
        builder = builder.master(master)

    try:
        return builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        lines = str(getattr(error, "java_exception", error)).strip().splitlines()
        cause = lines[0] if lines else type(error).__name__
        raise Problem(
            f"Spark does not start: {cause}",
            "check Java (17 or newer) and --master",
            "spark",
        ) from None


class Spark:
    """Relations are views over Parquet in the work folder, which driver and workers must both see.

    The engine opens a session of its own within the given one, so that relations do not mix.
    """

    def __init__(self, folder: Path, timezone: str, session: SparkSession, threads: int = 2):
        self.folder, self.threads = folder.resolve() / "spark", threads
        self.session = session.newSession()
        self.tables_written = 0
        for name, value in SETTINGS.items():
            self.session.conf.set(name, value)
        self._define(sql_functions.ELAPSED + sql_functions.clock_functions(timezone))

    def cursor(self) -> "Spark":
        """Return this engine: Spark runs queries of several threads as it is."""
        return self

    def arrow(self, sql: str) -> pa.Table:
        """Return the rows of a query as one Arrow table: for results, never for extracts."""
        return self._query(sql).toArrow()

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Make a relation from an Arrow table."""
        self.session.createDataFrame(_decode(table)).createOrReplaceTempView(name)

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table: it becomes Parquet, which workers can read too."""
        folder = self._new_folder(name)
        folder.mkdir(parents=True)
        pq.write_table(_decode(table), folder / "part.parquet")
        self.session.read.parquet(str(folder)).createOrReplaceTempView(name)

    def dictionary_encode(self, name: str) -> None:
        """Do nothing: Parquet already keeps repeated text as numbers with a list of values."""

    def define_calendar(self, dates: pa.Table) -> None:
        """Define `interval_of` and `limit_interval_of`; see `Engine`."""
        self.create_table_from("dim_date", dates)
        self._define(sql_functions.calendar_functions(dates))

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None:
        """Make a relation of Parquet files; of none, an empty one with the given columns."""
        files = list(files)
        if not files:
            self.create_table_from(name, schema.empty_table())
            return
        columns = from_arrow_schema(schema, prefer_timestamp_ntz=True)
        self.session.read.schema(columns).parquet(*files).createOrReplaceTempView(name)

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a relation; `kind` is "table" (computed now) or "view".

        Dimensions are small and stay with the driver; other tables become Parquet.
        """
        rows = self._query(sql)
        if kind == "table" and name.startswith("dim_"):
            self.create_table_from(name, rows.toArrow())
            return

        if kind == "table":
            folder = str(self._new_folder(name))
            rows.write.parquet(folder)
            rows = self.session.read.schema(rows.schema).parquet(folder)

        rows.createOrReplaceTempView(name)

    def close(self) -> None:
        """Do nothing: whoever opened the session stops it."""

    def _new_folder(self, name: str) -> Path:
        """Return a folder not used before: a table that is replaced may still be read."""
        self.tables_written += 1
        return self.folder / f"{self.tables_written}_{name}"

    def _define(self, functions: Iterable[SqlFunction]) -> None:
        for statement in sql_functions.spark_functions(functions):
            self._query(statement)

    def _query(self, sql: str) -> DataFrame:
        """Return the rows of a query. Errors repeat the SQL that failed."""
        try:
            return self.session.sql(sql)
        except PySparkException as error:
            error.add_note(f"--- the SQL that failed ---\n{sql}")
            raise


def _decode(table: pa.Table) -> pa.Table:
    """Return the table with repeated text as plain text: Spark takes no dictionaries."""
    for position, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            column = table[field.name].cast(field.type.value_type)
            table = table.set_column(position, field.name, column)
    return table
