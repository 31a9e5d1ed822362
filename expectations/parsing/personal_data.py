"""What identifies a person in a text, and how it is hidden: one list of patterns, for SQL and for
Python alike.

The patterns keep to what RE2 (the engine) and `re` read in the same way: no looking ahead or
behind, \\b between ASCII characters only. A mask may hide too much in a text that nobody computes
with; dates, amounts and numbers that begin with a letter (our own) stay.
"""

import re

from expectations.parsing.text import quote_sql

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方邱夏谭韦贾邹石熊孟秦阎薛侯雷"
    "龙段郝孔邵史毛顾赖武康贺严尹施牛洪龚汤陶黎温莫易樊乔文庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳上官司马诸葛"
)
PLACES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳使领"
LABELS = "姓名|联系人|报案人|被保险人|投保人|驾驶员|驾驶人|司机|车主|领款人|收款人|投诉人|伤者|经办人|户名"

PATTERNS = [
    # e-mail addresses
    (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", "***"),
    # accounts and numbers behind their label
    (
        r"((?i:微信|wechat|qq|tel|phone|mobile|passport)(?:号码?)?[.:： ]*)[A-Za-z0-9_-]{5,}",
        r"\1***",
    ),
    # identity numbers of 18 and of 15 digits, bank cards: also in groups
    (r"\b[1-9][0-9]{5}[ -]?[0-9]{4}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{3}[0-9Xx]\b", "***"),
    (r"\b[0-9]{15,19}\b|\b[0-9]{17}[Xx]\b", "***"),
    (r"\b[0-9]{4}(?:[ -][0-9]{4}){3}(?:[ -]?[0-9]{1,3})?\b", "***"),
    (r"\b[EG][0-9]{8}\b", "***"),
    # mobile phones, with or without the country; landlines with their area code and extension, then
    # without
    (r"(?:\+?\b(?:00)?86[- ]?|\b)1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}\b", "***"),
    (
        r"\(?\b0[1-9][0-9]{1,2}[)）]?[- ]{0,2}[0-9]{3,4}[- ]?[0-9]{4}\b(?:[- ]?(?:转|ext\.?)?[- ]?[0-9]{1,5}\b)?",
        "***",
    ),
    (
        r"\b(?:[3-8][0-9]{6,7}|2[1-9][0-9]{5,6}|[3-8][0-9]{2,3}[- ][0-9]{4})\b($|[^.元万0-9])",
        r"***\1",
    ),
    # number plates, of electric cars too
    (rf"[{PLACES}][A-Za-z][·• -]?[A-Za-z0-9]{{4,5}}[A-Za-z0-9挂学警港澳领使]", "***"),
    # names: behind a label, before a title
    (rf"((?:{LABELS})(?:姓名)?[:：为是叫 ]{{1,2}})[一-龥·]{{2,4}}", r"\1***"),
    (rf"((?:{LABELS}))[{SURNAMES}][一-龥]{{1,2}}", r"\1***"),
    (rf"[{SURNAMES}][一-龥]{{0,2}}(先生|女士|小姐|太太)", r"***\1"),
    (r"\b(Mr|Mrs|Ms|Miss)(\.? )[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+)?", r"\1\2***"),
]
# A text without any of these has nothing to hide: one look instead of one per pattern.
HINT = rf"[0-9０-９]{{3}}|[@＠]|先生|女士|小姐|太太|{LABELS}|(?i:微信|wechat|qq|passport)|[{PLACES}][A-Za-z]|M(?:r|rs|s|iss)\.? "
WIDE, NARROW = "０１２３４５６７８９＠－Ｘｘ", "0123456789@-Xx"
# In a cell that should have been a number or a time, what looks like a name is one.
NAMES = rf"[{SURNAMES}][一-龥]{{1,2}}|\b[A-Z][a-z]+ [A-Z][a-z]+\b"


def mask_personal_data(text: str) -> str:
    """Text with what identifies a person hidden."""
    text = text.translate(str.maketrans(WIDE, NARROW))
    for pattern, hidden in PATTERNS:
        text = re.sub(
            pattern, lambda match, hidden=hidden: match.expand(hidden), text, flags=re.ASCII
        )
    return text


def masked_sql(text: str) -> str:
    """The same in SQL."""
    hidden = f"translate({text}, '{WIDE}', '{NARROW}')"
    for pattern, mark in PATTERNS:
        hidden = f"regexp_replace({hidden}, {quote_sql(pattern)}, {quote_sql(mark)}, 'g')"
    may_have = f"regexp_matches({text}, {quote_sql(HINT)})"
    return f"CASE WHEN {may_have} THEN {hidden} ELSE {text} END"


def without_names_sql(text: str) -> str:
    """A cell that could not be read as a number, a time or a code, without what looks like a
    name.
    """
    return f"regexp_replace({text}, {quote_sql(NAMES)}, '***', 'g')"
