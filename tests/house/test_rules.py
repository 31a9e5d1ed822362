"""The rules of the house (ARCHITECTURE.md), executable."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import typer

from data.config import published_tables
from flows.cli.main import app
from transforms.engine.models import load_models
from transforms.kpis.catalogue import load_kpis

ROOT = Path(__file__).parents[2]
ROOMS = ("flows", "expectations", "transforms", "data", "reports")
BELOW = {
    "data": set(),
    "expectations": {"data"},
    "transforms": {"data"},
    "reports": {"data"},
    "flows": {"data", "expectations", "transforms", "reports"},
}
# Each heavy library has its room; pandas, numpy and pyarrow travel.
HOME = {
    "prefect": "flows",
    "typer": "flows",
    "rich": "flows",
    "openlineage": "flows",
    "great_expectations": "expectations",
    "sqlalchemy": "expectations",
    "duckdb_sqlalchemy": "expectations",
    "duckdb": "transforms",
    "pyspark": "transforms",
    "py4j": "transforms",
    "scipy": "transforms",
    "deltalake": "data",
    "cryptography": "data",
    "python_calamine": "data",
    "matplotlib": "reports",
    "jinja2": "reports",
    "typst": "reports",
    "xlsxwriter": "reports",
    "openpyxl": "reports",
}
CLOCK = re.compile(r"\b(datetime\.now|date\.today|time\.time|utcnow|os\.environ|getenv)\b")


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    packages = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            packages.add(node.module.split(".")[0])
    return packages


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_point_down(room):
    wrong = {
        str(path.relative_to(ROOT)): bad
        for path in sources(room)
        if (bad := imports(path) & set(ROOMS) - BELOW[room] - {room})
    }
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_each_library_has_its_room(room):
    wrong = {
        str(path.relative_to(ROOT)): bad
        for path in sources(room)
        if (bad := {lib for lib in imports(path) if HOME.get(lib, room) != room})
    }
    assert not wrong


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "flows"])
def test_no_clock_and_no_environment_below_flows(room):
    wrong = [
        str(path.relative_to(ROOT))
        for path in sources(room)
        if CLOCK.search(path.read_text(encoding="utf-8"))
    ]
    assert not wrong


def test_files_are_small_and_well_named():
    for room in ROOMS:
        for path in sources(room):
            assert path.stem not in ("utils", "util", "helpers", "common", "misc"), path
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 490, f"{path} is too long"
        for path in (ROOT / room).rglob("*.sql"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 120, (
                f"{path} has over 120 lines"
            )


@pytest.mark.parametrize("model", load_models().values(), ids=lambda model: model.name)
def test_every_model_says_what_it_is(model):
    if model.room == "kpis":
        assert (
            model.header["unit"]
            and model.header["title"]["zh"]
            and model.header["title"]["en"]
            and model.header["source"]
        )
    else:
        assert model.header["summary"] and model.header["kind"] in ("view", "table")


@pytest.mark.parametrize("model", load_models().values(), ids=lambda model: model.name)
def test_models_are_portable_and_deterministic(model):
    """No clock, no chance, no sum of DOUBLE, no positional grouping; the last SELECT lists its
    columns (DESIGN, section 7).
    """
    code = re.sub(r"--[^\n]*", "", model.sql)
    assert not re.search(
        r"\b(now|random|current_date|current_timestamp|date_diff|datediff|uuid)\s*\(",
        code,
        re.IGNORECASE,
    )
    assert not re.search(r"GROUP BY\s+(ALL|\d)", code, re.IGNORECASE)
    assert not re.match(r"\s*\*", code[code.rindex("SELECT") + 6 :])


@pytest.mark.parametrize("model", load_kpis(), ids=lambda model: model.name)
def test_every_kpi_has_a_case(model):
    cases = list((ROOT / "tests" / "cases" / model.name).glob("*.toml"))
    assert cases, f"write tests/cases/{model.name}/<what it shows>.toml"


@pytest.mark.parametrize("room", ["staging", "core", "marts"])
def test_every_other_model_is_read_by_something(room):
    models = load_models()
    python = "\n".join(path.read_text(encoding="utf-8") for path in sources("transforms"))
    read = set().union(*(model.reads for model in models.values())) | set(
        re.findall(r"\w+", python)
    )
    assert {model.name for model in models.values() if model.room == room} <= read


def test_every_published_column_is_defined_once_and_used():
    raw = tomllib.loads((ROOT / "data/reference/published.toml").read_text(encoding="utf-8"))
    used = {column for table in raw["table"].values() for column in table["columns"]}
    assert used == set(raw["column"])
    assert all(column["zh"] and column["en"] for column in raw["column"].values())
    assert all(
        set(table.key) <= set(table.schema.names)
        for table in published_tables.load_published_tables().values()
    )


def test_the_commands_of_the_readme_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(re.findall(r"(?:`|    )make ([a-z-]+)", text)) <= targets
    commands = set(typer.main.get_command(app).commands)
    assert set(re.findall(r"servicekpi ([a-z]+)", text)) - {"is", "turns", "runs"} <= commands


def test_locks_name_no_host_and_hash_everything():
    for path in ROOT.glob("requirements*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text and "--index" not in text
        pins = re.findall(r"^\S+==\S+", text, re.MULTILINE)
        assert pins and len(
            re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
        ) == len(pins)
