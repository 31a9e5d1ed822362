"""Great Expectations as the judge of record: rules -> a suite -> a count for every rule."""

import logging
import great_expectations as gx
import great_expectations.expectations as gxe

from data.contract import Contract
from expectations.dialect import url_of
from expectations.finding import Finding, broken_sql


def suite(contract: Contract) -> gx.ExpectationSuite:
    """The suite of a contract: each of its rules."""
    expectations = []
    for rule in contract.rules:
        query = f"SELECT _line FROM {{batch}} WHERE {broken_sql(contract, rule)}"
        meta = {"rule": rule.id, "column": rule.column, "sql": rule.sql}
        expectations.append(gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, severity=rule.severity, meta=meta))
    return gx.ExpectationSuite(contract.name, expectations=expectations)


def run(connection, contract: Contract, table: str) -> list[Finding]:
    """Judge a table of a DuckDB connection by its contract's suite.

    Raises RuntimeError where an expectation could not be evaluated: a check that did not run must not pass.
    """
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    with url_of(connection) as url:
        source = context.data_sources.add_sql(contract.name, connection_string=url, create_temp_table=False)
        batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table(table)
        definition = gx.ValidationDefinition(name=contract.name, data=batch, suite=context.suites.add(suite(contract)))
        outcome = context.validation_definitions.add(definition).run(result_format="SUMMARY")
        source.get_execution_engine().close()
    findings = []
    for result in outcome.results:
        config = result.expectation_config
        if result.exception_info.get("raised_exception") or "observed_value" not in result.result:
            raise RuntimeError(f"{contract.name}: the expectation {config.meta['rule']} could not be evaluated: {result.exception_info}")
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
