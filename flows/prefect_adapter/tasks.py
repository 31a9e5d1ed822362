"""Prefect's tasks and flows as a run uses them.

A Problem ends one with its sentence, and nothing is cached.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Failed
from prefect.utilities.annotations import quote

from data.problem import Problem

__all__ = ["fail_on_problem", "flow", "step", "unwrap_result"]
P = ParamSpec("P")
T = TypeVar("T")


def fail_on_problem(function: Callable[P, T]) -> Callable[P, T | State]:
    """Let a Problem end a task or a flow as Prefect's state `Failed`, with its sentence.

    Raised, it would come with a traceback in the log.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T | State:
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            return Failed(message=str(problem), data=problem)

    return call


def step(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function a Prefect task that raises the Problem it ends with.

    No result is cached: what a step leaves behind is in the store, not in Prefect.
    """

    def as_task(function: Callable[P, T]) -> Callable[P, T]:
        prefect_task = task(name=name, cache_policy=NO_CACHE, persist_result=False)
        body: Task[..., T | State] = prefect_task(fail_on_problem(function))

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            # Quoted: Prefect would look for futures in everything that a run has, its tables too.
            quoted_args = [quote(value) for value in args]
            quoted_kwargs = {keyword: quote(value) for keyword, value in kwargs.items()}
            return unwrap_result(body(*quoted_args, **quoted_kwargs))

        return call

    return as_task


def unwrap_result(result: T | State) -> T:
    """Return what a task or a flow returned; raise the Problem that it ended with."""
    if isinstance(result, State):
        return result.result()
    return result
