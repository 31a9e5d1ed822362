"""SQLAlchemy over a DuckDB connection that somebody else owns, for Great Expectations.

Great Expectations wants a URL and fetches results after it has ended its transaction, on which
DuckDB drops them; here the connection is handed in, and transactions are left to DuckDB's
autocommit.
"""

from contextlib import contextmanager

from duckdb_sqlalchemy import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool

_held: dict[str, object] = {}


class SharedConnectionDuckDB(Dialect):
    """DuckDB on a cursor of the held connection."""

    name = "sharedduckdb"
    supports_statement_cache = False

    @classmethod
    def get_pool_class(cls, url):
        return StaticPool

    def create_connect_args(self, url):
        return (), {"key": url.database}

    def connect(self, *_, key: str, **__):
        return ConnectionWrapper(_held[key].cursor())

    def do_begin(self, dbapi_connection):
        pass

    def do_commit(self, dbapi_connection):
        pass

    def do_rollback(self, dbapi_connection):
        pass


registry.register("sharedduckdb", __name__, "SharedConnectionDuckDB")


@contextmanager
def engine_url(connection):
    """A URL by which SQLAlchemy reaches this connection, while the block lasts."""
    key = str(id(connection))
    _held[key] = connection
    try:
        yield f"sharedduckdb:///{key}"
    finally:
        del _held[key]
