"""Why a published figure is what it is: the very rows that were counted, counted again."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from data.config.contract import load_contracts
from data.config.policy import policy_from_manifest
from data.problem import Problem
from data.store.manifest import Recipe, read_manifest
from data.store.store import Store
from flows.publications import lookup
from flows.publications.build import LakeSnapshot, open_extract, open_snapshot
from flows.publications.published_figure import FigureQuestion, PublishedFigure, find_figure
from transforms.engine.duckdb_engine import DuckDB
from transforms.explain import Explanation, Tracer
from transforms.kpis.run_parameters import BuildInputs


@dataclass(frozen=True)
class FigureAnswer:
    """A published figure and how it came to be; `explanation` is None where the KPI is not
    available.
    """

    figure: PublishedFigure
    explanation: Explanation | None


def answer_question(
    root: Path, question: FigureQuestion, publication_id: str | None = None
) -> FigureAnswer:
    """Look a figure up, and count it again row by row from the extracts that it was computed from.

    `publication_id` None: the publication that readers see. Raises Problem where the figure is not
    found, or the store no longer holds what it was computed from.
    """
    store = Store(root)
    publication_id = publication_id or store.current()
    if not publication_id:
        raise Problem(
            f"the store {root} has no publication yet",
            "run servicekpi run first, or give another --store",
        )
    folder = lookup.get_publication(store, publication_id)
    manifest = read_manifest(folder)
    snapshot = open_snapshot(store, manifest)
    figure = find_figure(question, folder, snapshot.as_of)
    if figure.row["state"] == "not_available":
        return FigureAnswer(figure, None)
    explanation = _count_again(store, manifest.recipe, snapshot, figure)
    published = (figure.row["numerator"], figure.row["denominator"])
    counted = explanation.totals()
    if counted != published:
        raise Problem(
            f"counted again, {figure.kpi.name} is {ratio_text(*counted)},"
            f" not {ratio_text(*published)} as published",
            f"the program has changed since {publication_id} was built:"
            f" run it again for {snapshot.as_of}, then ask again",
        )
    return FigureAnswer(figure, explanation)


def _count_again(
    store: Store, recipe: Recipe, snapshot: LakeSnapshot, figure: PublishedFigure
) -> Explanation:
    with TemporaryDirectory() as work:
        engine = DuckDB(Path(work), recipe.timezone)
        try:
            engine.confine(store.root)
            for extract in load_contracts():
                open_extract(engine, extract, extract, snapshot)
            policy = policy_from_manifest(recipe.policy)
            inputs = BuildInputs(snapshot.as_of, snapshot.supplies(), policy)
            tracer = Tracer(engine, inputs)
            branch_code = figure.branch["branch_code"]
            return tracer.explain(figure.kpi, branch_code, figure.period, figure.segment)
        finally:
            engine.close()


def number_text(number: Decimal | None) -> str:
    """Return a published number with all its digits, `none` where there is none."""
    return "none" if number is None else f"{number.normalize():,f}"


def ratio_text(numerator: Decimal | None, denominator: Decimal | None) -> str:
    """Return two sums as a fraction."""
    return f"{number_text(numerator)} / {number_text(denominator)}"
