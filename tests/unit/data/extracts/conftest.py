"""A file written and read, as the tests of every format use it."""

import pytest

from data.config.profile_source import Source
from data.extracts.open_file import open_file

TEXT = '赔案号,机构代码,备注\nA1,0101,正常\nA2,0102,"两行\n备注"\n\nA3,0103\nA4,0104,完\n'


@pytest.fixture
def read(tmp_path):
    """Write a file and read it: the reading, and its rows as lists with their line at the end."""

    def go(content: str | bytes, name: str = "claims.csv", written: str = "utf-8", **declared):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
        reading = open_file(path, Source(extract="claims", files="*", **declared), tmp_path)
        return reading, [list(row.values()) for row in reading.batches.read_all().to_pylist()]

    return go


def reasons(reading) -> dict[int, str]:
    return {bad.line: bad.reason for bad in reading.malformed}
