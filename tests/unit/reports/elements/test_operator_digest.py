"""The digest of the operator, at its thresholds."""

from datetime import date, timedelta

import pytest

from reports.elements import operator_digest

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "text"),
    [(0, ""), (1, "since"), (5, "since"), (6, "decide"), (7, "decide")],
)
def test_a_failure_asks_for_a_decision_from_the_seventh_night_on(days, text):
    row = {"extract_date": date(2012, 12, 20), "failing_since": date(2012, 12, 20) - days * DAY}
    words = operator_digest.since_text(row).en
    assert ("decide" in words, bool(words)) == (text == "decide", text != "")


@pytest.mark.parametrize(("room", "problems", "shown"), [(2, 2, 2), (2, 3, 1), (2, 1, 1)])
def test_the_digest_uses_its_last_line_only_for_what_is_left_out(room, problems, shown):
    lines = [""] * (operator_digest.LINES - room)
    more = [f"problem {number}" for number in range(problems)]
    digest = operator_digest._at_most(lines, more, problems)
    assert len(digest) <= operator_digest.LINES
    assert sum(line.startswith("problem") for line in digest) == shown
    assert (digest[-1] == f"{problems - shown} more: report/operator.html") == (shown < problems)
