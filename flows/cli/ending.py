"""How the process of a command ends."""

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """End the process, once all that it started has ended, without taking the interpreter apart.

    Native libraries keep threads of their own. One that comes back to Python while the interpreter
    is taken apart aborts the process ("exception not rethrown", "terminate called without an
    active exception"): exit code 134, though the run had published.
    """
    # What the interpreter itself does first: wait for threads, and let libraries end theirs.
    threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)
