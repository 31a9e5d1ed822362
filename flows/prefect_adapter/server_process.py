"""A Prefect server as a process: `python -m flows.prefect_adapter.server_process DESCRIPTOR`.

It listens on a socket that its parent opened, so that nobody can take the port in between, and ends
when its parent does, however that ends: the parent's end of its standard input is closed then.
"""

import socket
import sys
from threading import Thread

import uvicorn
from prefect.server.api.server import create_app


def run_server(descriptor: int) -> None:
    """Serve Prefect's API, pages and scheduler on a socket, until standard input ends."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(final=True), log_level="error", timeout_graceful_shutdown=10)
    )

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    Thread(target=end_with_parent, daemon=True).start()
    server.run([socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    run_server(int(sys.argv[1]))
