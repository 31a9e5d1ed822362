"""Both languages have a word for everything, and every word asked for is there."""

import re
import tomllib

from reports.text.words import ASSETS, Both, join_list, reason, word


def words() -> dict:
    return tomllib.loads((ASSETS / "words.toml").read_text(encoding="utf-8"))


def test_every_word_is_there_in_both_languages_with_the_same_fields():
    for section, entries in words().items():
        for name, entry in entries.items():
            assert set(entry) == {"zh", "en"} and all(entry.values()), f"{section}.{name}"
            fields = [set(re.findall(r"{(\w+)}", entry[lang])) for lang in ("zh", "en")]
            assert fields[0] == fields[1], f"{section}.{name}"


def test_every_requested_word_is_known():
    known = words()
    sources = [*ASSETS.parent.rglob("*.py"), *ASSETS.glob("*.html")]
    requested = {
        key
        for path in sources
        for key in re.findall(
            r"word\(\s*[\"']([a-z_]+\.[a-z_]+)[\"']\s*[,)]", path.read_text(encoding="utf-8")
        )
    }
    assert len(requested) > 60
    for key in requested:
        section, name = key.split(".")
        assert name in known[section], key


def test_reasons_are_in_chinese_where_their_pattern_is_known():
    assert reason("no extract of claims has been delivered").zh == "未收到赔案数据"
    assert reason("something new").zh == "something new"
    assert word("site.overview").lines() == "总览\nOverview"


def test_empty_texts_are_no_part_of_a_list():
    texts = [Both("甲", "a"), Both("", ""), Both("乙", "b")]
    assert join_list(texts) == Both("甲、乙", "a, b")
    assert join_list([]) == Both("", "")
