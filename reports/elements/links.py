"""The names of the report's pages."""

import hashlib
import re

from reports.tables.publication import Publication

PLAIN = re.compile("[0-9a-z]{1,40}")


def kpi_page_link(kpi: dict) -> str:
    """Return the page of a KPI."""
    return f"kpi-{kpi['kpi_id']}.html"


def branch_page_link(code: str) -> str:
    """Return the page of a branch. A code that could not name a file on every reader's machine is
    replaced by its hash.
    """
    if PLAIN.fullmatch(code):
        return f"branch-{code}.html"

    digest = hashlib.sha256(code.encode("utf-8")).hexdigest()
    return f"branch-x{digest[:16]}.html"


def branch_link(publication: Publication, code: str | None) -> str:
    """Return where a branch's name leads: the head office's to the overview, and nowhere for a
    branch that is not in the tree.
    """
    if code == publication.head_office:
        return "index.html"
    if code is None or code not in publication.branches:
        return ""

    return branch_page_link(code)
