"""Presentation: report, workbook and exports of a publication, from its published tables only."""
