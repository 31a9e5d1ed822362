"""The lake: when a book is merged into one file, and which rows are the current ones."""

from datetime import date

import pytest

from data.store.lake import MAX_FILES_OF_A_BOOK, Lake, is_full_extract

JUNE, JULY = date(2012, 6, 30), date(2012, 7, 31)


@pytest.mark.parametrize(
    ("writes", "files"), [(19, 19), (MAX_FILES_OF_A_BOOK, 20), (MAX_FILES_OF_A_BOOK + 1, 1)]
)
def test_a_book_is_merged_into_one_file_once_it_has_more_than_twenty(tmp_path, writes, files):
    lake = Lake(tmp_path)
    for number in range(writes):
        lake.add("decision", [{"publication_id": str(number)}])
    table = lake.tables.open("decision")
    assert len(table.file_uris()) == files
    assert len(lake.read("decision")) == writes


def enter(lake: Lake, day: date, delivery: str, quarantined: int = 0) -> None:
    row = {"extract": "claims", "extract_date": day, "delivery": delivery}
    lake.add("delivery", [row | {"rows_quarantined": quarantined}])


@pytest.mark.parametrize(
    ("deliveries", "is_merged"),
    [
        ([], False),
        ([(JUNE, "delta", 0)], False),
        ([(JUNE, "full", 0), (JULY, "full", 0)], False),
        ([(JUNE, "full", 0), (JULY, "full", 1)], True),
        ([(JUNE, "full", 0), (JULY, "delta", 0)], True),
        ([(JUNE, "delta", 0), (JULY, "full", 0)], False),
        # Two files of one day are one delivery.
        ([(JUNE, "full", 0), (JULY, "full", 0), (JULY, "full", 1)], True),
    ],
)
def test_rows_are_merged_where_the_latest_delivery_has_not_all_of_them(
    tmp_path, deliveries, is_merged
):
    lake = Lake(tmp_path)
    for day, delivery, quarantined in deliveries:
        enter(lake, day, delivery, quarantined)
    assert lake.is_merged("claims") is is_merged


def test_a_full_extract_of_several_files_is_one_only_if_all_of_them_are():
    full = {"delivery": "full", "rows_quarantined": 0}
    assert is_full_extract([full, full])
    assert not is_full_extract([full, full | {"delivery": "delta"}])


@pytest.mark.parametrize(("known_at", "count"), [(date(2012, 7, 30), 1), (JULY, 2)])
def test_a_delivery_is_known_on_its_own_day(tmp_path, known_at, count):
    lake = Lake(tmp_path)
    enter(lake, JUNE, "full")
    enter(lake, JULY, "full")
    assert len(lake.read("delivery", known_at=known_at)) == count
    assert len(lake.read("delivery")) == 2


def test_a_delivery_that_is_removed_was_never_taken_in(tmp_path):
    lake = Lake(tmp_path)
    lake.remove_delivery("claims", JUNE)  # a store without a ledger
    enter(lake, JUNE, "full")
    enter(lake, JULY, "delta")
    assert len(lake.ledger("claims")) == 2
    lake.remove_delivery("claims", JUNE)
    assert [row["extract_date"] for row in lake.ledger("claims")] == [JULY]
    assert lake.ledger("complaints") == []
