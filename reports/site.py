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
    paths: dict[str, list[Path]] = {}

    letters: dict[str, set[str]] = {}
    for name, template, build_variables in _pages(publication):
        progress(name)
        variables = common | {"page": name} | build_variables()
        page = environment.get_template(template).render(variables)
        path = folder / name
        path.write_text(page, encoding="utf-8", newline="\n")
        paths.setdefault(template, []).append(path)
        letters.setdefault(template, set()).update(typeface.letters(page))

    progress("fonts")

    for template in paths:
        typeface.embed_typeface(paths[template], "".join(letters[template]))


def write_history(variables: dict, file: Path) -> None:
    """Write the page of the runs (reports/pages/run_history.py) at once: it is next to the
    publications, and no part of any.
    """
    template = _environment().get_template("history.html")
    page = template.render(variables | _assets() | {"word": word})

    new_file = file.with_name(f".{file.name}")
    try:
        new_file.write_text(page, encoding="utf-8", newline="\n")
        typeface.embed_typeface([new_file], typeface.letters(page))
        new_file.replace(file)
    finally:
        new_file.unlink(missing_ok=True)


def _pages(publication: Publication) -> Iterator[tuple[str, str, Callable[[], dict]]]:
    """Yield every page: its file, its template, and what makes its variables."""
    profiles = BranchProfiles(publication)
    yield "index.html", "index.html", lambda: overview(publication)
    yield "matrix.html", "grid.html", lambda: matrix(profiles)
    yield "branches.html", "grid.html", lambda: branches(profiles)

    for kpi in publication.kpis:
        yield kpi_page_link(kpi), "kpi.html", lambda kpi=kpi: kpi_page(publication, kpi)

    for code in profiles.codes:
        yield branch_page_link(code), "branch.html", lambda code=code: branch(profiles, code)

    yield "operator.html", "operator.html", lambda: operator_page(publication)
    yield "voice.html", "sentences.html", lambda: voice(profiles)
    yield "composite.html", "sentences.html", lambda: composites(profiles)
    yield "agents.html", "sentences.html", lambda: agents(publication)
    yield "changes.html", "sentences.html", lambda: changes(publication)
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
    """Return style and script as text, and the script's hash: the page's policy lets no other
    script run, whatever a branch is called.
    """
    script = (ASSETS / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return {
        "style": (ASSETS / "report.css").read_text(encoding="utf-8"),
        "script": script,
        "script_hash": f"sha256-{digest}",
    }
