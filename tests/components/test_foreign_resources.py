"""Functions and certificates of an account or region in which AWS would refuse them are refused before."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.api_front import ApiFront
from components.private_ingress import PrivateIngress
from components.testing import Mocks
from components.testing.recorder import Graph
from tests.components.front import ARGS, FUNCTION, ROUTE
from tests.helpers.declare import ProgramError, evaluate

OWN, OTHER = "111122223333", "444455556666"
CONFIG = {"aws:region": "eu-west-1", "aws:allowedAccountIds": f'["{OWN}"]'}


def name_function(account: str, region: str = "eu-west-1") -> str:
    return f"arn:aws:lambda:{region}:{account}:function:orders"


def declare_front(
    function: Callable[[], pulumi.Input[str]], options: Callable[[], dict[str, Any]] = dict, **changes: Any
) -> Graph:
    def program() -> None:
        targets = {"backend": {**FUNCTION, "function_name": function()}}
        ApiFront("front", {**ARGS, "targets": targets, **changes}, pulumi.ResourceOptions(**options()))

    return evaluate(program, Mocks(), config=CONFIG)


@pytest.mark.parametrize("make", [str, pulumi.Output.from_input])
@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (
            name_function(OTHER),
            f"a function of {OWN} .aws:allowedAccountIds.: .* cannot add in account {OTHER}; deploy",
        ),
        (
            name_function(OWN, "us-east-1"),
            "a function of eu-west-1, the region of the stack; this one lies in us-east-1",
        ),
    ],
)
def test_a_foreign_function_is_refused(arn: str, words: str, make: Callable[[str], pulumi.Input[str]]) -> None:
    with pytest.raises(ProgramError, match=f"ApiFront: targets.backend.function_name: got '{arn}'; {words}"):
        declare_front(lambda: make(arn))


def test_an_authorizer_of_another_account_is_refused() -> None:
    authorizer = {"kind": "lambda", "function_name": name_function(OTHER), "invoke_arn": FUNCTION["invoke_arn"]}
    route = {**ROUTE, "authorization": "login"}
    with pytest.raises(ProgramError, match=r"authorizers\.login\.function_name: .* cannot add in account"):
        declare_front(lambda: name_function(OWN), authorizers={"login": authorizer}, routes=[route])


def test_a_function_is_accepted_where_the_provider_may_reach_it() -> None:
    declare_front(lambda: name_function(OWN))
    declare_front(lambda: "orders")
    # Nobody knows the account of a provider that the program passes.
    declare_front(
        lambda: name_function(OTHER), lambda: {"provider": aws.Provider("other", aws.ProviderArgs(region="eu-west-1"))}
    )


def test_a_certificate_of_another_region_is_refused() -> None:
    there = "arn:aws:acm:us-east-1:111122223333:certificate/x"
    words = "got '.*us-east-1.*'; a certificate of eu-west-1, the region of the stack"
    for domain in ({"certificate_arn": there}, {"zone_id": "Z0123456789ABC", "certificate_arn": there}):
        with pytest.raises(ProgramError, match=rf"ApiFront: domain\.certificate_arn: {words}"):
            declare_front(lambda: name_function(OWN), domain={"name": "api.example.com", **domain})
    place = {
        "vpc_id": "vpc-00000001",
        "subnet_ids": ["subnet-00000001", "subnet-00000002"],
        "kind": "alb",
        "link": "v2",
    }
    ingress: Any = {**place, "certificate_arn": there, "server_name": "app.example.com", "port": 443}
    with pytest.raises(ProgramError, match=f"PrivateIngress: certificate_arn: {words}"):
        evaluate(lambda: PrivateIngress("ingress", ingress), Mocks(), config=CONFIG)
