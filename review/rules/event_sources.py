"""What functions read: queues."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import Resource
from ..graph.reading import number, pointed, read
from ..reach import Reach
from .registry import Severity, rule

_DEFAULTS: Final = {"visibilityTimeoutSeconds": 30, "timeout": 3}


@rule("FIT-25", Severity.HIGH, on=("aws:lambda/eventSourceMapping:EventSourceMapping",), refused=True)
def queue_waits_for_its_reader(reach: Reach, resource: Resource) -> Iterator[str]:
    """A queue hides a message from others for as long as the function that reads it may run.

    Why: Lambda refuses an event source mapping of a queue with a shorter visibility timeout.
    Remedy: Set visibility_timeout_seconds of the queue to six times the timeout of the function, or more.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    graph = reach.model.graph
    for queue in pointed(graph, resource, "eventSourceArn", types=("aws:sqs/queue:Queue",)):
        for function in pointed(graph, resource, "functionName", types=types.FUNCTION):
            hidden, longest = (
                number(_DEFAULTS[key] if (value := read(one, key)) is None else value)
                for one, key in ((queue, "visibilityTimeoutSeconds"), (function, "timeout"))
            )
            if hidden is not None and longest is not None and hidden < longest:
                yield f"{queue.name} hides a message for {hidden:g} s, and {function.name} may run for {longest:g} s"
