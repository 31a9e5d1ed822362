"""Cells of a release as readers see them: rounded once, and marked where rounding leaves nothing."""

import pytest

from data.config.return_layout import parse_layout
from reports.release.cells import round_ratios
from tests.unit.transforms.returns.test_disclosure import FEW, FLOOR, LAYOUT, row
from transforms.returns.disclosure import mark_hidden_cells


@pytest.mark.parametrize(
    ("ratio", "few", "shown", "mark"),
    [
        (91.90283400809717, FEW, 91.9, ""),
        (0.5, FEW, 1.0, ""),
        (0.4999, FEW, None, "low"),
        (0.4999, 600, None, "low"),
        (0.0, FEW, 0.0, ""),
    ],
)
def test_a_public_ratio_has_the_decimals_of_its_layout(ratio, few, shown, mark):
    """`low` goes before `u`: what rounds to zero has no figure that could be of few cases."""
    decimals = 1 if ratio > 1 else 0
    text = LAYOUT.replace("\n      ", " ")
    rounded_layout = parse_layout(
        "reg_a",
        text.replace('name = "upheld_pct",', f'name = "upheld_pct", decimals = {decimals},'),
    )
    rows = [row("auto", 20, 480, upheld_pct=ratio)]
    (content,) = mark_hidden_cells([(rounded_layout, rows)], FLOOR, few, {})
    rounded = round_ratios(content)
    assert (rounded.rows[0]["upheld_pct"], rounded.marks[0]["upheld_pct"]) == (shown, mark)
