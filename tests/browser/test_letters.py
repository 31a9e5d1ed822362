"""Chinese is drawn with the font inside the page, whatever fonts the reader has."""

import shutil
import subprocess

import pytest


def fonts_of(page, selector: str) -> list[dict]:
    """The fonts that the browser really drew an element with."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    return devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]


@pytest.mark.parametrize(
    "selector",
    [
        "h1",
        "#league-province tbody tr:not([hidden]) bdi",
        "#league-province caption [lang=zh]",
        ".definition dd [lang=zh]",
    ],
)
def test_chinese_comes_from_the_font_in_the_page(reader, selector):
    page = reader.open("kpi-claim_closure_pct.html")
    page.fill("#league-province-filter", "第8分公司")
    actual = fonts_of(page, selector)
    assert sum(font["glyphCount"] for font in actual if font["isCustomFont"]) > 0


def test_no_chinese_letter_is_left_to_the_readers_fonts(reader, page_names):
    """Chromium tells how many glyphs came from where: those of the page's font are at least the
    Chinese letters shown.
    """
    for name in page_names:
        page = reader.open(name)
        text = page.inner_text("h1")
        drawn = sum(font["glyphCount"] for font in fonts_of(page, "h1") if font["isCustomFont"])
        assert drawn == sum(ord(letter) > 0x2E7F for letter in text), name


def picture(page, letter: str | None = None) -> bytes:
    if letter:
        page.eval_on_selector("h1", "(node, letter) => { node.textContent = letter }", letter)
    return page.locator("h1").screenshot()


def test_letters_are_drawn_and_are_not_boxes(reader):
    page = reader.open("kpi-satisfaction_pct.html")
    assert len({picture(page, letter) for letter in "客户满意"}) == 4


def test_without_the_font_letters_are_boxes(reader):
    """What the page's font is for: seen only on a machine that has no Chinese font."""
    page = reader.open("kpi-satisfaction_pct.html")
    heading = picture(page)
    listed = (
        subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
        ).stdout
        if shutil.which("fc-list")
        else "?"
    )
    if listed:
        pytest.skip(
            "the machine has a Chinese font of its own: without the page's font the letters look much the same"
        )
    page.add_style_tag(content="h1 { font-family: 'no such font' !important }")
    assert picture(page) != heading
    assert len({picture(page, letter) for letter in "客户满意"}) == 1, (
        "without the font every letter is the same box"
    )
