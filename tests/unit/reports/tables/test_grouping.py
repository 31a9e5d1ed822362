"""Which extracts are the latest."""

from datetime import date, timedelta

from reports.tables.grouping import latest_extracts

DAY = timedelta(days=1)


def test_extracts_of_the_same_day_are_all_the_latest():
    day = date(2012, 12, 20)
    rows = [
        {"extract": "claims", "extract_date": day, "file": 1},
        {"extract": "claims", "extract_date": day, "file": 2},
        {"extract": "claims", "extract_date": day - DAY, "file": 3},
        {"extract": "callbacks", "extract_date": day - DAY, "file": 4},
    ]
    assert [row["file"] for row in latest_extracts(rows)] == [1, 2, 4]
