"""Any split, order and repetition of the same deliveries gives the same current rows, and the versions tell the same."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import profile
from data.contract import contracts
from data.store import Store
from flows import intake
from transforms import versions
from transforms.engine import DuckDB

HEADER = "complaint_id,branch_code,received_at,category\n"
DAYS = [date(2012, 1, 31) + timedelta(days=30 * number) for number in range(3)]

rows = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.sampled_from("PQ"), st.integers(1, 12), st.sampled_from(["x", "y"])), min_size=1)
deliveries = st.lists(rows, min_size=1, max_size=3)


def current(root: Path, batches: list[list[tuple[str, str]]], kinds: tuple = ("delta",) * 3) -> tuple[list, list]:
    """Take files in, batch by batch as they arrive; returns the current rows, and the same told from the versions."""
    store = Store(root / "store")
    engine = DuckDB(store.work(), "Asia/Shanghai")
    landing = root / "landing"
    landing.mkdir()
    contract = contracts()["complaints"]
    default = profile.load("default")
    for batch in batches:
        for name, text in batch:
            (landing / name).write_text(text, encoding="utf-8")
        arrival = intake.arrivals(landing, store, default)
        assert not arrival.problems
        for delivery in arrival.deliveries:
            intake.take_in(delivery, store, engine, default, lambda _: None)
    engine.scan("complaints", store.current_files("complaints"), contract.schema)
    merged = sorted(engine.arrow("SELECT complaint_id, branch_code, received_at, category FROM complaints").to_pylist(), key=str)
    versions.as_known(engine, "told", contract, store.files("versions", "complaints"), date(2100, 1, 1), [])
    told = sorted(engine.arrow("SELECT complaint_id, branch_code, received_at, category FROM told").to_pylist(), key=str)
    engine.close()
    return merged, told


def text_of(chosen: dict) -> str:
    return HEADER + "".join(f"{key},{branch},2012-{month:02d}-01,{category}\n" for key, (branch, month, category) in chosen.items())


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(deliveries, st.randoms(use_true_random=False))
def test_order_split_and_repetition_change_nothing(contents, chance):
    files = [(f"complaints_{DAYS[number]:%Y%m%d}.csv", content) for number, content in enumerate(contents)]
    latest = {}
    for _, content in files:
        latest |= content
    with TemporaryDirectory() as folder:
        one_by_one = current(Path(folder), [[(name, text_of(content))] for name, content in files])
    assert {row["complaint_id"]: (row["branch_code"], row["category"]) for row in one_by_one[0]} == {key: (v[0], v[2]) for key, v in latest.items()}
    assert one_by_one[0] == one_by_one[1], "the current table and the versions tell the same"
    shuffled = list(files)
    chance.shuffle(shuffled)
    pieces = []
    for name, content in shuffled:
        keys = sorted(content)
        chance.shuffle(keys)
        halves = [keys[: len(keys) // 2], keys[len(keys) // 2 :]]
        pieces.append([(name.replace("_", f"_part{n}_"), text_of({key: content[key] for key in half})) for n, half in enumerate(halves) if half])
    repeated = [[(name.replace("part", "again"), text) for name, text in batch] for batch in pieces]
    with TemporaryDirectory() as folder:
        assert current(Path(folder), pieces + repeated) == one_by_one
