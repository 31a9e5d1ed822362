"""The page of the runs in a real browser: nobody is shut out, nothing runs off a telephone,
nothing is fetched.
"""

import pytest

from reports import site
from reports.pages import run_history
from tests.browser.test_accessibility import RUN, TAGS, axe  # noqa: F401  the fixture
from tests.reports.test_history import RUNS


@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 1280)])
def test_the_page_of_the_nights(reader, axe, lang, width, tmp_path):  # noqa: F811
    site.write_history(run_history.page(RUNS, "Asia/Shanghai"), tmp_path / "history.html")
    reader.folder = tmp_path
    page = reader.open("history.html", lang, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        page.title() == {"zh": "运行记录 · 服务质量指标", "en": "Runs · Service quality KPIs"}[lang]
    )
    page.evaluate(axe)
    result = page.evaluate(RUN, TAGS)
    assert [
        f"{rule['id']}: {rule['nodes'][0]['html'][:160]}" for rule in result["violations"]
    ] == [] and len(result["passes"]) > 10
    assert reader.errors == [] and all(
        request.startswith(("file:", "data:")) for request in reader.requests
    )
