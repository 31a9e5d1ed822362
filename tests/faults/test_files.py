"""Whatever form the same extract arrives in, the rows are the same; what cannot be read costs its
lines or its file, and says so.
"""

import gzip
import io
import json
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.conftest import CLAIMS, table

COUNTS = ("read", "accepted", "quarantined", "superseded", "skipped")


def named(letter: str) -> str:
    """The claims of the company with numbers of their own."""
    return CLAIMS.replace("\nC", f"\n{letter}")


def cells(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def workbook(text: str) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "claims"
    for row in cells(text):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def parquet(text: str) -> bytes:
    header, *rows = cells(text)
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(zip(header, zip(*rows, strict=True), strict=True))), buffer)
    return buffer.getvalue().to_pybytes()


def json_lines(text: str) -> bytes:
    header, *rows = cells(text)
    return "\n".join(
        json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) for row in rows
    ).encode()


FORMS = {
    "claims_20120630.tsv": (
        "csv, tab",
        "gb18030",
        lambda text: text.replace(",", "\t").encode("gb18030"),
    ),
    "claims_20120630.txt": (
        "csv, '|'",
        "utf-16",
        lambda text: text.replace(",", "|").encode("utf-16"),
    ),
    "claims_20120630.csv.gz": (
        "csv, gzip, ';'",
        "utf-8",
        lambda text: gzip.compress(text.replace(",", ";").encode()),
    ),
    "claims_20120630.csv.zst": (
        "csv, zstd, ','",
        "gb18030",
        lambda text: pa.Codec("zstd").compress(text.encode("gb18030"), asbytes=True),
    ),
    "claims_20120630.zip": (
        "csv, zip, ','",
        "utf-8-sig",
        lambda text: zipped("理赔.csv", text.encode("utf-8-sig")),
    ),
    "claims_20120630.xls": ("xlsx, sheet claims", None, workbook),
    "claims_20120630.xlsx.zip": (
        "xlsx, zip, sheet claims",
        None,
        lambda text: zipped("claims.xlsx", workbook(text)),
    ),
    "claims_20120630.parquet": ("parquet", None, parquet),
    "claims_20120630.parquet.gz": (
        "parquet, gzip",
        None,
        lambda text: gzip.compress(parquet(text)),
    ),
    "claims_20120630.jsonl": ("json lines", "utf-8", json_lines),
}


def files(taken) -> dict[str, dict]:
    return {row["file_name"]: row for row in table(taken, "quality_input_file")}


def counts(file: dict) -> dict[str, int]:
    return {name: file[f"rows_{name}"] for name in COUNTS}


def test_one_extract_in_files_of_every_form(night, landing):
    for letter, (name, (_, _, written)) in zip("DEFGHIJKLMN", FORMS.items(), strict=False):
        (landing / name).write_bytes(written(named(letter)))
    taken = night()
    assert taken.problems == []
    facts = files(taken)
    assert {name: (facts[name]["format"], facts[name]["encoding"]) for name in FORMS} == {
        name: form[:2] for name, form in FORMS.items()
    }
    assert all(
        counts(facts[name]) == dict(zip(COUNTS, (4, 4, 0, 0, 0), strict=True)) for name in FORMS
    )
    cells_read = [
        [str(cell) for name, cell in row.items() if name != "claim_id"] for row in taken.rows()
    ]
    assert len(cells_read) == 44
    assert all(cells_read[start : start + 4] == cells_read[:4] for start in range(0, 44, 4)), (
        "eleven times what one file contains"
    )


def test_broken_lines_of_every_kind_are_counted_and_named(night, landing):
    lines = CLAIMS.encode("gb18030").splitlines()
    broken = [
        b"",
        lines[0],
        b"B1,0101",
        b'B2,0101,"',
        b"B3,0101,\x00,2012-01-05 10:00:00,,,,,",
        b"B4,0101,\xff,2012-01-05 10:00:00,,,,,",
        b" ",
        b'C5,0101,"a\r\nb",2012-01-05 10:00:00,,,,,',
        "合计,4".encode("gb18030"),
    ]
    title = "理赔清单,2012年".encode("gb18030")
    (landing / "claims_20120630.csv").write_bytes(
        b"\r\n".join([title, *lines[:3], *broken, *lines[3:]])
    )
    taken = night()
    file = files(taken)["claims_20120630.csv"]
    assert file["encoding"] == "gb18030"
    # Lines 5, 6, 11 and 14 are no records: blank, the header again, blanks, a total. The text in
    # line 12 goes on in line 13.
    assert counts(file) == {
        "read": 13,
        "accepted": 5,
        "quarantined": 4,
        "superseded": 0,
        "skipped": 4,
    }
    quarantined = {row["line"]: row["content"] for row in table(taken, "quality_quarantine")}
    assert quarantined == {
        7: "2 cells where the header has 9",
        8: "a quotation mark is not closed",
        9: "bytes in it are not text",
        10: "bytes in it are not text",
    }


def test_broken_json_lines_are_quarantined(night, landing):
    (landing / "claims_20120630.csv").unlink()
    (landing / "claims_20120630.ndjson").write_bytes(b'{"claim_id": "B1", \n' + json_lines(CLAIMS))
    taken = night()
    assert counts(files(taken)["claims_20120630.ndjson"]) == {
        "read": 5,
        "accepted": 4,
        "quarantined": 1,
        "superseded": 0,
        "skipped": 0,
    }
    assert [(row["line"], row["content"][:10]) for row in table(taken, "quality_quarantine")] == [
        (1, "it is not ")
    ]


def test_files_that_cannot_be_read_are_named_and_the_rest_goes_on(night, landing):
    (landing / "callbacks_20120630.zip").write_bytes(zipped("a.csv", gzip.compress(b"callback_id")))
    whole = parquet(CLAIMS)
    (landing / "exposure_20120630.parquet").write_bytes(whole[: len(whole) // 2])
    (landing / "branches_20120630.xls").write_bytes(b"<html><body><table>")
    taken = night()
    assert {file["file_name"] for file in taken.files} == {
        "claims_20120630.csv",
        "complaints_20120630.csv",
    }
    messages = "\n".join(taken.problems)
    assert "callbacks_20120630.zip is an archive in an archive" in messages
    assert "exposure_20120630.parquet cannot be read as PARQUET" in messages
    assert "branches_20120630.xls is a web page or XML under the name .xls" in messages
    assert len(taken.problems) == 3 and "Traceback" not in messages


def test_a_damaged_page_of_parquet_is_a_sentence(night, landing):
    """Its footer is whole, so it opens; what is in it cannot be read."""
    whole = bytearray(parquet(CLAIMS))
    whole[4:60] = b"\xff" * 56
    (landing / "claims_20120630.csv").unlink()
    (landing / "claims_20120630.parquet").write_bytes(whole)
    taken = night()
    assert (
        len(taken.problems) == 1
        and "claims_20120630.parquet breaks off while being read: " in taken.problems[0]
    )
    assert [file["file_name"] for file in taken.files] == ["complaints_20120630.csv"]


def test_a_text_that_breaks_off_in_the_stream_is_reported_in_its_own_words(night, landing):
    (landing / "claims_20120630.csv").write_bytes(CLAIMS.encode() + b"x" * (1 << 25))
    taken = night()
    assert "claims_20120630.csv: line 6 is longer than 16,777,216 bytes" in taken.problems[0]
    assert not list(landing.parent.glob("store/work/tmp*")), "its work files are gone"


def test_a_link_out_of_landing_is_not_read(night, landing, tmp_path):
    (tmp_path / "claims_20120731.csv").write_text(
        (landing / "claims_20120630.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (landing / "claims_20120731.csv").symlink_to(tmp_path / "claims_20120731.csv")
    outcome = night()
    assert outcome.problems == [
        "claims_20120731.csv is a link out of the landing folder - deliver the file itself (docs/runbook/unreadable-file.md)"
    ]
    assert {row["file_name"] for row in outcome.files} == {
        "claims_20120630.csv",
        "complaints_20120630.csv",
    }
