"""The names of the report's pages."""

import hashlib
import re

from reports.tables.publication import Publication

PLAIN = re.compile("[0-9a-z]{1,40}")


def kpi_page_link(kpi: dict) -> str:
    return f"kpi-{kpi['kpi_id']}.html"


def branch_page_link(code: str) -> str:
    """A branch's page. A code that no file could be called on some reader's machine gives a name by
    its hash.
    """
    plain = (
        code
        if PLAIN.fullmatch(code)
        else "x" + hashlib.sha256(code.encode("utf-8")).hexdigest()[:16]
    )
    return f"branch-{plain}.html"


def branch_link(publication: Publication, code: str | None) -> str:
    """Where a branch's name leads: the head office's to the overview; nowhere for a branch that is
    not in the tree.
    """
    if code == publication.head_office:
        return "index.html"
    return branch_page_link(code) if code in publication.branches else ""
