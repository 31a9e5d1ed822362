"""Phrases that read wrong stay retired: in messages, comments, TOML, SQL, templates and docs, in both languages."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.plain_code import ROOMS, ROOT

# What not to write, and what to write instead. A text is matched as it is, without line breaks.
RETIRED = {
    r"\bset(s|ting)? aside\b|\baside\b": "quarantined, held, hidden, next to",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\b(tells?|told|telling)\b(?! .{0,20}\bapart\b)": "say, show, notify, report",
    r"(?<!there )\b(is|are|was|were) no (?!longer|more|older|later|fewer|less|earlier)\w+": (
        "is not a, is not part of"
    ),
    r"\bthere is no extract of\b": "no extract of ... has been delivered",
    r"(?<!every[ -])\b(?<!over)nights?\b": "run, day",
    r"\blies? in\b": "is in",
    r"\bbeside\b": "next to, apart from",
    r"\bof then\b": "at that time, before",
    r"\bso many\b": "this many, N",
    r"\bfor (somebody|whoever)\b": "to whoever, where there is",
    r"\bmakes? room\b": "free some space",
    r"\d %(?=[ ,.;:)]|$)": "no space before the per cent sign",
    "上年同[期月]无数(?!据)|没有数(?!据)|[均有]数(?!据|字|值|$)": "无上年同期数据、暂无数据",
    "全网": "全系统",
    "读者(看到的|仍看到)": "本期数据已更新至、对外仍为",
    "偶然": "随机波动、显著",
    "可排名度|(?<!估)收缩值|标化值|期望名次": "名次可靠度、收缩估计值、标准化值、平均名次",
    "[前中后]组": "第一梯队、中间梯队、末位梯队",
    "脊线|最小排名量|区间方法|试用界限|七点同侧": "分布条、最低参评件数、置信区间算法、临时控制限、连续七点位于中心线同侧",
    "与上版相比|值班|提数日(?!期)|陈旧|未成熟|先做什么|自何日起|到数(?!据|字)": "数据修订、运行值守、数据日期、未更新、尚未到期",
    "隔离": "暂扣（待核）",
}
PATTERNS = {re.compile(phrase, re.IGNORECASE): instead for phrase, instead in RETIRED.items()}

CODE = re.compile("`[^`]*`")
HALF_WIDTH = re.compile("[\u4e00-\u9fff][(),;:?!][\u4e00-\u9fff]")

FOLDERS = [ROOT / room for room in ROOMS] + [ROOT / "docs", ROOT / "deploy"]
FILES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "prefect.yaml"]
SUFFIXES = {".py", ".toml", ".sql", ".md", ".html", ".typ", ".service", ".timer"}
# Records of their time, and what a program has written from texts that are looked at themselves.
NOT_YET: dict[str, int] = {}  # the number may only fall
NOT_READ = {"docs/decisions", "data/reference/schema"}


def list_files() -> list[Path]:
    """Return the files whose texts people read."""
    paths = list(FILES)
    for folder in FOLDERS:
        paths += sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    names = {path: path.relative_to(ROOT).as_posix() for path in paths}
    return [path for path, name in names.items() if not name.startswith(tuple(NOT_READ))]


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file: of Python comments, docstrings and strings of several words."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield text
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


def find_retired(text: str) -> list[str]:
    """Return the retired phrases of a text, each with what to write instead."""
    line = CODE.sub("`code`", " ".join(text.split()))
    return [
        f"{match[0]!r} in '{line[max(0, match.start() - 30) : match.end() + 30]}': write {instead}"
        for pattern, instead in PATTERNS.items()
        for match in pattern.finditer(line)
    ]


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_retired_phrase_stays_retired(path):
    faults = [fault for text in read_texts(path) for fault in find_retired(text)]
    assert len(faults) <= NOT_YET.get(path.relative_to(ROOT).as_posix(), 0), faults


@pytest.mark.parametrize(
    "path",
    [path for path in list_files() if path.suffix != ".py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_chinese_text_has_chinese_punctuation(path):
    assert HALF_WIDTH.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "3 rows were set aside",
        "the row is\nmended at the source",
        "the set cannot tell the day",
        "a decision is no part of it",
        "OPEN, 2 nights",
        "the interval beside it",
        "at 95 %, and",
        "没有数",
        "优于全网",
    ],
)
def test_a_retired_phrase_is_seen(text):
    assert find_retired(text)


@pytest.mark.parametrize(
    "text",
    [
        "what tells the rows apart",
        "there is no longer a file, and there are no rows",
        "it is no longer held",
        "run it every night; left open overnight",
        "f(x) % 7",
        "无上年同期数据，全部 43 项指标均有数据",
        "收缩估计值",
        "数据已到达（未满期）",
    ],
)
def test_what_only_looks_like_one_passes(text):
    assert find_retired(text) == []
