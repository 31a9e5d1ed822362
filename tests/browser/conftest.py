"""The report of the small company in a real browser: Debian's Chromium, never one that is
downloaded for the purpose.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reports.conftest import rendered  # noqa: F401  the rendered company

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Reader:
    """A browser with one page open, and what went wrong in it."""

    page: object
    folder: Path
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, name: str, lang: str = "zh", width: int = 1024) -> object:
        """Open a page of the report, as wide as told."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(f"{(self.folder / name).as_uri()}?lang={lang}", wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page


# For a module: Playwright keeps an event loop running in its thread, in which Prefect could not run
# one of its own.
@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="the Python package playwright is not installed"
    )
    path = shutil.which("chromium")
    if not path:
        pytest.skip("there is no chromium on this machine (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def reader(browser, rendered):  # noqa: F811
    context = browser.new_context()
    page = context.new_page()
    reader = Reader(page, rendered.report)
    page.on(
        "console",
        lambda message: (
            reader.errors.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: reader.errors.append(str(error)))
    page.on("request", lambda request: reader.requests.append(request.url))
    yield reader
    context.close()


@pytest.fixture(scope="session")
def page_names(rendered) -> list[str]:  # noqa: F811
    """Pages of every kind: the first, the last and the longest of those whose names begin alike."""
    kinds: dict[str, list[Path]] = {}
    for path in sorted(rendered.report.iterdir()):
        kinds.setdefault(path.stem.split("-")[0], []).append(path)
    return sorted(
        {
            path.name
            for paths in kinds.values()
            for path in (paths[0], paths[-1], max(paths, key=lambda path: path.stat().st_size))
        }
    )
