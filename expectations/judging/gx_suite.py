"""Great Expectations as the judge of record: rules -> a suite -> a count for every rule."""

import logging

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.judging.finding import Finding
from expectations.judging.gx_dialect import engine_url


def make_suite(name: str, queries: list) -> gx.ExpectationSuite:
    """A suite of rules, each with the query that selects what breaks it."""
    expectations = []
    for rule, query in queries:
        meta = {"rule": rule.id, "column": rule.column, "sql": rule.sql}
        # A query that does not name its batch makes Great Expectations print a warning: ours read
        # what was prepared beside it.
        named = query if "{batch}" in query else f"/* {{batch}} */ {query}"
        expectations.append(
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=named, severity=rule.severity, meta=meta
            )
        )
    return gx.ExpectationSuite(name, expectations=expectations)


def run_suite(connection, name: str, queries: list, table: str) -> list[Finding]:
    """Judge the tables of a DuckDB connection by a suite: (rule, query) for each; `table` is the
    batch it is run on.

    Raises RuntimeError where an expectation could not be evaluated: a check that did not run must
    not pass.
    """
    for logger in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
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
    findings = []
    for result in outcome.results:
        config = result.expectation_config
        if result.exception_info.get("raised_exception") or "observed_value" not in result.result:
            raise RuntimeError(
                f"{name}: the expectation {config.meta['rule']} could not be evaluated: {_first_line(result)}"
            )
        findings.append(
            Finding(
                rule=config.meta["rule"],
                severity=config.severity.value,
                column=config.meta["column"],
                success=bool(result.success),
                failed=result.result["observed_value"],
            )
        )
    return findings


def _first_line(result) -> str:
    """Of everything that is told about an expectation that failed to run."""
    said = [
        info.get("exception_message")
        for info in result.exception_info.values()
        if isinstance(info, dict)
    ]
    return (next(filter(None, said), None) or str(result.exception_info)).splitlines()[0][:500]
