"""A run as Prefect's flow, and its steps as the flow's tasks.

A Problem ends either with its sentence, and nothing is cached. Outside of a flow a step is the
function that it is, and Prefect is not imported, which takes seconds.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from data.problem import Problem

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State

P = ParamSpec("P")
T = TypeVar("T")

_is_flow: ContextVar[bool] = ContextVar("is_flow", default=False)


def is_in_flow() -> bool:
    """Return whether the caller is run by a flow of Prefect's."""
    return _is_flow.get()


def warm_up() -> None:
    """Start Prefect's API where no server is named: the flow then does not wait for it."""
    from flows.prefect_adapter.api_server import reachable_api

    with reachable_api():
        pass


def run_as_flow(name: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns that Prefect runs as a flow; raise the Problem it ends with.

    Steps that the function takes are tasks of the flow.
    """
    from prefect import flow

    from flows.prefect_adapter.api_server import reachable_api

    @wraps(function)
    def in_flow(*args: P.args, **kwargs: P.kwargs) -> T:
        token = _is_flow.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            _is_flow.reset(token)

    # Not validated: Prefect would copy the arguments field by field, and check what is typed
    # already.
    as_flow = flow(name=name, log_prints=False, persist_result=False, validate_parameters=False)
    with reachable_api():
        return _unwrap_result(as_flow(_fail_on_problem(in_flow))(*args, **kwargs))


def step(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function a task of the flow that calls it, which raises the Problem it ends with.

    No result is cached: what a step leaves behind is in the store, not in Prefect.
    """

    def as_step(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if not is_in_flow():
                return function(*args, **kwargs)
            from prefect.utilities.annotations import quote

            # Quoted: Prefect would look for futures in everything that a run has, its tables too.
            quoted_args = [quote(value) for value in args]
            quoted_kwargs = {keyword: quote(value) for keyword, value in kwargs.items()}
            return _unwrap_result(_make_task(name, function)(*quoted_args, **quoted_kwargs))

        return call

    return as_step


@cache
def _make_task(name: str, function: Callable) -> "Task":
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    as_task = task(name=name, cache_policy=NO_CACHE, persist_result=False)
    return as_task(_fail_on_problem(function))


def _fail_on_problem(function: Callable[P, T]) -> "Callable[P, T | State]":
    """Let a Problem end a task or a flow as Prefect's state `Failed`, with its sentence.

    Raised, it would come with a traceback in the log.
    """
    from prefect.states import Failed

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> "T | State":
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            return Failed(message=str(problem), data=problem)

    return call


def _unwrap_result(result: "T | State") -> T:
    """Return what a task or a flow returned; raise the Problem that it ended with."""
    from prefect.client.schemas.objects import State

    if isinstance(result, State):
        return result.result()
    return result
