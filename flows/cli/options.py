"""The environment of a command: variables are set here, before anything heavy is imported. The
command line reads two: the signing key's path, and how to log.
"""

import logging
import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from data.problem import Problem

# The groups of `servicekpi --help`.
EVERY_NIGHT = "Every night"
READ = "Read and explain"
PUBLISH = "Publish to others"
SET_UP = "Set up and keep"

DAY = typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")
ProfileName = Annotated[str, typer.Option(help="Source profile: data/profiles/NAME.toml.")]
StorePath = Annotated[Path, typer.Option(help="Folder that holds everything a run leaves behind.")]


Log = Annotated[
    Literal["text", "json"],
    typer.Option(
        envvar="SERVICEKPI_LOG",
        help="json: a line per event, with the run's id and file, for machines.",
    ),
]
JSON_LINES = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json",
    "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": "pythonjsonlogger.json.JsonFormatter",
    "PREFECT_LOGGING_FORMATTERS_JSON_FORMAT": "%(asctime)s %(levelname)s %(name)s %(message)s",
}


def prepare_environment(store: Path, quiet: bool = False, log: str = "text") -> None:
    """Keep every library inside the store and silent towards the network; `log` text or json."""
    home = store.resolve() / ".prefect"
    defaults = {
        "PREFECT_HOME": str(home),
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
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "MPLCONFIGDIR": str(home / "matplotlib"),
    }
    for name, value in (defaults | (JSON_LINES if log == "json" else {})).items():
        os.environ.setdefault(name, value)
    logging.getLogger("servicekpi").setLevel(logging.WARNING if quiet else logging.INFO)
    try:
        store.mkdir(parents=True, exist_ok=True)
        for name in ("PREFECT_HOME", "MPLCONFIGDIR"):
            Path(os.environ[name]).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"the store {store} cannot be written: {error.strerror}",
            "give the run write access to it, or another --store",
            "read-only",
        ) from None


Landing = Annotated[Path, typer.Option(help="Folder that the extracts are delivered to.")]
