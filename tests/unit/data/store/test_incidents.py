"""Incidents: counted in days, closed where nothing is found any more, muted until a day."""

import json
from datetime import date, timedelta

import pytest

from data.store.incidents import (
    Incident,
    edit_incidents,
    incident_identity,
    read_incidents,
    record_findings,
)

DAY = date(2026, 11, 25)


@pytest.mark.parametrize(("days_before", "is_muted"), [(1, True), (0, False), (-1, False)])
def test_it_is_muted_before_the_day_not_on_it(days_before, is_muted):
    incident = Incident(id="a", source="run", message="text", days=[], muted_until=str(DAY))
    assert incident.is_muted(DAY - timedelta(days=days_before)) is is_muted


def test_an_incident_that_nobody_muted_is_not():
    assert not Incident(id="a", source="run", message="text", days=[]).is_muted(DAY)


def test_numbers_and_days_do_not_make_another_incident():
    first = incident_identity("run", "claims of 2026-11-24: 1,204 rows, 3.5 %")
    assert first == incident_identity("run", "claims of 2026-11-25: 7 rows, 12 %")
    assert first != incident_identity("watchdog", "claims of 2026-11-24: 1,204 rows, 3.5 %")
    assert first != incident_identity("run", "callbacks of 2026-11-24: 1,204 rows, 3.5 %")


def test_an_incident_closes_only_by_its_source_and_where_it_looked_at_everything():
    incidents = []
    record_findings(incidents, "run", ["claims are late", "claims are late"], DAY)
    record_findings(incidents, "run", ["claims are late"], DAY)
    assert [incident.nights for incident in incidents] == [1], "a day counts once"
    record_findings(incidents, "watchdog", [], DAY)
    record_findings(incidents, "run", [], DAY, complete=False)
    assert incidents[0].closed is None
    record_findings(incidents, "run", [], DAY)
    assert incidents[0].closed == str(DAY)
    record_findings(incidents, "run", ["claims are late"], DAY)
    assert len(incidents) == 2, "a closed incident does not open again"


def test_the_keys_on_disk_are_those_of_every_version(tmp_path):
    path = tmp_path / "incidents.json"
    with edit_incidents(path) as incidents:
        record_findings(incidents, "run", ["理赔数据迟到"], DAY)
        incidents[0].notified.append("Wu")
    (entry,) = json.loads(path.read_text(encoding="utf-8"))
    assert entry == {
        "id": incidents[0].id, "source": "run", "message": "理赔数据迟到", "days": [str(DAY)],
        "notified": ["Wu"], "closed": None, "notified_closed": [], "muted_until": None, "muted_because": None,
    }  # fmt: skip
    assert read_incidents(path) == incidents
