"""No personal data behind the landing folder: planted in every corner of a delivery, then looked
for in every byte of what the run leaves.
"""

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq

from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from tests.faults.conftest import CLAIMS, COMPLAINTS
from tests.unit.expectations.parsing.test_personal_data import PLANTED


def texts(path: Path, content: bytes) -> list[str]:
    """All text in a file, whatever it is packed into."""
    if path.suffix == ".parquet":
        return [
            str(value)
            for column in pq.read_table(BytesIO(content)).to_pydict().values()
            for value in column
        ]
    if content[:2] == b"PK":
        packed = zipfile.ZipFile(BytesIO(content))
        return [text for name in packed.namelist() for text in texts(Path(name), packed.read(name))]
    return [content.decode("utf-8", "replace"), content.decode("utf-16-le", "replace")]


def find_secrets(folder: Path, secrets) -> list[tuple[str, str]]:
    pattern = re.compile("|".join(map(re.escape, secrets)))
    return [
        (str(path.relative_to(folder)), hit)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for text in (path.name, *texts(path, path.read_bytes()))
        for hit in pattern.findall(text)
    ]


def test_nothing_of_a_person_is_left_behind_the_landing_folder(tmp_path):
    landing, store = tmp_path / "landing", tmp_path / "store"
    landing.mkdir()
    sentences = list(PLANTED.values())
    head, *claims = CLAIMS.splitlines()
    claims = [f"{line},赵六七,13500001111,京C98765" for line in claims]
    claims += [
        # unreadable, a warning: the row counts
        "B1,0101,车,2012-05-01 10:00:00,,,赵六七,13500001111,电话13500001111,x,y,z",
        "B2,0101,车,赵六七,,,,大概赵六七,京C98765,x,y,z",  # unreadable and required: quarantined
        # breaks a rule: quarantined
        "B3,0101,联系人:赵六七,2012-05-01 10:00:00,2012-04-30 10:00:00,,normal,否,-5,x,y,z",
        "B4,0101,13500001111,2012-05-01 10:00:00,,,normal,否,5,x,y,z",  # read as it stands
        "B5,0101,赵六七,13500001111,京C98765",  # malformed
        "B6,0101,车,2012-05-01 10:00:00,,,normal,否,13500001111,x,y,z",
        # repeated, a phone read as an amount
        "B6,0101,车,2012-05-01 10:00:00,,,normal,否,13500001112,x,y,z",
        "制表人：赵六七,,,,,,,,,,,",
    ]
    (landing / "claims_20120630.csv").write_text(
        "\n".join([f"{head},报案人,联系电话,车牌", *claims, ""]), encoding="utf-8"
    )
    calls = [
        "callback_id,branch_code,kind,due_at,first_dialled_at,connected_at,completed_at,rating,reported_issue,comment"
    ]
    at = "2012-03-05 10:00:00"
    calls += [
        f'V{n},0101,现场报案,{at},{at},{at},{at},5,"{text}","{text}"'
        for n, text in enumerate(sentences)
    ]
    calls += [
        f'W{n},0101,现场报案,{at},{at},{at},{at},9,"{text}","{text}"'
        for n, text in enumerate(sentences)
    ]
    (landing / "callbacks_20120630.csv").write_text("\n".join([*calls, ""]), encoding="utf-8")
    (landing / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    (landing / "branches_20120630.csv").write_text(
        "0101,赵六七,13500001111\n0102,b,c\n", encoding="utf-8"
    )  # no header: its first row is taken for one
    outcome = run_nightly(
        RunOptions(landing=landing, as_of=date(2012, 6, 30), store=store, render=True)
    )
    assert outcome.state == "published", outcome
    secrets = [*PLANTED, "赵六七", "13500001111", "13500001112", "京C98765"]
    left = find_secrets(store, secrets)
    assert not left, left
    quarantine = pq.read_table(
        Path(outcome.folder) / "tables" / "quality_quarantine.parquet"
    ).to_pylist()
    content = {
        row["line"]: row["content"] for row in quarantine if row["file_name"].startswith("claims")
    }
    assert content[7].count("***") >= 3 and "B2" in content[7], (
        "the row is told, without the person"
    )
    assert '"line": "联系人:***"' in content[8] and "2012-04-30" in content[8]
    assert not any(secret in problem for problem in outcome.problems for secret in secrets)
