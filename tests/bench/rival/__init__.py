"""What a good engineer writes instead of this house: every cell of mart_kpi_value (numerator,
denominator, value, prior year) from the rows of a store, with Polars and numpy, by hand.

It knows the 43 KPIs by heart: no definitions in SQL, no intervals, leagues, trends, survival or
explanation, one policy, one time zone, two decimals. Only the list of periods and what the run can
compute are the house's own (transforms/kpis/periods.py, catalogue.py), as nobody's time is in them.

What makes it fast: one scan into small integers (an interval is one byte); counts per branch, line,
group and interval; two dates from a dense cube of interval x interval with prefix sums, four
look-ups a period; percentiles from one sort per level of the tree; branches above last.

`python -m tests.bench.rival STORE [--as-of DAY] [--into FOLDER] [--compare TABLES]`
"""
