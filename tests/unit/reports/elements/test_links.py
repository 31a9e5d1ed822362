"""The page of a branch is named after its code where a file can be."""

import pytest

from reports.elements.links import branch_page_link


@pytest.mark.parametrize(
    ("code", "page"),
    [
        ("a" * 40, f"branch-{'a' * 40}.html"),
        ("0", "branch-0.html"),
        ("a" * 41, None),
        ("A", None),
        ("", None),
    ],
)
def test_a_code_that_could_not_name_a_file_is_hashed(code, page):
    link = branch_page_link(code)
    assert link == page if page else (link.startswith("branch-x") and len(link) == 29)
