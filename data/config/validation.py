"""What is wrong with a file that people write, in sentences: the one place where pydantic's errors
become a Problem.
"""

import tomllib
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from data.problem import Problem

ModelType = TypeVar("ModelType", bound=BaseModel)
VALUE_LENGTH = 100  # of a wrong value, in characters: a message is read, not searched

# What a value must be, by the type of pydantic's error; the words in braces are its context.
REQUIREMENTS = {
    "string_type": "it must be text in quotes",
    "int_type": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "finite_number": "it must be a finite number",
    "bool_type": "it must be true or false",
    "tuple_type": "it must be a list, such as [...]",
    "list_type": "it must be a list, such as [...]",
    "dict_type": "it must be a table of names and values",
    "model_type": "it must be a table of names and values",
    "date_type": "it must be a day such as 2012-12-31, without quotes",
    "literal_error": "it must be {expected}",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be {ge:g} or more",
    "less_than": "it must be less than {lt:g}",
    "less_than_equal": "it must be {le:g} or less",
    "string_too_short": "it must not be empty",
    "too_short": "it must have {min_length} or more entries",
}


def read_toml(path: Path, name: str, remedy: str) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises Problem, which calls the file `name`, where it is not valid TOML or not in UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Problem(f"{name} is not valid TOML in UTF-8: {error}", remedy) from None
    return parse_toml(text, name, remedy)


def parse_toml(text: str, name: str, remedy: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises Problem, which calls the text `name`, where it is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{name} is not valid TOML in UTF-8: {error}", remedy) from None


def parse_model(
    model: type[ModelType], content: dict[str, Any], name: str, remedy: str
) -> ModelType:
    """Return the model of what a file says.

    Raises Problem, which calls the file `name` and lists everything that is wrong with it.
    """
    try:
        return model.model_validate(content, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
        sentences = [
            _name_entry(content, detail["loc"]) + _describe_error(model, detail)
            for detail in details
            if not _is_miscounted(detail, details)
        ]
        raise Problem(f"{name}: {'; '.join(sentences)}", remedy) from None


def _is_miscounted(error: ErrorDetails, others: list[ErrorDetails]) -> bool:
    """Return whether a list is called too short because of entries that are wrong, which pydantic
    does not count.
    """
    location = error["loc"]
    within = [other for other in others if other["loc"][: len(location)] == location]
    return error["type"] == "too_short" and len(within) > 1


def _name_entry(content: Any, location: tuple[int | str, ...]) -> str:
    """Return how the entry of a list that an error is in is called, with a colon: nobody counts to
    the 38th rule. Empty where it has no name.
    """
    name = ""
    for part in location:
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            return name
        if isinstance(part, int) and isinstance(content, dict):
            label = content.get("id", content.get("name"))
            name = f"{label}: " if isinstance(label, str) else ""
    return name


def _describe_error(model: type[BaseModel], error: ErrorDetails) -> str:
    """Return the sentence for one error: which setting, its value, and what it must be."""
    location, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{_setting_path(location)} {_describe_unknown(model, location)}"
    if kind == "missing":
        return f"{_setting_path(location)} is missing"
    if kind == "value_error":
        return f"{_setting_path(location)} {context['error']}".strip()
    value = repr(error["input"])[:VALUE_LENGTH]
    requirement = REQUIREMENTS[kind].format(**context) if kind in REQUIREMENTS else error["msg"]
    return f"{_setting_path(location)} is {value}, {requirement}"


def _describe_unknown(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """Return what to write in place of a setting that there is not."""
    known = _settings_in(model, location[:-1])
    hint = name_nearest(str(location[-1]), known)
    return f"is not a setting{hint}; use one of {', '.join(known)}"


def name_nearest(name: str, known: list[str]) -> str:
    """Return in parentheses which known name may be meant; empty where none is like it."""
    nearest = get_close_matches(name, known, n=1)
    return f" ({nearest[0]} is the nearest)" if nearest else ""


def _setting_path(location: tuple[int | str, ...]) -> str:
    """Return where a setting is, as TOML writes it; the entries of a list are counted from 1."""
    path = ""
    for part in location:
        if part == "[key]":  # the name itself is wrong, not what it stands for
            continue
        if isinstance(part, int):
            path += f"[{part + 1}]"
        else:
            path += f".{part}" if path else part
    return path


def _settings_in(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the names of the settings that a table at this place may have."""
    kind: Any = model
    for part in location:
        kind = _type_within(kind, part)
    fields = kind.model_fields if _is_model(kind) else {}
    return [str(field.validation_alias or name) for name, field in fields.items()]


def _type_within(kind: Any, part: int | str) -> Any:
    """Return the type of a table's setting, or of a list's entry."""
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if part in (name, field.validation_alias):
                return _plain_type(field.annotation)
        return None
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return _plain_type(arguments[1])
    return _plain_type(arguments[0]) if arguments else None


def _plain_type(kind: Any) -> Any:
    """Return a type without its annotations, and without None."""
    if get_origin(kind) is Annotated:
        return _plain_type(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        kinds = [argument for argument in get_args(kind) if argument is not type(None)]
        return _plain_type(kinds[0])
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
