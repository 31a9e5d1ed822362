"""Great Expectations as the judge of record: rules -> a suite -> a count for every rule."""

import logging
from typing import Any

import great_expectations as gx
from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)

from expectations.judging.finding import Finding
from expectations.judging.gx_dialect import engine_url


def make_suite(name: str, queries: list) -> gx.ExpectationSuite:
    """Return a suite of rules, each with the query that selects what breaks it."""
    expectations = []
    for rule, query in queries:
        meta = {"rule": rule.id, "column": rule.column, "sql": rule.sql}

        # A query that does not name its batch makes Great Expectations print a warning: ours read
        # relations that were prepared for them.
        named = query if "{batch}" in query else f"/* {{batch}} */ {query}"
        expectations.append(
            UnexpectedRowsExpectation(
                unexpected_rows_query=named, severity=rule.severity, meta=meta
            )
        )

    return gx.ExpectationSuite(name, expectations=expectations)


def run_suite(connection: Any, name: str, queries: list, table: str) -> list[Finding]:
    """Judge the tables of a DuckDB connection by a suite: (rule, query) for each; `table` is the
    batch it is run on.

    Raises RuntimeError where an expectation could not be evaluated: a check that did not run must
    not pass.
    """
    for logger in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(logger).setLevel(logging.ERROR)

    context = gx.get_context(mode="ephemeral")

    context.variables.progress_bars = {"globally": False}  # pyright: ignore - typed too narrowly
    with engine_url(connection) as url:
        source = context.data_sources.add_sql(name, connection_string=url, create_temp_table=False)
        batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table(
            table
        )
        definition = gx.ValidationDefinition(
            name=name, data=batch, suite=context.suites.add(make_suite(name, queries))
        )
        outcome = context.validation_definitions.add(definition).run(result_format="SUMMARY")
        source.get_execution_engine().close()

    return [_read_result(name, result) for result in outcome.results]


def _read_result(name: str, result: Any) -> Finding:
    config = result.expectation_config
    if result.exception_info.get("raised_exception") or "observed_value" not in result.result:
        raise RuntimeError(
            f"{name}: the expectation {config.meta['rule']} could not be evaluated:"
            f" {_first_line(result)}"
        )

    return Finding(
        rule=config.meta["rule"],
        severity=config.severity.value,
        column=config.meta["column"],
        success=bool(result.success),
        failed=result.result["observed_value"],
    )


def _first_line(result: Any) -> str:
    """Return the first line of why an expectation failed to run."""
    messages = [
        info.get("exception_message")
        for info in result.exception_info.values()
        if isinstance(info, dict)
    ]
    message = next(filter(None, messages), None) or str(result.exception_info)
    return message.splitlines()[0][:500]
