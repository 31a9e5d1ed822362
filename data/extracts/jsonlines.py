"""JSON Lines -> Arrow batches of text: one object per line, its keys as columns. Numbers keep the
digits they are written with.
"""

import json
from collections.abc import Iterator

import pyarrow as pa

from data.extracts.encoding import TextFile
from data.extracts.reading import (
    MAX_CELL_LENGTH,
    MAX_COLUMNS,
    MalformedLines,
    OpenedFile,
    make_text_batch,
    make_text_schema,
    name_columns,
)
from data.problem import Problem

ROWS = 16_384


def read_json_lines(text: TextFile, name: str) -> OpenedFile:
    """Open JSON Lines: the columns are the keys of all lines, so the file is gone through once
    before.

    Raises Problem where no line is an object.
    """
    keys: dict[str, None] = {}
    for _, row in _lines(text, name):
        if isinstance(row, dict) and not row.keys() <= keys.keys():
            keys |= dict.fromkeys(row)
        if len(keys) > MAX_COLUMNS:
            break
    if not keys:
        raise Problem(
            f"{name} holds no JSON object in any line",
            'deliver one object per line, for example {"claim_id": "C1"}',
        )
    names = name_columns(list(keys), name)
    reading = OpenedFile(names, "json lines", text.encoding)
    reading.batches = pa.RecordBatchReader.from_batches(
        make_text_schema(names), _stream(text, name, list(keys), reading)
    )
    return reading


def _stream(
    text: TextFile, name: str, keys: list[str], reading: OpenedFile
) -> Iterator[pa.RecordBatch]:
    schema = make_text_schema(reading.headers)
    rows, lines, line = [], [], 0
    for line, row in _lines(text, name):
        if isinstance(row, dict):
            rows.append([_cell_text(row.get(key)) for key in keys])
            lines.append(line)
        else:
            reading.malformed.append(MalformedLines(line, "", row))
            reading.check_malformed(name, line)
        if len(rows) == ROWS:
            yield make_text_batch(rows, lines, schema)
            rows, lines = [], []
    if rows:
        yield make_text_batch(rows, lines, schema)


def _lines(text: TextFile, name: str) -> Iterator[tuple[int, dict | str]]:
    """Each line's number, and its object or what is wrong with it (nothing, if it is blank)."""
    with text.path.open("rb") as stream:
        stream.seek(text.start)
        line = 0
        while content := stream.readline(MAX_CELL_LENGTH + 1):
            line += 1
            if len(content) > MAX_CELL_LENGTH:
                raise Problem(
                    f"{name}: line {line:,} is longer than {MAX_CELL_LENGTH:,} bytes",
                    "check that it is JSON Lines and arrived whole",
                )
            yield line, _object(content) if content.strip() else ""


def _object(content: bytes) -> dict | str:
    try:
        row = json.loads(
            content, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_pairs
        )
        if b"\\u" in content:
            json.dumps(row, ensure_ascii=False).encode()  # an escape may be half a character
            if b"\\u0000" in content:
                return "bytes in it are not text"
    except UnicodeError:
        return "bytes in it are not text"
    except (ValueError, RecursionError) as error:
        return f"it is no JSON: {error}"
    return row if isinstance(row, dict) else "it is no JSON object"


def _pairs(pairs: list[tuple]) -> dict:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a key comes twice")
    return row


def _cell_text(value) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)
