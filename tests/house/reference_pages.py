"""The pages of docs/reference/ that follow from the program's own declarations.

`python -m tests.house.reference_pages` writes them; tests/house/test_reference.py compares.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import typer

from data.config.contract import Contract, load_contracts
from data.config.correction import CorrectionFile
from data.config.operations import Operations
from data.config.policy import Policy
from tests.house.walkthrough import ROOT
from transforms.kpis.catalogue import FIELDS, KINDS, OPTIONAL

REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = ROOT / "data" / "reference" / "schema"
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


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    contents = {
        "tables.md": _tables(),
        "contract.md": _contracts(),
        "policy.md": _policy(),
        "kpi-header.md": _kpi_header(),
        "cli.md": _command_line(),
    }
    texts = {REFERENCE / name: f"{GENERATED}\n{text.rstrip()}\n" for name, text in contents.items()}
    models = {"policy": Policy, "operations": Operations, "correction": CorrectionFile}
    for name, model in models.items():
        schema = json.dumps(model.model_json_schema(), ensure_ascii=False, indent=2)
        texts[SCHEMAS / f"{name}.schema.json"] = schema + "\n"
    return texts


def _row(*cells: object) -> str:
    texts = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells]
    return f"| {' | '.join(texts)} |\n"


def _head(*heads: str) -> str:
    return _row(*heads) + _row(*["---"] * len(heads))


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
        text += _head("column", "type", "meaning")
        for column in table["columns"]:
            declared = raw["column"][column]
            text += _row(f"`{column}`", declared["type"], declared["en"])
    return text


def _contracts() -> str:
    text = "# Contracts\n\nWhat each extract may hold (`data/contracts/`). A row that breaks a critical rule is quarantined; a warning is counted.\n"
    for contract in load_contracts().values():
        text += (
            f"\n## {contract.name}\n\n{contract.title['en']}. Key: `{', '.join(contract.key)}`.\n\n"
        )
        text += _head("column", "type", "required", "other headers", "meaning")
        for column in contract.columns:
            required = "yes" if column.required else ""
            aliases = ", ".join(column.aliases)
            meaning = column.meaning["en"]
            text += _row(f"`{column.name}`", column.type, required, aliases, meaning)
        text += "\n" + _rules(contract)
    return text


def _rules(contract: Contract) -> str:
    text = _head("rule", "severity", "meaning")
    for rule in contract.rules:
        text += _row(f"`{rule.id}`", rule.severity, rule.meaning["en"])
    return text


def _policy() -> str:
    shipped = tomllib.loads(
        (ROOT / "data" / "reference" / "policy.toml").read_text(encoding="utf-8")
    )
    text = (
        "# Policy\n\nThe owner's choices: `policy.toml` in the store holds those that differ from"
        " `data/reference/policy.toml`. An editor completes it by"
        " `#:schema` and `data/reference/schema/policy.schema.json`.\n\n"
    )
    text += _head("setting", "shipped", "meaning")
    for name, shown, meaning in _settings(Policy, shipped, ""):
        text += _row(f"`{name}`", shown, meaning)
    return text


def _settings(model: type, shipped: dict, above: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        value = shipped.get(name, "")
        section = field.annotation
        is_section = isinstance(section, type) and hasattr(section, "model_fields")
        if is_section and isinstance(value, dict):
            yield f"[{above}{name}]", "", (section.__doc__ or "").strip()
            yield from _settings(section, value, f"{above}{name}.")
        else:
            shown = f"`{json.dumps(value, ensure_ascii=False)}`" if value != "" else ""
            yield f"{above}{name}", shown, field.description or ""


def _kpi_header() -> str:
    text = "# Header of a KPI\n\nA TOML comment on top of `transforms/sql/kpis/ID.sql`; [how to add one](../how-to/add-kpi.md).\n\n"
    text += _head("key", "required", "meaning")
    for key in [*sorted(FIELDS), *sorted(OPTIONAL)]:
        text += _row(f"`{key}`", "yes" if key in FIELDS else "", HEADER_KEYS[key])
    text += "\n## What its SELECT returns\n\n" + _head("column", "meaning")
    for column, meaning in RETURNED.items():
        text += _row(f"`{column}`", meaning)
    return text + _row("segment columns", "those that `segments` names")


def _command_line() -> str:
    from flows.cli.main import app

    command = typer.main.get_command(app)
    text = "# Command line\n\nExit codes of a run: 0 published, 3 held, 1 failed; 2: the command was wrong.\n"
    for path, each in _commands(command, "servicekpi"):
        text += f"\n## {path}\n\n{' '.join((each.help or '').split())}\n\n"
        if each.params:
            text += _head("parameter", "default", "meaning")
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
    return _row(names, shown, " ".join((getattr(parameter, "help", None) or "").split()))


def write_pages() -> None:
    """Write every generated page."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pages()
