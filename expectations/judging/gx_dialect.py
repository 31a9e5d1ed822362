"""SQLAlchemy over a DuckDB connection that somebody else owns, for Great Expectations.

Great Expectations wants a URL and fetches results after it has ended its transaction, on which
DuckDB drops them; here the connection is handed in, and transactions are left to DuckDB's
autocommit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duckdb_sqlalchemy import ConnectionWrapper, Dialect
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool

_connections: dict[str, Any] = {}


class SharedConnectionDuckDB(Dialect):
    """DuckDB on a cursor of a connection that `engine_url` lends."""

    name = "sharedduckdb"
    supports_statement_cache = False

    @classmethod
    def get_pool_class(cls, url: object) -> type[StaticPool]:  # noqa: ARG003 - SQLAlchemy's signature
        """Return the pool of one connection: there is no second one to open."""
        return StaticPool

    def create_connect_args(self, url):
        """Return the key of the connection, which is the URL's database."""
        return (), {"key": url.database}

    def connect(self, *_, key: str, **__):
        """Return a cursor of the lent connection."""
        return ConnectionWrapper(_connections[key].cursor())

    def do_begin(self, dbapi_connection):
        """Do nothing: DuckDB drops results when a transaction ends, so it commits by itself."""

    def do_commit(self, dbapi_connection):
        """Do nothing: DuckDB drops results when a transaction ends, so it commits by itself."""

    def do_rollback(self, dbapi_connection):
        """Do nothing: DuckDB drops results when a transaction ends, so it commits by itself."""


registry.register("sharedduckdb", __name__, "SharedConnectionDuckDB")


@contextmanager
def engine_url(connection: Any) -> Iterator[str]:
    """Yield a URL by which SQLAlchemy reaches this connection, while the block lasts."""
    key = str(id(connection))
    _connections[key] = connection
    try:
        yield f"sharedduckdb:///{key}"
    finally:
        del _connections[key]
