"""The second engine: the same models on Spark, over the same Parquet files. Intake and judgement
stay with DuckDB.
"""

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

# Tables come and go as Arrow: what PySpark cannot do with pandas 3 is not asked of it.
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
    """A Spark session: on `master`, else where spark-submit says, else on all cores of this
    machine. `memory` is that of the driver.

    Raises Problem where Spark does not start: Java is missing, or the master does not answer.
    """
    builder = SparkSession.builder.appName("servicekpi")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.memory": memory.removesuffix("B").lower(),
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
        said = str(getattr(error, "java_exception", error)).strip().splitlines()
        raise Problem(
            f"Spark does not start: {said[0] if said else type(error).__name__}",
            "check Java (17 or newer) and --master",
            "spark",
        ) from None


class Spark:
    """A Spark session of its own: relations are views over Parquet in the work folder, which driver
    and workers must both see.
    """

    def __init__(self, folder: Path, timezone: str, session: SparkSession, threads: int = 2):
        self.folder, self.threads = folder.resolve() / "spark", threads
        self.session = session.newSession()
        self.written = 0
        for name, value in SETTINGS.items():
            self.session.conf.set(name, value)
        self._define(sql_functions.ELAPSED | sql_functions.clock_functions(timezone))

    def cursor(self) -> "Spark":
        """Spark takes questions from several threads as it is."""
        return self

    def arrow(self, sql: str) -> pa.Table:
        """The rows of a query as one Arrow table: for results, never for extracts."""
        return self._query(sql).toArrow()

    def create_table_from(self, name: str, table: pa.Table) -> None:
        """Make a relation out of an Arrow table."""
        self.session.createDataFrame(_plain(table)).createOrReplaceTempView(name)

    def register_arrow(self, name: str, table: pa.Table) -> None:
        """Let SQL read a table that was made outside of Spark."""
        place = self._place(name)
        place.mkdir(parents=True)
        pq.write_table(_plain(table), place / "part.parquet")
        self.session.read.parquet(str(place)).createOrReplaceTempView(name)

    def dictionary_encode(self, name: str) -> None:
        """Nothing to do: Parquet keeps repeated text as numbers with a list of its values."""

    def define_calendar(self, dates: pa.Table) -> None:
        """Make SQL know the number of a day's interval, as `DuckDB.calendar` does."""
        self.create_table_from("dim_date", dates)
        self._define(
            sql_functions.calendar_functions(
                dates["date"][0].as_py(),
                dates["date"][-1].as_py(),
                dates["interval_id"].to_pylist(),
            )
        )

    def register_parquet(self, name: str, files: Iterable[str], schema: pa.Schema) -> None:
        """Make a relation out of Parquet files; none of them: an empty one with the given
        columns.
        """
        files = list(files)
        if files:
            columns = from_arrow_schema(schema, prefer_timestamp_ntz=True)
            self.session.read.schema(columns).parquet(*files).createOrReplaceTempView(name)
        else:
            self.create_table_from(name, schema.empty_table())

    def create(self, name: str, sql: str, kind: str) -> None:
        """Create or replace a view, or a table that is computed now: dimensions are small and stay
        with the driver, facts become Parquet.
        """
        rows = self._query(sql)
        if kind == "table" and name.startswith("dim_"):
            return self.create_table_from(name, rows.toArrow())
        if kind == "table":
            place = str(self._place(name))
            rows.write.parquet(place)
            rows = self.session.read.schema(rows.schema).parquet(place)
        rows.createOrReplaceTempView(name)

    def close(self) -> None:
        """Nothing to do: its relations are its own, and the session that it was given goes on."""

    def _place(self, name: str) -> Path:
        """A new folder for a table: one that is replaced may still be read."""
        self.written += 1
        return self.folder / f"{self.written}_{name}"

    def _define(self, functions: dict) -> None:
        for statement in sql_functions.spark_functions(functions):
            self._query(statement)

    def _query(self, sql: str) -> DataFrame:
        """Errors repeat the SQL that failed."""
        try:
            return self.session.sql(sql)
        except PySparkException as error:
            error.add_note(f"--- the SQL that failed ---\n{sql}")
            raise


def _plain(table: pa.Table) -> pa.Table:
    """Repeated text as text: Spark takes no lists of values."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(
                place, field.name, table[field.name].cast(field.type.value_type)
            )
    return table
