"""The pages of docs/reference/ that follow from the program's own declarations.

`python -m tests.house.reference_pages` writes them; tests/house/test_reference.py compares.
"""

import inspect
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer
from pydantic import TypeAdapter

from data.config.composite import Composite
from data.config.contract import Contract, ContractFile, load_contracts
from data.config.correction import CorrectionFile
from data.config.operations import Operations
from data.config.policy import Policy, shipped_settings
from data.config.profile import ProfileFile
from data.config.return_layout import LayoutFile
from tests.house.model_pages import ModelPage, head, row, write_page
from tests.house.walkthrough import ROOT
from transforms.kpis.catalogue import FIELDS, KINDS, OPTIONAL

REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = ROOT / "data" / "reference" / "schema"
# What holds for a setting that a file leaves out, where the model has no default.
SHIPPED = {"policy": shipped_settings()}
GENERATED = "<!-- Generated: python -m tests.house.reference_pages -->"
HEADER_KEYS = {
    "title": "the KPI's name, `{ zh, en }`",
    "unit": "the unit of the value",
    "scale": "value = numerator / denominator x scale[0] / scale[1]",
    "kind": f"one of {', '.join(KINDS)}",
    "direction": "`up` (more is better), `down`, or `none`",
    "segments": "segment columns that the SELECT returns",
    "extracts": "extracts that it needs",
    "columns": "columns that it needs; `a|b`: one of them",
    "numerator": "in words, `{ zh, en }`",
    "denominator": "in words, `{ zh, en }`",
    "excluded": "what is left out, in words, `{ zh, en }`",
    "interval": "method of the confidence interval: `wilson`, `exact_poisson`, `t`, `order`, `none`",
    "source": "regulation and article, or house rule",
    "version": "a whole number; a changed definition is another version",
    "exposure": "true: counted on whole months that have exposure",
    "open_cases": "true: needs extracts in which open cases are",
    "looks_back": "true: counts the twelve months to the period's end",
    "percentile": "of kind `quantile`: the share of observations below the value",
    "of_all": "segment columns whose denominator is that of all cases",
    "time_limits": "true: needs a rule set of complaint time limits",
    "cases_per_row": "the most that one row adds to numerator and denominator",
}
RETURNED = {
    "interval_id": "the interval of the case's date; KPIs that add up over time",
    "period_id": "in place of `interval_id`: the period, for what does not add up",
    "branch_code": "the branch that owns the case; its parents are added by the roll-up",
    "numerator": "what is counted above, exact (integer or DECIMAL)",
    "denominator": "what is counted below; NULL for kind `count`",
    "squares": "of kind `mean`: the sum of squares of what the numerator sums",
    "observation": "of kind `quantile`, in place of numerator and denominator: one case's value",
    "weight": "of kind `quantile`: how many cases have this observation",
}


# A line `#:schema` on top of a file, with the path of the schema, lets an editor complete it.
MODEL_PAGES = (
    ModelPage(
        "policy",
        "Policy",
        "The owner's choices: `policy.toml` in the store holds those that differ from "
        "`data/reference/policy.toml`. An editor completes it by a line `#:schema` with the path of "
        "`data/reference/schema/policy.schema.json`.",
        Policy,
    ),
    ModelPage(
        "operations",
        "Operations",
        "How a store is run: `operations.toml` in the store, written by people only. Nothing in it "
        "changes a figure, so it is part of neither the policy nor a publication's id. Every setting "
        "may be left out. A secret is never written into the file: name where it is kept. An "
        "editor completes the settings by a line `#:schema` with the path of "
        "`data/reference/schema/operations.schema.json`.",
        Operations,
    ),
    ModelPage(
        "profile",
        "Profiles",
        "How a source's files become extracts: `data/profiles/NAME.toml`, used with `--profile "
        "NAME`. `servicekpi profile FILE` drafts one. Its first line, by which an editor completes "
        "the keys: `#:schema ../reference/schema/profile.schema.json`. A column of the contract "
        "that a profile does not name is found by the contract's name and [aliases](contract.md). "
        "A key that nobody reads is refused: a misspelt column would be a mapping that nobody "
        "follows.",
        ProfileFile,
    ),
    ModelPage(
        "correction",
        "Corrections",
        "Known errors of a source, fixed on reading, with who asked for it and why: one or more "
        "entries to a file in `data/corrections/`. Its first line, by which an editor completes the "
        "keys: `#:schema ../reference/schema/correction.schema.json`.",
        CorrectionFile,
    ),
    ModelPage(
        "contract",
        "Contracts",
        "What each extract may hold: `data/contracts/NAME.toml`. A row that breaks a critical rule "
        "is quarantined; a warning is counted. Its first line, by which an editor completes the "
        "keys: `#:schema ../reference/schema/contract.schema.json`.",
        ContractFile,
    ),
    ModelPage(
        "return-layout",
        "Layout of a return",
        "`transforms/sql/exports/reg_NAME.toml` declares the table that `reg_NAME.sql` makes: "
        "[how to add one](../how-to/add-return.md). Its first line, by which an editor completes "
        "the keys: `#:schema ../../../data/reference/schema/return-layout.schema.json`.",
        LayoutFile,
    ),
)


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    contents = {
        "tables": _tables(),
        "kpi-header": _kpi_header(),
        "cli": _command_line(),
    }
    texts = {}
    for page in MODEL_PAGES:
        contents[page.name] = write_page(page, SHIPPED.get(page.name))
        texts[SCHEMAS / f"{page.name}.schema.json"] = _write_schema(page.model)
    texts[SCHEMAS / "composite.schema.json"] = _write_schema(dict[str, Composite])
    contents["contract"] += _contracts()
    for name, text in contents.items():
        texts[REFERENCE / f"{name}.md"] = f"{GENERATED}\n{text.rstrip()}\n"
    return texts


def _write_schema(kind: Any) -> str:
    """Return the JSON Schema of a model, or of a table of them by name."""
    return json.dumps(TypeAdapter(kind).json_schema(), ensure_ascii=False, indent=2) + "\n"


def _tables() -> str:
    path = ROOT / "data" / "reference" / "published.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    text = (
        "# Published tables\n\nThe contract with readers: `tables/` and `diff/` of every publication. "
        "A table is one Parquet file, or a folder with one per period.\n"
    )
    for name, table in raw["table"].items():
        text += f"\n## {name}\n\n{table['title']['en']}. Key: `{', '.join(table['key'])}`."
        text += f" In parts: `'tables/{name}/*.parquet'`.\n\n" if "parts" in table else "\n\n"
        text += head("column", "type", "meaning")
        for column in table["columns"]:
            declared = raw["column"][column]
            text += row(f"`{column}`", declared["type"], declared["en"])
    return text


def _contracts() -> str:
    text = "## The contracts that ship\n"
    for contract in load_contracts().values():
        text += f"\n### {contract.name}\n\n{contract.title['en']}. Key: `{', '.join(contract.key)}`.\n\n"
        text += head("column", "type", "required", "other headers", "meaning")
        for column in contract.columns:
            required = "yes" if column.required else ""
            aliases = ", ".join(column.aliases)
            meaning = column.meaning["en"]
            text += row(f"`{column.name}`", column.type, required, aliases, meaning)
        text += "\n" + _rules(contract)
    return text


def _rules(contract: Contract) -> str:
    text = head("rule", "severity", "meaning")
    for rule in contract.rules:
        text += row(f"`{rule.id}`", rule.severity, rule.meaning["en"])
    return text


def _kpi_header() -> str:
    text = "# Header of a KPI\n\nA TOML comment on top of `transforms/sql/kpis/ID.sql`; [how to add one](../how-to/add-kpi.md).\n\n"
    text += head("key", "required", "meaning")
    for key in [*sorted(FIELDS), *sorted(OPTIONAL)]:
        text += row(f"`{key}`", "yes" if key in FIELDS else "", HEADER_KEYS[key])
    text += "\n## What its SELECT returns\n\n" + head("column", "meaning")
    for column, meaning in RETURNED.items():
        text += row(f"`{column}`", meaning)
    return text + row("segment columns", "those that `segments` names")


def _command_line() -> str:
    from flows.cli.main import app

    command = typer.main.get_command(app)
    text = "# Command line\n\nExit codes of a run: 0 published, 3 held, 1 failed; 2: the command was wrong.\n"
    for path, each in _commands(command, "servicekpi"):
        text += f"\n## {path}\n\n{inspect.cleandoc(each.help or '')}\n\n"
        if each.params:
            text += head("parameter", "default", "meaning")
        for parameter in each.params:
            text += _parameter(parameter)
    return text


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, each in sorted(getattr(command, "commands", {}).items()):
        if getattr(each, "commands", None):
            yield from _commands(each, f"{path} {name}")
        else:
            yield f"{path} {name}", each


def _parameter(parameter: click.Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts + parameter.secondary_opts)
    default = parameter.default
    shown = "" if default in (None, False, ()) or callable(default) else f"`{default}`"
    if parameter.required:
        shown = "required"
    return row(names, shown, " ".join((getattr(parameter, "help", None) or "").split()))


def write_pages() -> None:
    """Write every generated page."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pages()
