"""Intervals, ranks, limits and survival curves: plain numpy and scipy, no KPI in sight."""
