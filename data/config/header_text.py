"""How the headers of files are compared, and the units that stand in them."""

import re
import unicodedata

UNIT = re.compile(
    r"(?P<name>.+?)\s*[(（\[【](?:单位[:：]?)?"
    r"(?P<unit>(?:千万|百万|[千万亿])?(?:元|人民币|rmb|cny|件|笔|次|分|秒)|[%％])[)）\]】]",
    re.IGNORECASE,
)


def normalize_header(header: str) -> str:
    """Return a header as it is compared: in half-width letters, without case, blanks and what
    cannot be seen.
    """
    return re.sub(r"[\s\u200b\ufeff]", "", unicodedata.normalize("NFKC", header)).casefold()


def strip_unit(header: str) -> tuple[str, str | None]:
    """Return a header and the unit in parentheses behind it: 赔款金额(万元) is 赔款金额, 万元."""
    match = UNIT.fullmatch(header.strip())
    if match is None:
        return header, None
    return match["name"], match["unit"].replace("％", "%")


def index_headers(headers: list[str]) -> dict[str, str]:
    """Return the headers of a file by what they are compared by: with their unit, and without it
    where no other header is so called. Of equal ones the first counts.
    """
    index = {}
    for header in reversed(headers):
        index[normalize_header(strip_unit(header)[0])] = header
    for header in reversed(headers):
        index[normalize_header(header)] = header
    return index
