"""What a build counts in changed cells gives the values that are published: no change is left over
that nothing explains.
"""

from datetime import date

import pyarrow.compute as pc

from data.store.former_parts import NO_FORMER_PARTS
from tests.company import open_company
from transforms import build
from transforms.engine.models import load_models, order_models
from transforms.kpis.catalogue import find_kpi
from transforms.kpis.cube import read_cube
from transforms.kpis.kpi_values import form_value
from transforms.kpis.mart_kpi_value import build_mart_kpi_value
from transforms.revisions.changed_cells import ChangedCells, count_changed_cells

COMPLAINTS = [
    {
        "complaint_id": code,
        "branch_code": code,
        "channel": "regulator",
        "received_at": "2012-01-05 00:00:00",
    }
    for code in ("A", "B")
]
EXPOSURE = [
    {"branch_code": code, "month": "2012-01-01", "premium": premium}
    for code, premium in (("A", "300000000"), ("B", "1.01"))
]


def test_an_index_is_formed_again_from_what_was_not_rounded():
    index = find_kpi("complaint_index")
    company = {"complaints": COMPLAINTS, "exposure": EXPOSURE}
    with open_company("2012-03-15", **company) as (engine, inputs):
        models = order_models(load_models(), build.CUBE_TABLES | index.reads)
        runs = build.prepare_relations(engine, inputs, models)
        built = build_mart_kpi_value(
            engine, [index], runs, inputs.policy, NO_FORMER_PARTS, build.ignore_progress
        )
        values = built["complaint_index"].values
        assert values is not None
        cells = values.filter(
            (pc.field("period_kind") == "month") & (pc.field("period_start") == date(2012, 1, 1))
        )
        counted = count_changed_cells(
            engine, index, read_cube(engine), ChangedCells.from_table(cells), is_available=True
        )
    published = cells["value"].to_pylist()
    assert len(published) > 2 and max(published) > 10**8
    assert form_value(index, counted).tolist() == published
