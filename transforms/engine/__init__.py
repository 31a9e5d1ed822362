"""DuckDB and Spark behind one protocol, and the SQL models they run."""
