"""The environment of a command, and the store that it works on.

A command that has a store gets it from `open_store` or `create_store`: variables are set here,
before anything heavy is imported.
"""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from data.problem import Problem
from data.store.location import check_location, find_nearest_store, is_store
from flows.prefect_adapter.addresses import hide_password, is_on_loopback
from flows.prefect_adapter.proxies import hide_proxies

if TYPE_CHECKING:
    from data.store.store import Store

PREFECT_SETTINGS = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # what a task has to say, it says as servicekpi
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_LEVEL": "INFO",
    # on the console, and on the run's page in Prefect
    "PREFECT_LOGGING_EXTRA_LOGGERS": "servicekpi",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}
OTHER_SETTINGS = {"DO_NOT_TRACK": "1", "GX_ANALYTICS_ENABLED": "false"}
JSON_LINES = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json",
    "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": "pythonjsonlogger.json.JsonFormatter",
    "PREFECT_LOGGING_FORMATTERS_JSON_FORMAT": "%(asctime)s %(levelname)s %(name)s %(message)s",
}
# Settings of Prefect's by which a server that was asked for is reached.
OF_A_SERVER = ("PREFECT_API_", "PREFECT_CLIENT_", "PREFECT_CLOUD_")
NOT_OF_A_SERVER = ("PREFECT_API_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
# Where Prefect would look for settings in the working folder: nothing is read (prefect_adapter).
PREFECT_FILES = (".env", "prefect.toml", "pyproject.toml")


# What this process has set itself: no foreign setting when a second command runs in it.
_OURS: dict[str, str] = {}


def open_store(folder: Path, quiet: bool = True) -> "Store":
    """Return the store in a folder, of which nothing is written by that.

    Raises BadParameter where there is none; it names the one that was probably meant.
    """
    require_store(folder)
    prepare_environment(folder, quiet)
    from data.store.store import Store

    return Store(folder)


def require_store(folder: Path) -> None:
    """Raise BadParameter where a folder is not a store."""
    check_location(folder)
    if is_store(folder):
        return
    nearest = find_nearest_store(folder)
    hint = f"; the nearest one is {nearest}" if nearest else ""
    raise typer.BadParameter(
        f"there is no store in {folder.absolute()}{hint}", param_hint="--store"
    )


def create_store(
    folder: Path, quiet: bool = False, log: str = "text", server: str | None = None
) -> "Store":
    """Return the store in a folder for a command that runs the flow; it is created if missing.

    Raises Problem where nothing can be written there, or no store can be.
    """
    check_location(folder)
    prepare_run(folder, quiet, log, server)
    from data.store.store import Store

    return Store(folder)


def prepare_run(
    store: Path, quiet: bool = False, log: str = "text", server: str | None = None
) -> None:
    """Prepare the environment of a command that runs the flow, and say what it does not use.

    Raises Problem where the store, which is created if missing, cannot be written.
    """
    ignored = prepare_environment(store, quiet, log, server)
    try:
        for name in ("PREFECT_HOME", "MPLCONFIGDIR"):
            Path(os.environ[name]).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the store {store} cannot be written: {error.strerror}",
            "give the run write access to it, or another --store",
            "read-only",
        ) from None
    ignored += [name for name in PREFECT_FILES if _is_for_prefect(Path(name))]
    if ignored:
        used = f"the server {hide_password(server)}" if server else "a Prefect server of its own"
        typer.echo(
            f"note: {', '.join(ignored)} not used: the run uses {used}"
            + ("" if server else "; servicekpi run --server URL uses another"),
            err=True,
        )


def prepare_environment(
    store: Path, quiet: bool = False, log: str = "text", server: str | None = None
) -> list[str]:
    """Keep every library inside the store and silent towards the network.

    Args:
        store: The folder of the store.
        quiet: Whether the program logs warnings only.
        log: text or json.
        server: URL of the API of the Prefect server to use; None: a run uses one of its own,
            whatever variables, files and profiles of Prefect's there are.

    Returns the variables that are not used.
    """
    home = store.resolve() / ".prefect"
    settings = _settings(home, log, server)
    ignored = _remove_prefect_variables(server, settings)
    os.environ.update(settings)
    _OURS.update(settings)
    for name, value in OTHER_SETTINGS.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("MPLCONFIGDIR", str(home / "matplotlib"))
    if server is None or is_on_loopback(server):
        hide_proxies()
    logging.getLogger("servicekpi").setLevel(logging.WARNING if quiet else logging.INFO)
    return ignored


def _remove_prefect_variables(server: str | None, settings: dict[str, str]) -> list[str]:
    """Remove Prefect's variables, and return those that somebody else set otherwise."""
    removed = []
    for name in sorted(name for name in os.environ if name.startswith("PREFECT_")):
        if server and name.startswith(OF_A_SERVER) and name not in NOT_OF_A_SERVER:
            continue
        if os.environ.pop(name) not in (settings.get(name), _OURS.get(name)):
            removed.append(name)
    return removed


def _settings(home: Path, log: str, server: str | None) -> dict[str, str]:
    settings = PREFECT_SETTINGS | {
        "PREFECT_HOME": str(home),
        # A profile that is missing: Prefect would look for one in the user's home.
        "PREFECT_PROFILES_PATH": str(home / "no-profiles.toml"),
    }
    if log == "json":
        settings |= JSON_LINES
    if server:
        settings["PREFECT_API_URL"] = server
    return settings


def _is_for_prefect(file: Path) -> bool:
    """Return whether a file of the working folder has settings for Prefect."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    words = {".env": "PREFECT_", "pyproject.toml": "[tool.prefect"}
    return words.get(file.name, "") in text
