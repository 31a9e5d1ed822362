"""JSON Lines -> Arrow batches of text: one object per line, its keys as columns.

Numbers keep the digits they are written with.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator

import pyarrow as pa

from data.extracts.guards import MAX_LINE_BYTES, refuse_long_line
from data.extracts.headers import MAX_COLUMNS, name_columns
from data.extracts.opened_file import MalformedLines, OpenedFile
from data.extracts.plain_file import PlainText
from data.extracts.text_batches import make_text_batch, make_text_schema
from data.extracts.text_file import TextFile
from data.problem import Problem

BATCH_ROWS = 16_384
# `{}` is a row of as many empty cells as the file has columns: 8 bytes each, in a line of three.
BATCH_CELLS = 4_000_000
NOT_TEXT = "bytes in it are not text"


def read_json_lines(plain: PlainText) -> OpenedFile:
    """Open JSON Lines: the columns are the keys of all lines, so the file is read once before.

    Raises Problem where no line is an object.
    """
    keys = _collect_keys(plain.text, plain.name)
    if not keys:
        raise Problem(
            f"{plain.name} has no line with a JSON object",
            'deliver one object per line, for example {"claim_id": "C1"}',
        )

    names = name_columns(keys, plain.name)
    reading = OpenedFile(names, "json lines", plain.text.encoding)
    batches = _read_batches(plain.text, plain.name, keys, reading)
    reading.batches = pa.RecordBatchReader.from_batches(make_text_schema(names), batches)

    return reading


def _collect_keys(text: TextFile, name: str) -> list[str]:
    """Return the keys of all lines, in the order they appear; more than allowed is enough."""
    keys: dict[str, None] = {}
    for _, row in _read_lines(text, name):
        if isinstance(row, dict) and not row.keys() <= keys.keys():
            keys |= dict.fromkeys(row)
        if len(keys) > MAX_COLUMNS:
            break

    return list(keys)


def _read_batches(
    text: TextFile, name: str, keys: list[str], reading: OpenedFile
) -> Iterator[pa.RecordBatch]:
    schema = make_text_schema(reading.headers)

    # Few rows of many columns: a batch has at most this many cells, whatever its width.
    batch_rows = max(1, min(BATCH_ROWS, BATCH_CELLS // len(keys)))
    rows, lines = [], []
    for line, row in _read_lines(text, name):
        if not isinstance(row, dict):
            reading.malformed.append(MalformedLines(line, "", row))
            reading.check_malformed(name, line)
            continue

        rows.append([_cell_text(row.get(key)) for key in keys])
        lines.append(line)
        if len(rows) == batch_rows:
            yield make_text_batch(rows, lines, schema)
            rows, lines = [], []

    if rows:
        yield make_text_batch(rows, lines, schema)


def _read_lines(text: TextFile, name: str) -> Iterator[tuple[int, dict | str]]:
    """Yield each line's number, and its object or what is wrong with it (nothing: it is blank)."""
    with text.path.open("rb") as stream:
        stream.seek(text.start)
        line, remaining = 0, text.find_end() - text.start
        while remaining > 0:
            # One byte more than a line may have: a longer one is refused, not read to its end.
            content = stream.readline(min(MAX_LINE_BYTES + 1, remaining))
            if not content:
                return

            line += 1
            remaining -= len(content)
            refuse_long_line(name, line, len(content))
            content = content.removeprefix(BOM_UTF8)
            yield line, _parse_object(content) if content.strip() else ""


def _parse_object(content: bytes) -> dict | str:
    try:
        row = json.loads(
            content,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_to_dict,
        )
        if b"\\u" in content:
            json.dumps(row, ensure_ascii=False).encode()  # an escape may be half a character
            if b"\\u0000" in content:
                return NOT_TEXT
    except UnicodeError:
        return NOT_TEXT
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"

    return row if isinstance(row, dict) else "it is not a JSON object"


def _to_dict(pairs: list[tuple]) -> dict:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a key is repeated")
    return row


def _cell_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)
