"""The documentation does what it says: commands run, links lead somewhere, generated pages are current."""

import re

import pytest

from tests.house.walkthrough import ROOT, copy_checkout, read_blocks, run_page

PAGES = [ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
TEXTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
NAMED_PATH = re.compile(
    r"`((?:flows|transforms|expectations|data|reports|tests|docs|deploy)/[\w./-]+\.(?:py|sql|toml|md|typ|html))`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed_to_its_end(page, tmp_path):
    if not any(block.language == "sh" for block in read_blocks(page)):
        pytest.fail(f"{page.name} has no command to run: a how-to ends in something that is seen")
    copy_checkout(tmp_path)
    run_page(page, tmp_path)


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    broken = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not broken


@pytest.mark.parametrize(
    "page",
    [page for page in TEXTS if "decisions" not in page.parts and page.name != "CHANGELOG.md"],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_files_that_are_named_exist(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    named = [name for name in NAMED_PATH.findall(text) if not re.search(r"(NAME|\bID\b)", name)]
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing
