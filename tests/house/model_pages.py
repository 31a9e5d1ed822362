"""The reference of a TOML file that people write, from the JSON Schema of its model."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tests.house.walkthrough import ROOT

EXAMPLES = ROOT / "docs" / "reference" / "examples"
Schema = dict[str, Any]
# The words for a type of JSON Schema.
TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
}
# Tables that have a page of their own.
PAGES_OF = {"Policy": "policy.md"}
BOUNDS = {
    "minimum": "{:g} or more",
    "exclusiveMinimum": "more than {:g}",
    "maximum": "{:g} or less",
    "exclusiveMaximum": "less than {:g}",
}


@dataclass(frozen=True)
class ModelPage:
    """A page on what people write: its model has the keys, `docs/reference/examples` an example."""

    name: str
    title: str
    introduction: str
    model: type[BaseModel]


def row(*cells: object) -> str:
    """Return a row of a Markdown table."""
    texts = [str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells]
    return f"| {' | '.join(texts)} |\n"


def head(*heads: str) -> str:
    """Return the head of a Markdown table."""
    return row(*heads) + row(*["---"] * len(heads))


def write_page(page: ModelPage, shipped: Schema | None = None) -> str:
    """Return the text of a page: introduction, example, and a table of keys for each TOML table.

    `shipped` has the values that hold for what a file leaves out, where the model has none.
    """
    text = f"# {page.title}\n\n{page.introduction}\n\n"
    example = EXAMPLES / f"{page.name}.toml"
    if example.is_file():
        _, _, content = example.read_text(encoding="utf-8").partition("\n")  # without its #:schema
        text += f"```toml\n{content}```\n\n"
    return text + describe_tables(page.model.model_json_schema(), shipped)


def describe_tables(schema: Schema, shipped: Schema | None = None) -> str:
    """Return a Markdown table of the keys of each TOML table that a schema describes."""
    text = ""
    for heading, table, values in _tables(schema, schema.get("$defs", {}), "", shipped):
        if heading:
            text += f"## `{heading}`\n\n{_one_line(table.get('description', ''))}\n\n"
        text += head("key", "value", "left out", "meaning")
        for name, setting in table["properties"].items():
            if not _is_table(setting):
                text += _describe_setting(name, setting, name in table.get("required", ()), values)
        text += "\n"
    return text


def _tables(
    table: Schema, definitions: Schema, path: str, shipped: Any
) -> Iterator[tuple[str, Schema, Any]]:
    """Yield heading, schema and shipped values of each TOML table that has keys of its own."""
    settings = table["properties"]
    above = path.strip("[]")
    if not all(map(_is_table, settings.values())):
        yield path, table, shipped
    for name, setting in settings.items():
        if not _is_table(setting):
            continue
        heading = _heading(f"{above}.{name}" if above else name, setting)
        values = shipped.get(name) if isinstance(shipped, dict) else None
        yield from _tables(definitions[_reference(setting)], definitions, heading, values)


def _heading(path: str, setting: Schema) -> str:
    """Return the heading of a table as TOML writes it: one of a list, one by name, or the only."""
    if setting.get("type") == "array":
        return f"[[{path}]]"
    return f"[{path}.NAME]" if "additionalProperties" in setting else f"[{path}]"


def _is_table(setting: Schema) -> bool:
    """Return whether a setting is a table with keys of its own, which the page describes."""
    return _reference(setting) not in ("", *PAGES_OF)


def _reference(setting: Schema) -> str:
    """Return the definition that a setting refers to: its own, its entries', or its values'."""
    for part in (setting, setting.get("items", {}), setting.get("additionalProperties", {})):
        if isinstance(part, dict):
            for kind in (part, *part.get("anyOf", [])):
                if "$ref" in kind:
                    return kind["$ref"].rpartition("/")[2]
    return ""


def _describe_setting(name: str, setting: Schema, is_required: bool, values: Any) -> str:
    default = setting.get("default")
    if isinstance(values, dict):
        default = values.get(name, default)
    left_out = "required" if is_required else ""
    if default not in (None, "", {}, []):
        left_out = f"`{to_toml(default)}`"
    meaning = setting.get("description", "")
    for example in setting.get("examples", [])[:1]:
        if example != default:
            meaning += f" Such as `{to_toml(example)}`."
    return row(f"`{name}`", _describe_type(setting), left_out, meaning.strip())


def _describe_type(setting: Schema) -> str:
    """Return what a value may be, in words."""
    if "$ref" in setting:
        name = _reference(setting)
        return f"[{name.lower()}]({PAGES_OF[name]})"
    if "anyOf" in setting:
        kinds = [_describe_type(each) for each in setting["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in setting:
        return ", ".join(f"`{value}`" for value in setting["enum"])
    if setting["type"] == "array":
        return _describe_list(setting)
    if setting["type"] == "object":
        return _describe_names(setting)
    kind = "day" if setting.get("format") == "date" else TYPES[setting["type"]]
    return ", ".join([kind, *_describe_bounds(setting)])


def _describe_bounds(setting: Schema) -> list[str]:
    return [words.format(setting[bound]) for bound, words in BOUNDS.items() if bound in setting]


def _describe_list(setting: Schema) -> str:
    if "prefixItems" in setting:
        return f"[{', '.join(map(_describe_type, setting['prefixItems']))}]"
    return f"list of {_describe_type(setting['items'])}"


def _describe_names(setting: Schema) -> str:
    if "properties" in setting:
        return f"`{{ {', '.join(setting['properties'])} }}`"
    return f"table of {_describe_type(setting['additionalProperties'])}"


def to_toml(value: Any) -> str:
    """Return a value as TOML writes it, tables in one line."""
    if isinstance(value, dict):
        pairs = [f"{name} = {to_toml(each)}" for name, each in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
