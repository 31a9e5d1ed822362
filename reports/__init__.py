"""Presentation: the report, the workbook and the exports of a publication, from its published tables only."""
