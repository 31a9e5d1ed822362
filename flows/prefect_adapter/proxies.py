"""Proxies are for what leaves the machine: never for Prefect's server on the loopback address.

Exceptions in NO_PROXY are not enough. Prefect's client prepares every proxy that it sees before it
looks at exceptions, and ends on one that it cannot use: SOCKS, an exception like ::1/128 (httpx
0.28, November 2026). So proxies are hidden, also for processes that are started from here, and
put back while something is sent outside.
"""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

SUFFIX = "_proxy"
PREFIX = "SERVICEKPI_PROXY_"
LOOPBACK = "127.0.0.1,localhost,::1"


def hide_proxies() -> None:
    """Hide proxies: rename the variables by which every HTTP client would find them."""
    # In this order a name in small letters comes last, and wins as it does everywhere.
    for name in sorted(name for name in os.environ if name.lower().endswith(SUFFIX)):
        scheme = name.lower().removesuffix(SUFFIX)
        os.environ[PREFIX + scheme] = os.environ.pop(name)


@contextmanager
def outward_proxies() -> Iterator[None]:
    """Let the block use the proxies that were hidden, but not for the loopback address."""
    before = dict(os.environ)
    proxies = {
        name.removeprefix(PREFIX) + SUFFIX: value
        for name, value in before.items()
        if name.startswith(PREFIX)
    }
    exceptions = [proxies.get("no_proxy", before.get("no_proxy")), LOOPBACK]
    os.environ.update(proxies, no_proxy=",".join(filter(None, exceptions)))
    # urllib keeps the first opener of a process, and with it the proxies of that moment.
    urllib.request.install_opener(None)
    try:
        yield
    finally:
        urllib.request.install_opener(None)
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
