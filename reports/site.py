"""The report: a folder of pages that need nothing but themselves, each in both languages."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.elements.branch_profile import BranchProfiles
from reports.elements.links import branch_page_link, kpi_page_link
from reports.pages.agents import agents
from reports.pages.branch import branch
from reports.pages.branches import branches
from reports.pages.changes import changes
from reports.pages.composites import composites
from reports.pages.frame import page_frame
from reports.pages.kpi import kpi_page
from reports.pages.matrix import matrix
from reports.pages.operator import operator_page
from reports.pages.overview import overview
from reports.pages.quality import definitions, quality
from reports.pages.voice import voice
from reports.tables.publication import Publication
from reports.text import typeface
from reports.text.words import ASSETS, word


def write_site(
    publication: Publication, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write every page of the report into an existing folder."""
    environment = _environment()
    common = page_frame(publication) | _assets()
    # Pages of one template show nearly the same letters: they share one font, which is the slow
    # part of a page. Thousands of pages wait on the disk for it.
    alike: dict[str, tuple[list[Path], set[str]]] = {}
    for name, template, variables in _pages(publication):
        progress(name)
        page = environment.get_template(template).render(common | {"page": name} | variables())
        (folder / name).write_text(page, encoding="utf-8", newline="\n")
        paths, letters = alike.setdefault(template, ([], set()))
        paths.append(folder / name)
        letters.update(typeface.letters(page))
    progress("fonts")
    for paths, letters in alike.values():
        typeface.embed_typeface(paths, "".join(letters))


def write_history(variables: dict, file: Path) -> None:
    """Write the page of the nights (reports/pages/run_history.py): whole, at once, and beside the
    publications, which it is no part of.
    """
    page = (
        _environment().get_template("history.html").render(variables | _assets() | {"word": word})
    )
    aside = file.with_name(f".{file.name}")
    try:
        aside.write_text(page, encoding="utf-8", newline="\n")
        typeface.embed_typeface([aside], typeface.letters(page))
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def _pages(publication: Publication) -> Iterator[tuple[str, str, Callable[[], dict]]]:
    profiles = BranchProfiles(publication)
    yield "index.html", "index.html", lambda: overview(publication)
    yield "matrix.html", "grid.html", lambda: matrix(profiles)
    yield "branches.html", "grid.html", lambda: branches(profiles)
    for kpi in publication.kpis:
        yield kpi_page_link(kpi), "kpi.html", lambda kpi=kpi: kpi_page(publication, kpi)
    for code in profiles.codes:
        yield branch_page_link(code), "branch.html", lambda code=code: branch(profiles, code)
    yield "operator.html", "operator.html", lambda: operator_page(publication)
    yield "voice.html", "told.html", lambda: voice(profiles)
    yield "composite.html", "told.html", lambda: composites(profiles)
    yield "agents.html", "told.html", lambda: agents(publication)
    yield "changes.html", "told.html", lambda: changes(publication)
    yield "quality.html", "quality.html", lambda: quality(publication)
    yield "definitions.html", "definitions.html", lambda: definitions(publication)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _assets() -> dict:
    """Style and script as text, and the script's hash: the page's policy lets no other script run,
    whatever a branch is called.
    """
    script = (ASSETS / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return {
        "style": (ASSETS / "report.css").read_text(encoding="utf-8"),
        "script": script,
        "script_hash": f"sha256-{digest}",
    }
