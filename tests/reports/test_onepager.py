"""The page of a branch's manager says what the published tables say, in words and in cases."""

from decimal import Decimal

import pytest

from reports.onepager import page, wording
from reports.tables.publication import Publication

KPI = {
    "kpi_id": "k",
    "title_zh": "结案率",
    "title_en": "Claim closure rate",
    "unit": "%",
    "scale": 100,
    "kind": "share",
    "direction": "up",
}
KPI |= {"minimum_volume": 30, "numerator_unit": None, "denominator_unit": None}
ROW = {
    "value": 90.0,
    "n": 200.0,
    "numerator": Decimal(180),
    "denominator": Decimal(200),
    "verdict": "worse",
    "centre": 92.5,
    "rank": 7,
    "rank_tied": False,
}
ROW |= {
    "rank_low": 2,
    "rank_high": 14,
    "ranked_of": 19,
    "movement": "chance",
    "change_prior_year": -0.5,
    "expected": 185.2,
    "expected_mix": 182.0,
}
MEAN = KPI | {"kind": "mean", "unit": "day", "scale": 1 / 86400, "direction": "down"}


@pytest.fixture(scope="module")
def publication(rendered) -> Publication:
    return Publication(rendered.folder / "tables", rendered.facts)


@pytest.fixture(scope="module")
def pages(publication) -> dict:
    return page.describe_pages(publication, "province")


@pytest.mark.parametrize(
    ("differs", "sentence"),
    [
        (
            {},
            "Claim closure rate 90.00% (180 of 200): worse than the network (92.50%). Rank 7 of 19; given its number of cases, the 95% range of its rank is 2–14. "
            "No significant change against the network since last year (−0.50 points).",
        ),
        (
            {"verdict": "too_few", "rank": None, "movement": None},
            "Claim closure rate 90.00% (180 of 200): too few cases to compare with the network (92.50%). Not ranked (minimum volume 30). "
            "Whether it has changed significantly since last year cannot be determined.",
        ),
        ({"value": None}, "Claim closure rate: no figure."),
    ],
)
def test_the_lead_sentence(differs, sentence):
    assert wording.lead_sentence(KPI, ROW | differs).en == sentence


def test_the_distance_is_in_whole_cases_from_what_the_branch_is_compared_with():
    # 180 closed where 185.2 would be usual: six more put it level, five do not. With its own mix of
    # cases 182 would be usual.
    assert wording.distance(ROW, KPI, "crude") == -6
    assert wording.distance(ROW, KPI, "adjusted") == -2
    assert wording.distance(ROW | {"numerator": Decimal(190)}, KPI, "crude") == 5
    # 60 days in all where 61.5 would be usual.
    assert float(
        wording.distance(
            ROW | {"numerator": Decimal(60 * 86400), "expected": 61.5 * 86400}, MEAN, "crude"
        )
    ) == pytest.approx(-1.5)
    assert wording.distance(ROW | {"expected": None}, KPI, "crude") is None


def test_what_would_put_a_branch_level():
    assert (
        wording.distance_words(ROW, KPI, "crude").en
        == "6 more cases this year would reach the network's level"
    )
    assert (
        wording.distance_words(ROW | {"verdict": "better", "expected": 170.0}, KPI, "crude").en
        == "10 cases more than at the network's level, this year"
    )
    down = KPI | {"direction": "down"}
    assert (
        wording.distance_words(ROW | {"expected": 170.0}, down, "crude").en
        == "10 fewer cases this year would reach the network's level"
    )
    assert (
        wording.distance_words(ROW | {"verdict": "better"}, down, "crude").en
        == "6 cases fewer than at the network's level, this year"
    )


def test_lists_hold_three_at_most_of_what_the_league_says(publication, pages):
    for code, content in pages.items():
        _, side = content["sides"]
        better, worse, worsening = side["lists"]
        titles = {"better": set(), "worse": set()}
        for kpi in publication.kpis:
            for row in publication.league(kpi["kpi_id"], "province"):
                if row["branch_code"] == code and row["verdict"] in titles:
                    titles[row["verdict"]].add(kpi["title_en"])
        for shown, verdict in ((better, "better"), (worse, "worse")):
            assert {item["title"] for item in shown["items"]} <= titles[verdict]
            assert len(shown["items"]) == min(3, len(titles[verdict]))
        assert {item["title"] for item in worsening["items"]} <= titles["worse"]
    assert any(page["sides"][1]["lists"][0]["items"] for page in pages.values()), (
        "the quick branch is better at something"
    )


def test_the_order_is_the_same_on_every_page(pages):
    assert len({tuple(row[0] for row in page["sides"][0]["rows"]) for page in pages.values()}) == 1


def test_every_branch_has_one_sheet_whatever_it_is_called(rendered):
    """Two sides: names of 500 letters neither make a third nor push one out."""
    wanted = {
        row["branch_code"]
        for row in rendered.rows("dim_branch")
        if row["branch_level"] in ("province", "central")
    }
    files = {path.stem: path.read_bytes() for path in (rendered.exports / "onepager").iterdir()}
    assert set(files) == wanted
    for raw in files.values():
        assert raw.startswith(b"%PDF") and b"/Count 2" in raw


@pytest.mark.parametrize(("rows", "listed"), [(2, 2), (3, 3), (4, 3)])
def test_a_list_has_three_items_at_most(rows, listed):
    items = page._describe_list("worse", [(KPI, ROW)] * rows, "crude")["items"]
    assert len(items) == listed
