"""The report's Chinese letters as a font inside the page, so that a machine without a Chinese font
shows them too.
"""

import base64
import io
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "servicekpi"
# Latin letters and punctuation come from the reader's own font; symbols and everything Chinese from
# here.
FIRST = 0x2190
UNUSED = ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]


def embed_typeface(pages: list[Path], shown: str) -> None:
    """Put one font with these letters into all of these pages, at the end of their style."""
    face = font_face(letters(shown))
    for path in pages:
        page = path.read_text(encoding="utf-8")
        path.write_text(
            page.replace("</style>", f"{face}</style>", 1), encoding="utf-8", newline="\n"
        )


def letters(*texts: str) -> str:
    """Return the letters of texts that need the font, each once."""
    different = set().union(*texts)
    # Sorted: the same letters in another order would make another font file.
    return "".join(sorted(letter for letter in different if ord(letter) >= FIRST))


@lru_cache(maxsize=8)
def font_face(shown: str) -> str:
    """Return an `@font-face` rule with these letters; the same letters give the same bytes. A
    letter that the font lacks is left out.
    """
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[1], notdef_outline=False)
    options.drop_tables += UNUSED
    font = TTFont(
        pylopdf_fonts_zh_cn.sans_path(), lazy=True, recalcTimestamp=False, recalcBBoxes=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in shown])
    subsetter.subset(font)
    font.flavor = "woff"
    stream = io.BytesIO()
    font.save(stream)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    source = f'url(data:font/woff;base64,{data}) format("woff")'

    return f'@font-face {{ font-family: "{FAMILY}"; src: {source}; }}\n'
