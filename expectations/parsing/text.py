"""Text before it is read as anything: blanks, widths, the traces of spreadsheets, and the words
that stand for nothing.

Only cells that their column's plain reading could not take come here (`cells.py`), so that this may
be thorough.
"""

import re

ZERO_WIDTH = r"[\x00-\x08\x0e-\x1f\x7f\x{ad}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{feff}]"
BLANKS = "\t\n\v\f\r\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
FULL_WIDTH = "".join(map(chr, range(0xFF01, 0xFF5F))) + "￥−﹣"
HALF_WIDTH = "".join(map(chr, range(0x21, 0x7F))) + "¥--"

# What no language uses as a word; what means "nothing" in a number, a time, a code or a key; what R
# and SAS write for a missing value.
MARKS = (r"[-—–―－]+", "/+", r"\\n", r"\(?null\)?", "n/a", "<na>", "nan", "nat")
WORDS = (
    "无",
    "没有",
    "不详",
    "未知",
    "空",
    r"\(空\)",
    "空值",
    "暂无",
    "unknown",
    "none",
    r"n\.?v\.?t\.?",
)
MISSING = ("na", r"\.")

# A key of letters and digits, with a digit: nothing about it needs tidying, and it is not a word.
# (What begins with a digit and has a point or an E may be a number: see `keys.py`.)
PLAIN_KEY = "[A-Za-z]+[0-9][0-9A-Za-z_.-]*|[0-9][0-9A-DF-Za-df-z_-]*"
# Han characters alone (but those with which a person is named: masks.py), a short code, or a Latin
# word (none of the marks above: they begin with n).
_NAMING = sorted(map(ord, "名人司驾主者生士姐太"))
HAN = "".join(
    f"{chr(low + 1)}-{chr(high - 1)}"
    for low, high in zip([0x4DFF, *_NAMING], [*_NAMING, 0x9FA6], strict=True)
)
PLAIN_TEXT = f"[{HAN}]+|[A-Za-z]{{0,4}}[0-9]{{1,5}}|[A-MO-Za-mo-z][A-Za-z]*"


def quote_sql(text: str) -> str:
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def trimmed_sql(text: str) -> str:
    """Text without zero-width characters and control codes, and without blanks of any kind around
    it; NULL where nothing is left.
    """
    return f"NULLIF(trim(regexp_replace({text}, {quote_sql(ZERO_WIDTH)}, '', 'g'), {quote_sql(' ' + BLANKS)}), '')"


def unwrapped_sql(text: str) -> str:
    """Text without what a spreadsheet puts around it to keep it text: ="0012" or '0012."""
    inside = f"regexp_replace({text}, '^=\\s*\"(.*)\"$', '\\1')"
    return f"""CASE WHEN starts_with({text}, '=') THEN replace({inside}, '""', '"')
        WHEN starts_with({text}, '''') THEN substr({text}, 2) ELSE {text} END"""


def tidy_sql(text: str) -> str:
    """Text in half-width forms with single blanks, without a spreadsheet's leading apostrophe or
    ="...". NULL where nothing is left.
    """
    ascii_only = f"regexp_replace({text}, '[\\x00-\\x20\\x7f]+', ' ', 'g')"
    every_form = f"translate(regexp_replace({text}, {quote_sql(ZERO_WIDTH)}, '', 'g'), {quote_sql(FULL_WIDTH + BLANKS)}, {quote_sql(HALF_WIDTH + ' ' * len(BLANKS))})"
    single = f"regexp_replace(CASE WHEN strlen({text}) = length({text}) THEN {ascii_only} ELSE {every_form} END, ' +', ' ', 'g')"
    return f"""NULLIF(trim(regexp_replace(regexp_replace(trim({single}), '^=?"(.*)"$', '\\1'), '^''', '')), '')"""


def tidy(word: str) -> str:
    """A declared word as `tidy_sql` would leave it, in lower case and without blanks: what cells
    are compared with.
    """
    return re.sub(r"\s", "", word.translate(str.maketrans(FULL_WIDTH, HALF_WIDTH))).lower()


def missing_sql(text: str, kind: str, spoken: set[str]) -> str:
    """True where tidy text says that there is nothing. `spoken` are words that have a meaning in
    this column.

    Marks such as - or N/A mean it everywhere. Words such as 无 or unknown do in columns of a type
    and in keys: as text they may be an answer.
    """
    words = (
        MARKS
        + (() if kind == "text" else WORDS)
        + (() if kind in ("text", "identifier") else MISSING)
    )
    pattern = "|".join(word for word in words if word not in spoken)
    return f"regexp_full_match(lower({text}), {quote_sql(pattern)})"
