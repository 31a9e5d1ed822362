"""Profiles: how the files of one source map onto the contracts, read from
`data/profiles/*.toml`.
"""

from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, Strict

from data import safe_names
from data.config.fields import Model, TimeZone
from data.config.policy import Policy
from data.config.profile_source import Source
from data.config.validation import parse_model, read_toml
from data.problem import Problem

PROFILES = Path(__file__).parents[1] / "profiles"
REMEDY = "correct the profile; docs/reference/profile.md describes every key"


def _return_as_is(settings: Any) -> Any:
    return settings


class ProfileFile(Model):
    """What a profile's TOML says of a source of extracts."""

    model_config = ConfigDict(title="Profile")

    timezone: TimeZone = Field(
        description="Time zone of civil times in the files.", examples=["Europe/Berlin"]
    )
    control: str = Field(
        default="control*", description="Pattern of the names of its control files."
    )
    # Checked with the owner's settings, which override it (data/config/policy.py).
    policy: Annotated[
        dict[str, Any], BeforeValidator(_return_as_is, json_schema_input_type=Policy)
    ] = Field(default={}, description="Settings of the policy that this source needs to differ.")
    sources: Annotated[tuple[Source, ...], Strict(False), Field(min_length=1)] = Field(
        validation_alias="source", description="Its files."
    )


class Profile(ProfileFile):
    """A source of extracts: what its file says, and its name, which is the file's."""

    name: str

    def source_of(self, path: Path) -> Source | None:
        """Return the first source whose pattern a file's name meets."""
        name = path.name.lower()
        return next(
            (source for source in self.sources if fnmatch(name, source.files.lower())), None
        )


def load_profile(name: str) -> Profile:
    """Return a profile by its name; `default` takes files by the extracts' names.

    Raises Problem where it does not exist, is not valid TOML, lacks a key, has one that does not
    exist, or maps a column that its extract does not have.
    """
    path = PROFILES / f"{safe_names.check_name('profile', name)}.toml"
    if not path.is_file():
        known = ", ".join(sorted(profile.stem for profile in PROFILES.glob("*.toml")))
        raise Problem(
            f"there is no profile {name!r}",
            f"use one of: {known}; or write data/profiles/{name}.toml",
        )
    file_name = f"data/profiles/{path.name}"
    content = read_toml(path, file_name, "write it as docs/reference/profile.md shows")
    declared = parse_model(ProfileFile, content, file_name, REMEDY)
    return Profile.model_construct(name=name, **dict(declared))
