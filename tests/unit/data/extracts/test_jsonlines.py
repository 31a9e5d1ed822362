"""JSON Lines: one object per line, its keys as columns."""

import gzip

from tests.unit.data.extracts.conftest import reasons


def test_json_lines(read):
    text = '{"claim_id": "1", "paid": 10.50}\n\n{"claim_id": 2, "ok": true, "note": null, "more": {"x": [1.0]}}\n{"claim_id": "3",\n[1]\n{"a": 1, "a": 2}\n'
    reading, rows = read(text, "claims.jsonl")
    assert reading.headers == ["claim_id", "paid", "ok", "note", "more"]
    assert rows == [["1", "10.50", "", "", "", 1], ["2", "", "true", "", '{"x": ["1.0"]}', 3]]
    reason_by_line = reasons(reading)
    assert (
        sorted(reason_by_line) == [2, 4, 5, 6]
        and reason_by_line[2] == ""
        and reason_by_line[4].startswith("it is not JSON: ")
        and reason_by_line[5] == "it is not a JSON object"
    )
    assert reason_by_line[6] == "it is not JSON: a key is repeated"
    reading, again = read(gzip.compress(text.encode("gb18030")), "claims.txt.gz")
    assert reading.format == "json lines, gzip" and again == rows
