"""Where a Prefect server is, or may be: on a port of the loopback address, or at a URL."""

import errno
import re
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from data.problem import Problem

TIMEOUT_SECONDS = 5


def listen(port: int) -> socket.socket:
    """Return a socket on the loopback address; 0 is a port that the system chooses.

    Raises Problem where the port is taken, or cannot be listened on.
    """
    listening = socket.socket()
    # As a server's port is free again at once when the server has ended.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Problem(
                f"port {port} is taken: another server listens on it",
                "choose another one with --port, or name that server with --server "
                f"http://127.0.0.1:{port}/api",
                "prefect-server",
            ) from None
        raise Problem(
            f"nothing can listen on port {port} of the loopback address: {error.strerror}",
            "choose another port, or let the machine have a loopback address (ip link set lo up)",
            "prefect-server",
        ) from None
    return listening


def does_answer(api: str) -> bool:
    """Return whether a Prefect server answers at its API's URL, even if it wants a password."""
    try:
        with urllib.request.urlopen(f"{api.rstrip('/')}/health", timeout=TIMEOUT_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except (OSError, ValueError):
        return False


def hide_password(url: str) -> str:
    """Return a URL without the password that it may hold."""
    return re.sub("//[^/]*@", "//***@", url)


def is_on_loopback(url: str) -> bool:
    """Return whether a URL names this machine itself."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
