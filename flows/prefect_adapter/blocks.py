"""Prefect's notification blocks."""

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Awaitable

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.settings import PREFECT_API_URL

from flows.prefect_adapter.proxies import outward_proxies

TIMEOUT_SECONDS = 300  # to start Prefect, on a busy machine


def send_through_block(name: str, subject: str, text: str) -> None:
    """Send a text through a notification block, `type/name`: one of the server that is used, else
    one of the store's own server (servicekpi serve), from its database.

    Raises whatever a block, its service or Prefect comes up with.
    """
    if PREFECT_API_URL.value():
        _load_and_send(name, subject, text)
        return
    # A process of its own: this one's API has another database (api_server.py), and Prefect has
    # one per process.
    command = [sys.executable, "-m", __name__, name, subject]
    subprocess.run(
        command, input=text.encode(), capture_output=True, timeout=TIMEOUT_SECONDS, check=True
    )


def _load_and_send(name: str, subject: str, text: str) -> None:
    block = Block.load(name)
    if not isinstance(block, NotificationBlock):
        raise TypeError(f"{type(block).__name__} sends no notifications")
    # Without this a block of Prefect keeps a failure to itself (Prefect 3.8).
    with outward_proxies(), block.raise_on_failure():
        sending = block.notify(text, subject)
        # Blocks that come with Prefect send at once, others may return a coroutine.
        if inspect.isawaitable(sending):
            asyncio.run(_wait_for(sending))


async def _wait_for(sending: Awaitable[None]) -> None:
    await sending


if __name__ == "__main__":
    _load_and_send(sys.argv[1], sys.argv[2], sys.stdin.buffer.read().decode())
