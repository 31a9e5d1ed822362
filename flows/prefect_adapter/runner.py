"""Serve a flow's schedule on a Prefect server, one run at a time, until interrupted."""

import asyncio
import hashlib
import logging
import os
import re
import signal
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.types.entrypoint import EntrypointType

from flows.prefect_adapter.addresses import hide_password

LOG = logging.getLogger("servicekpi")


def deployment_name(store: Path) -> str:
    """Return the name of a store's deployment: its own, whatever else is on the same server."""
    path = store.resolve().as_posix()
    words = re.sub(r"[^\\w.-]+", "-", path).strip("-")[-60:]
    number = hashlib.sha256(f"{socket.gethostname()}:{path}".encode()).hexdigest()[:6]
    return f"{words}-{number}"


def serve_flow(
    api: str, flow: Flow, parameters: dict, cron: str, timezone: str, missed: datetime | None
) -> None:
    """Deploy a flow under the name of its store, and run it whenever its hour comes.

    Args:
        api: URL of the server's API.
        flow: A flow of an importable module.
        parameters: Those of the flow; one is `store`, what the deployment is named after.
        cron: When it runs.
        timezone: That of the cron line.
        missed: A planned moment of before, for which one more run is made; None: there is none.
    """
    store = Path(parameters["store"]).resolve()
    name = deployment_name(store)
    with temporary_settings({PREFECT_API_URL: api}), suppress(KeyboardInterrupt):
        _remove_nameless_deployment(flow.name, parameters)
        # Not paused when it stops: whoever looks at the server must see what is late.
        runner = Runner(name=name, limit=1, pause_on_shutdown=False)
        deployment = runner.add_flow(
            flow,
            name=name,
            description=f"{store} on {socket.gethostname()}",
            schedule=Cron(cron, timezone=timezone),
            parameters=parameters,
            concurrency_limit=ConcurrencyLimitConfig(
                limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
            ),
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        LOG.info("scheduled: %s (%s) on %s", cron, timezone, hide_password(api))
        # The server forgets late runs of a deployment that is created again (Prefect 3.8, November
        # 2026).
        if missed:
            assert isinstance(deployment, UUID)  # a coroutine only where a loop is running
            start = missed.isoformat(timespec="minutes")
            LOG.info("the run of %s was missed and is made up for", start)
            run_deployment(deployment, scheduled_time=missed, timeout=0)
        # Started in the background, a process may ignore interrupts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # At SIGTERM Prefect ends amid its own loop, with tracebacks in the log; an interrupt lets
        # it, and the run that it serves, end in order.
        runner.handle_sigterm = lambda *_: os.kill(os.getpid(), signal.SIGINT)
        asyncio.run(runner.start())


def _remove_nameless_deployment(flow_name: str, parameters: dict) -> None:
    """Remove this store's deployment of before deployments had their stores' names.

    Its schedule would go on to plan runs that nobody starts any more.
    """
    with get_client(sync_client=True) as client, suppress(ObjectNotFound):
        deployment = client.read_deployment_by_name(f"{flow_name}/nightly")
        if deployment.parameters.get("store") == parameters["store"]:
            client.delete_deployment(deployment.id)
