"""The font of a page holds its Chinese letters, and no others."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from reports.text import typeface


def in_page(page: str) -> set[str]:
    """The letters of the font that a page carries."""
    (data,) = re.findall(r"url\(data:font/woff;base64,([^)]+)\)", page)
    return {chr(code) for code in TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()}


def test_letters_that_the_font_lacks_are_left_out_and_the_same_letters_give_the_same_bytes():
    first = typeface.font_face("结𪚥\U0001f600")
    typeface.font_face.cache_clear()
    assert typeface.font_face("结𪚥\U0001f600") == first
    assert "结" in in_page(first) and "\U0001f600" not in in_page(first)


def test_latin_letters_are_left_to_the_reader():
    assert typeface.letters("Closure 91.60% “结案率” – 结") == "案率结"


def test_a_report_without_chinese_is_dressed_too(tmp_path):
    (page := tmp_path / "a.html").write_text("<style></style>x", encoding="utf-8")
    typeface.embed_typeface([page], "x")
    assert "@font-face" in page.read_text(encoding="utf-8")
