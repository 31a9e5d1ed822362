"""A small picture inside of a page: an SVG that a template prints as it is."""

from dataclasses import dataclass
from html import escape

from reports.text.words import Both


@dataclass(frozen=True)
class SvgDrawing:
    """An inline SVG, its size in its own units, what it says in words, and its style."""

    inside: str
    width: int
    height: int
    alt: Both
    style: str

    def __html__(self) -> str:
        zh, en = escape(self.alt.zh), escape(self.alt.en)
        # The page's script puts the other language into the label.
        label = f'role="img" aria-label="{zh}" data-label-zh="{zh}" data-label-en="{en}"'
        box = f"0 0 {self.width} {self.height}"
        size = f'viewBox="{box}" preserveAspectRatio="xMinYMid"'
        return f'<svg class="{self.style}" {size} {label}>{self.inside}</svg>'
