"""A small company in files, to break on purpose."""

from datetime import date
from pathlib import Path

import pytest

from flows.nightly import run_nightly

CLAIMS = """claim_id,branch_code,line,reported_at,closed_at,paid_at,outcome,has_injury,paid_amount
C1,0101,商业车险,2012-01-05 10:00:00,2012-01-09 10:00:00,2012-01-10 10:00:00,normal,否,800.00
C2,0101,商业车险,2012-02-05 10:00:00,2012-02-09 10:00:00,2012-03-10 10:00:00,normal,是,9000.00
C3,0102,交强险,2012-03-05 10:00:00,,,,否,
C4,0102,交强险,2012-04-05 10:00:00,2012-04-06 10:00:00,,rejected,否,0
"""
COMPLAINTS = """complaint_id,branch_code,channel,received_at,closed_at,is_valid
K1,0101,regulator,2012-01-15 10:00:00,2012-01-20 10:00:00,是
K2,0102,company,2012-05-15 10:00:00,,否
"""


@pytest.fixture
def landing(tmp_path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    (folder / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    (folder / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    return folder


@pytest.fixture
def run(tmp_path, landing):
    """Run the flow over the landing folder."""

    def go(as_of=date(2012, 6, 30), **asked):
        return run_nightly(**({"landing": landing, "as_of": as_of, "store": tmp_path / "store", "render": False} | asked))

    return go
