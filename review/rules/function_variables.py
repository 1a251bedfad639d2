"""Variables of functions that Lambda sets itself."""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import Resource
from ..graph.given import held_input
from ..graph.prose import listed
from ..graph.reading import as_mapping
from .registry import Severity, rule

_OWN: Final = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_\w+|LOG_\w+|RUNTIME_API)"
    r"|AWS_(ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
)


@rule("FIT-38", Severity.HIGH, on=types.FUNCTION)
def variables_are_not_of_lambda(resource: Resource) -> Iterator[str]:
    """A function sets no variable that Lambda sets itself.

    Why: Lambda refuses reserved variables.
    Remedy: Give the variable another name; the code can read Lambda's own.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    if own := sorted(filter(_OWN.fullmatch, as_mapping(held_input(resource, "environment", "variables")))):
        yield f"{resource.name} sets {listed(own)}"
