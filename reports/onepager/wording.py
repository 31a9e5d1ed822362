"""What a one-pager says of a branch and a KPI, in both languages.

A `row` is a row of `Publication.league` with `centre` and `p_value` of mart_funnel and
`is_worsening`; a `kpi` is a row of dim_kpi.
"""

from decimal import ROUND_UP, Decimal

from reports.tables.grouping import latest_extracts
from reports.tables.publication import Publication
from reports.text import format
from reports.text.words import Both, both_languages, known_word, level_words, word

# The expected number is a double: what its last digits add is not a case.
MEANINGFUL = Decimal("0.000001")


def value_with_unit(number: float | None, kpi: dict) -> Both:
    """Return a value with its unit; `n/a` where there is none."""
    text = format.value(number, kpi["unit"])
    if kpi["unit"] == "%" or number is None:
        return text
    return text + " " + known_word("unit", kpi["unit"])


def lead_sentence(kpi: dict, row: dict) -> Both:
    """Return the page in one breath: value, cases, comparison, rank with its range, and whether it
    has really changed.
    """
    title = Publication.title(kpi)
    if row["value"] is None:
        return word("onepager.no_value", kpi=title)

    value = value_with_unit(row["value"], kpi)
    text = word("onepager.value", kpi=title, value=value, counted=_cases(kpi, row))
    verdict = row["verdict"] or "untested"
    text += word(f"onepager.is_{verdict}", centre=value_with_unit(row["centre"], kpi))
    text += _rank_words(kpi, row)
    movement = row["movement"] or "unknown"
    change = format.change(row["change_prior_year"], kpi["unit"])

    return text + word(f"onepager.moved_{movement}", change=change)


def _cases(kpi: dict, row: dict) -> Both:
    if kpi["kind"] == "share":
        return word(
            "onepager.of",
            numerator=format.part(row["numerator"], kpi, "numerator"),
            denominator=format.part(row["denominator"], kpi, "denominator"),
        )

    if row["n"] is None:
        return both_languages("")

    return word("onepager.n", n=format.plain(row["n"], 0))


def _rank_words(kpi: dict, row: dict) -> Both:
    rank, low, high = row["rank"], row["rank_low"], row["rank_high"]
    if rank is None:
        return word("onepager.unranked", minimum=format.count(kpi["minimum_volume"]))

    text = word("onepager.ranked", rank=str(rank), of=str(row["ranked_of"]))
    if low is not None:
        text += word("onepager.range", low=str(low), high=str(high))

    return text


def distance(row: dict, kpi: dict, leads: str) -> Decimal | None:
    """Return how many cases more the branch has than it would at the network's level; of a mean,
    how many units in all. None where that is not known.

    `leads` is the policy's `[league] leads`: `adjusted` compares at the branch's own mix of cases.
    Cases are whole, rounded away from zero: that many have to change for the branch to be level.
    """
    expected = row["expected"]
    if leads == "adjusted" and row["expected_mix"] is not None:
        expected = row["expected_mix"]
    if expected is None or row["numerator"] is None:
        return None

    difference = (row["numerator"] - Decimal(repr(expected))).quantize(MEANINGFUL)
    if kpi["kind"] == "mean":
        return difference * Decimal(repr(kpi["scale"]))

    return difference.quantize(Decimal(1), ROUND_UP)


def distance_words(row: dict, kpi: dict, leads: str) -> Both:
    """Return the distance as what would put the branch level, or as how far it is ahead; empty
    where it is not known.
    """
    difference = distance(row, kpi, leads)
    if difference is None:
        return both_languages("")

    if kpi["kind"] == "mean":
        amount = word(
            "onepager.in_all",
            amount=format.plain(abs(difference), 1),
            unit=known_word("unit", kpi["unit"]),
            n=format.plain(row["n"], 0),
        )
        return word(f"onepager.{row['verdict']}_mean", amount=amount)

    direction = "more" if kpi["direction"] == "up" else "fewer"
    return word(f"onepager.{row['verdict']}_{direction}", cases=format.plain(abs(difference), 0))


def fairness_lines(publication: Publication, level: str, kpi: dict, row: dict) -> list[Both]:
    """Return who is compared with whom, what the mix of cases changes, what is not counted, and
    what a range is.

    Args:
        publication: whose policy says who the peers are.
        level: of the branches that are compared.
        kpi: the leading one of the page.
        row: of the branch in its league.
    """
    league = publication.facts.policy.league
    title = publication.title(kpi)
    group = known_word("peer_group", row["peer_group"])
    lines = [
        word(f"onepager.peers_{league.peers}", level=level_words(level), group=group),
        word(f"onepager.leads_{league.leads}"),
    ]
    if row["expected_mix"] is not None and row["denominator"]:
        # What the branch would have with its own mix of cases at the network's rates.
        mixed = row["expected_mix"] / float(row["denominator"]) * kpi["scale"]
        expected = value_with_unit(mixed, kpi)
        centre = value_with_unit(row["centre"], kpi)
        lines.append(word("onepager.mix", kpi=title, mixed=expected, centre=centre))

    excluded = Both(kpi["excluded_zh"], kpi["excluded_en"])
    lines.append(word("onepager.excluded", kpi=title, excluded=excluded))
    files = latest_extracts(publication.input_files)
    quarantined = sum(file["rows_quarantined"] or 0 for file in files)
    lines.append(word("onepager.quarantined", rows=format.count(quarantined)))
    lines.append(word("onepager.ranges"))

    return lines
