"""The analysts' workbook."""
