"""One Spark session for all tests of `make test-spark`.

Plain `make test` leaves them out and needs neither Java nor PySpark.
"""

import shutil

import pytest

# Small data: one partition, no code generation, and the quick compiler of the two that the JVM has.
SMALL = {
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
}


@pytest.fixture(scope="session")
def java():
    if not shutil.which("java"):
        pytest.skip("no Java on this machine")


@pytest.fixture(scope="session")
def on(java, tmp_path_factory):
    """Make engines as `tests.company` asks for them; the session outlives each."""
    from pyspark.sql import SparkSession  # an extra: only `make test-spark` installs it

    from transforms.engine.spark_engine import Spark

    builder = SparkSession.builder.master("local[2]").config(
        "spark.local.dir", str(tmp_path_factory.mktemp("spill"))
    )
    for name, value in SMALL.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield lambda folder, timezone, threads: Spark(folder, timezone, session, threads)
    session.stop()
