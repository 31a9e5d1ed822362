"""The font in a page holds the letters of the page."""

from fontTools.ttLib import TTFont

from reports.text import typeface
from tests.unit.reports.text.test_typeface import in_page


def test_every_page_carries_the_letters_that_it_shows(rendered):
    known = {
        chr(code)
        for code in TTFont(typeface.pylopdf_fonts_zh_cn.sans_path(), lazy=True).getBestCmap()
    }
    for path in rendered.report.iterdir():
        page = path.read_text(encoding="utf-8")
        wanted = set(typeface.letters(page)) & known
        assert len(wanted) > 50 and wanted <= in_page(page), path.name
