"""The types that fields of several models share, and the model that all of them extend."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

Language = Literal["zh", "en"]
LANGUAGES: tuple[str, ...] = get_args(Language)


class Model(BaseModel):
    """What people write in a TOML file: nothing is converted, nothing unknown is let in, and
    nothing changes afterwards.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True
    )


def _keep_as_written(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Return a number as it is in the file: 30 stays 30, where pydantic would make 30.0 of it. The
    policy is hashed into the ids of publications, in which the two differ.
    """
    check(value)
    return value


def _return_as_is(value: Any) -> Any:
    return value


_AS_WRITTEN = (WrapValidator(_keep_as_written), PlainSerializer(_return_as_is))
Number = Annotated[float, Field(allow_inf_nan=False), *_AS_WRITTEN]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), *_AS_WRITTEN]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False), *_AS_WRITTEN]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), *_AS_WRITTEN]
# A share that can be neither none nor all, such as the level of an interval.
InnerShare = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False), *_AS_WRITTEN]
Count = Annotated[int, Field(ge=0)]

# TOML has lists; a frozen model holds them as tuples.
Texts = Annotated[tuple[str, ...], Strict(False)]


def _check_languages(texts: dict[str, str]) -> dict[str, str]:
    if set(texts) != set(LANGUAGES):
        raise ValueError('must have both languages: { zh = "...", en = "..." }')
    return texts


BilingualText = Annotated[
    dict[str, str],
    AfterValidator(_check_languages),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {language: {"type": "string"} for language in LANGUAGES},
            "required": list(LANGUAGES),
            "additionalProperties": False,
        }
    ),
]


def check_column_names(named: Iterable[str], columns: list[str]) -> None:
    """Raise ValueError where something names a column that is not there, or one is there twice."""
    unknown = sorted(set(named) - set(columns))
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if unknown or repeated:
        raise ValueError(
            f"names columns that it does not have, or one twice: {', '.join(unknown + repeated)}"
        )


@cache
def _time_zones() -> set[str]:
    return available_timezones()


def _check_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(f"is {name!r}, it must be a time zone such as Asia/Shanghai")
    return name


TimeZone = Annotated[str, AfterValidator(_check_time_zone)]


def _write_as_text(value: Any) -> Any:
    """Return a word of a cell as text: a person may write 999 or true without quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Word = Annotated[str, BeforeValidator(_write_as_text, json_schema_input_type=str | float | bool)]
Words = Annotated[tuple[Word, ...], Strict(False)]
