"""The page of a branch's manager: one sheet of A4 per branch, Chinese in front and English behind,
the same order every month.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

from data.safe_names import name_files
from reports.onepager.page import describe_pages
from reports.tables.publication import Publication
from reports.text.words import ASSETS

WORKERS = 2


def write_onepagers(
    publication: Publication, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> None:
    """Write `<branch code>.pdf` for every branch of the policy's `[onepager] levels` that is in a
    league of the year to date.

    A code that cannot name a file everywhere is shortened. The same figures give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, dict] = {}
    for level in publication.facts.policy.onepager.levels:
        pages |= describe_pages(publication, level)

    instant = datetime.combine(publication.facts.as_of, time(), UTC)
    print_page = partial(_print_page, instant=instant, fonts=_load_fonts())
    progress(f"{len(pages)} one-pagers")
    names = name_files(pages)

    with ThreadPoolExecutor(WORKERS) as pool:
        for code, pdf in zip(pages, pool.map(print_page, pages.values()), strict=True):
            (folder / f"{names[code]}.pdf").write_bytes(pdf)


def _load_fonts() -> typst.Fonts:
    """Return the fonts of the installed packages only: what a machine has does not matter."""
    import matplotlib

    # Signs and letters that the Chinese font lacks come from matplotlib's fonts.
    paths = [
        Path(pylopdf_fonts_zh_cn.sans_path()).parent,
        Path(matplotlib.get_data_path()) / "fonts" / "ttf",
    ]
    return typst.Fonts(include_system_fonts=False, font_paths=paths)


def _print_page(page: dict, instant: datetime, fonts: typst.Fonts) -> bytes:
    return typst.compile(
        ASSETS / "onepager.typ",
        font_paths=fonts,
        sys_inputs={"data": json.dumps(page, ensure_ascii=False)},
        timestamp=int(instant.timestamp()),
    )
