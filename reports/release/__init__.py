"""A release's workbook and CSV, for regulators and the public."""
