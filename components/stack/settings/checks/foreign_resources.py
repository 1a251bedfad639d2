"""Resources of another account that a stack would have to change."""

from collections.abc import Iterator, Sequence

from ..api import Api
from ..backend import Backend, Listener
from ..function import Function
from ..mistakes import Mistake
from ..unknown import require_known
from .rule import make_mistake, register


@register
def check_functions(api: Api, accounts: Sequence[str]) -> Iterator[Mistake]:
    """The stack adds a permission to each function that it names, which only its account takes.

    https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    """
    for name, function in api.functions.items():
        yield from _check_function(f"api.functions.{name}.arn", function, accounts)
    for name, authorizer in api.authorizers.items():
        if authorizer.function is not None:
            yield from _check_function(f"api.authorizers.{name}.function.arn", authorizer.function, accounts)


def _check_function(key: str, function: Function, accounts: Sequence[str]) -> Iterator[Mistake]:
    if function.arn is None:
        return
    account = require_known(function.arn).split(":")[4]
    remedy = "deploy the function with this stack (code in place of arn), or call its API by backend.url"
    if accounts and account not in accounts:
        allowed = (
            f"a function of {' or '.join(accounts)} (aws:allowedAccountIds): the API needs a permission of the "
            f"function, which this stack cannot add in account {account}"
        )
        yield make_mistake(key, function.arn, allowed, remedy)


@register
def check_listener_account(backend: Backend, accounts: Sequence[str]) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html"""
    if not isinstance(backend, Listener) or not accounts:
        return
    account = require_known(backend.listener_arn).split(":")[4]
    if account not in accounts:
        allowed = f"a listener of {' or '.join(accounts)} (aws:allowedAccountIds): a VPC link calls its own account's"
        remedy = "name one of the stack's account, or share the service by PrivateLink and name it in backend.url"
        yield make_mistake("backend.listenerArn", backend.listener_arn, allowed, remedy)
