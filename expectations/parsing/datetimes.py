"""Days and moments in cells. A civil time becomes an instant by `instant(x)` of the engine; one
with an offset is an instant already.
"""

from expectations.parsing.text import quote_sql

FIRST, LAST = (
    "1950-01-01",
    "2101-01-01",
)  # years outside are slips of a keyboard or a default of a system (0001, 9999)
PLAIN_DAY = "____-__-__"
PLAIN_MOMENT = "____-__-_____:__:__"
PLAIN_FRACTION = r".{19}[.][0-9]{1,6}"
OFFSET = r" ?(?:utc|gmt)?(?:z|utc|gmt|[-+]\d{2}(?::?\d{2})?)"
HALF_DAY = r" ?(上午|下午|[ap]\.?m\.?) ?"

# A day -> how it is written for the engine to cast; then what a time may look like behind it, by
# how many of its parts are given.
ISO = (r"(\d{4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2}) ?[日号]?", r"\1-\2-\3")
COMPACT = (r"(\d{4})(\d{2})(\d{2})", r"\1-\2-\3")
DECLARED = {
    "dmy": (r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", r"\3-\2-\1"),
    "mdy": (r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", r"\3-\1-\2"),
}
CLOCK = [
    (r"(\d{1,2})[:时点] ?(\d{1,2})[:分] ?(\d{1,2})(\.\d+)?秒?", r" \4:\5:\6\7"),
    (r"(\d{1,2})[:时点] ?(\d{1,2})分?", r" \4:\5:00"),
    (r"(\d{1,2})[时点]", r" \4:00:00"),
]
COMPACT_CLOCK = [
    (r"(\d{2}):?(\d{2}):?(\d{2})(\.\d+)?", r" \4:\5:\6\7"),
    (r"(\d{2}):?(\d{2})", r" \4:\5:00"),
]
# With a point, both digits of the month: 2012.1 may be a number that was 2012.10.
MONTHS = [
    (r"(\d{4})[-/年] ?(\d{1,2})月?", r"\1-\2-01"),
    (r"(\d{4})[.] ?(\d{2})", r"\1-\2-01"),
    (r"(\d{4})[.] ?(\d{1,2})月", r"\1-\2-01"),
    (r"(\d{4})(\d{2})", r"\1-\2-01"),
]


def plain_sql(kind: str, text: str) -> str:
    """The civil time (TIMESTAMP) or the day (DATE) of a plain ISO cell without an offset; NULL for
    any other.

    The engine's cast alone would do for many more, but drops an offset or a zone's name without a
    word (DuckDB 1.5): the shape is checked first.
    """
    if kind == "date":
        return f"CASE WHEN {text} LIKE '{PLAIN_DAY}' THEN TRY_CAST({text} AS DATE) END"

    shapes = f"{text} LIKE '{PLAIN_MOMENT}' OR {text} LIKE '{PLAIN_DAY}' OR regexp_full_match({text}, '{PLAIN_FRACTION}')"
    return f"CASE WHEN {shapes} THEN TRY_CAST({text} AS TIMESTAMP) END"


def generous_sql(text: str, dates: str | None, whole_month: bool) -> str:
    """The civil time, or with an offset the instant in UTC, of a tidy, lower-case cell, as
    TIMESTAMP. NULL where it is none.

    Year first, with any of - / . 年月日 or nothing between; day or month first only where the profile
    declares it (`dates`): 03/04/2012 is not guessed at, and neither is 25/12/2012. Times with : or
    时分秒 or nothing between, 上午 / 下午 / AM / PM, offsets, 24:00 as the end of the day; a spreadsheet's
    number of a day (41155.5; its 1900 system). A month stands for its first day where
    `whole_month`.
    """
    halves = f"trim(regexp_replace({text}, '{HALF_DAY}', ' '))"
    days = [ISO, *([DECLARED[dates]] if dates else [])]
    shapes = [(day, iso + " 00:00:00") for day, iso in [*days, COMPACT]]
    shapes += [
        (f"{day} ?t? ?{clock}(?:{OFFSET})?", iso + time)
        for day, iso in days
        for clock, time in CLOCK
    ]
    shapes += [
        (f"{COMPACT[0]} ?t? ?{clock}(?:{OFFSET})?", COMPACT[1] + time)
        for clock, time in COMPACT_CLOCK
    ]
    shapes += [(month, iso + " 00:00:00") for month, iso in MONTHS] if whole_month else []
    written = " ".join(
        f"WHEN regexp_full_match({halves}, {quote_sql(shape)}) THEN regexp_replace({halves}, {quote_sql('^' + shape + '$')}, {quote_sql(iso)})"
        for shape, iso in shapes
    )

    # One binding each, by a list of one: what follows names them several times.
    civil = f"list_transform([CASE {written} END], lambda w: {_moment('w', text)})[1]"
    return f"CASE WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?') THEN {_serial(text)} ELSE {civil} END"


def has_offset_sql(text: str) -> str:
    """True for a tidy, lower-case cell that shows its offset from UTC: behind a time, since a date
    ends like one.
    """
    return rf"regexp_matches({text}, '(?::\d{{1,2}}(?:\.\d+)?|\d{{8}}[t ]?\d{{4}}(?:\d{{2}})?(?:\.\d+)?|[分秒]){OFFSET}$')"


def in_range_sql(value: str, kind: str) -> str:
    """True where the year of a DATE or a TIMESTAMP is between 1950 and 2100."""
    literal = "DATE" if kind == "date" else "TIMESTAMP"
    return f"{value} >= {literal} '{FIRST}' AND {value} < {literal} '{LAST}'"


def _moment(written: str, text: str) -> str:
    """The TIMESTAMP of `yyyy-m-d h:m:s`, moved by the offset or the half of the day in the
    cell.
    """
    offset = rf"regexp_extract({text}, '(z|utc|gmt|[-+]\d{{2}}(?::?\d{{2}})?)$', 1)"
    colons = rf"CASE WHEN {offset} IN ('z', 'utc', 'gmt') THEN '+00:00' ELSE regexp_replace({offset} || CASE WHEN length({offset}) = 3 THEN '00' ELSE '' END, '^(...):?(..)$', '\1:\2') END"
    hour = rf"TRY_CAST(regexp_extract({written}, ' (\d+):', 1) AS INTEGER)"
    stamp = f"TRY_CAST({written} AS TIMESTAMP)"

    return f"""CASE
        WHEN {has_offset_sql(text)} THEN CAST(TRY_CAST({written} || {colons} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)
        WHEN regexp_matches({text}, '下午|p\\.?m') THEN {stamp} + CASE WHEN {hour} < 12 THEN INTERVAL 12 HOUR ELSE INTERVAL 0 HOUR END
        WHEN regexp_matches({text}, '上午|a\\.?m') THEN CASE WHEN {hour} < 12 THEN {stamp} WHEN {hour} = 12 THEN {stamp} - INTERVAL 12 HOUR END
        ELSE {stamp} END"""


def _serial(text: str) -> str:
    """A spreadsheet's day number, to the millisecond; five digits of 1955 to 2100."""
    days = f"TRY_CAST({text} AS DECIMAL(24,10))"
    return f"CASE WHEN {days} >= 20090 AND {days} < 73416 THEN epoch_ms(CAST(round(({days} - 25569) * CAST(86400000 AS DECIMAL(9,0))) AS BIGINT)) END"
