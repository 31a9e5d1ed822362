"""All that knows Prefect's API. Importing it, before Prefect, decides where Prefect's settings come
from: from variables only.

Prefect would read files of the working folder, too (.env, prefect.toml, pyproject.toml), and it
does so whenever settings are made (3.8, November 2026). Whoever starts a run from a folder with
such a file did not ask for another server, and a file that cannot be read must not end the run.
"""

from pydantic_settings.sources import ConfigFileSourceMixin, DotEnvSettingsSource


def _read_no_file(*_: object) -> dict:
    return {}


for source, method in (
    (DotEnvSettingsSource, "_read_env_files"),
    (ConfigFileSourceMixin, "_read_files"),
):
    setattr(source, method, _read_no_file)
