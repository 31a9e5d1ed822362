"""Prefect's tasks and flows as a run uses them: a Problem ends one with its sentence, and nothing
is cached.
"""

from functools import wraps

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.states import Failed, State
from prefect.utilities.annotations import quote

from data.problem import Problem


def fail_on_problem(function):
    """Let a Problem end a task or a flow as Prefect's state `Failed` with its sentence, without a
    traceback in the log.
    """

    @wraps(function)
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            return Failed(message=str(problem), data=problem)

    return inner


def step(name: str):
    """A Prefect task without result caching: what a step leaves behind is in the store, not in
    Prefect.
    """

    def wrapped(function):
        body = task(name=name, cache_policy=NO_CACHE, persist_result=False)(
            fail_on_problem(function)
        )
        # Quoted: Prefect would look for futures in everything that a run holds, its tables too.
        return wraps(function)(lambda *args: unwrap_result(body(*map(quote, args))))

    return wrapped


def unwrap_result(result):
    """What a task or a flow returned; the Problem that it ended with is raised."""
    return result.result() if isinstance(result, State) else result
