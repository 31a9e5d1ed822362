"""What a reader of a page sees, taken from its HTML."""

from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "polyline", "circle"}
DECIMALS = {"%": 2, "days": 1, "1 = as the network": 2, "calls": 0, "complaints": 0, "claims": 0}
DECIMALS |= {"per 100m yuan": 4, "per 10k policies": 4, "per 1,000 claims": 4}


class Page(HTMLParser):
    """Tables by id as rows of texts, and every tag with its attributes; words of the other language
    are left out.
    """

    def __init__(self, text: str, lang: str = "zh"):
        super().__init__()
        self.other = "en" if lang == "zh" else "zh"
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._rows: list[list[str]] = []
        self.feed(text)

    def _is_hidden(self) -> bool:
        return any(hidden for _, hidden in self._open)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags.append((tag, named))
        if tag in VOID:
            return
        self._open.append(
            (tag, (tag != "html" and named.get("lang") == self.other) or tag in ("style", "script"))
        )
        if tag == "table":
            self._rows = self.tables[named["id"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self._is_hidden():
            return
        self.words.append(data)
        if any(tag in ("td", "th") for tag, _ in self._open):
            self._rows[-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def printed(value: float | None, unit: str, missing: str = "无数据") -> str:
    """A value as the house prints it."""
    if value is None:
        return missing
    result = Decimal(repr(value)).quantize(Decimal(1).scaleb(-DECIMALS[unit]), ROUND_HALF_UP)
    return f"{result:,}".replace("-", "−") + ("%" if unit == "%" else "")
