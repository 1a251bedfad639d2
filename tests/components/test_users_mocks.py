"""What a user's program and unit tests meet: the page on the library, made-up IDs, and documents that exist."""

import asyncio
import json
from pathlib import Path

import pulumi
import pytest

from components import PrivateNetwork
from components.facts.documents import name_documents
from components.facts.route_paths import shorten_routes, split_route
from components.testing import Mocks

PAGE = (Path(__file__).parents[2] / "docs/library.md").read_text()


def test_a_refusal_of_a_made_up_vpc_names_the_argument() -> None:
    mocks = Mocks()
    args = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
    with pytest.raises(pulumi.RunError) as refused:
        mocks.run(lambda: PrivateNetwork("network", args))
    assert "pass the ID of the program's VPC as `vpc_id=`" in "".join(refused.value.__notes__)
    Mocks(vpc_id="vpc-00000001").run(lambda: PrivateNetwork("network", args))


def test_mocks_run_after_a_test_that_ended_its_event_loop() -> None:
    asyncio.run(asyncio.sleep(0))
    Mocks(vpc_id="vpc-00000001").run(lambda: None)


def test_the_private_api_of_the_page_admits_its_endpoint_and_has_its_name() -> None:
    program = (
        PAGE.partition("## A private API\n\n```python\n")[2].partition("```")[0].replace("gatehouse", "components")
    )
    mocks = Mocks()
    mocks.run(lambda: exec(program, {}))
    (api,) = mocks.inputs("RestApi")
    (endpoint,) = api["endpointConfiguration"]["vpcEndpointIds"]
    assert endpoint in json.dumps(json.loads(api["body"])["x-amazon-apigateway-policy"])


def test_a_document_is_a_file_of_a_clone_and_a_command_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "see docs/settings.md, docs/first-deployment.md of Gatehouse and https://a.invalid/docs/settings.md#a"
    assert name_documents(text) == text
    monkeypatch.chdir(tmp_path)
    words = "see `gatehouse docs settings`, `gatehouse docs first-deployment` and https://a.invalid/docs/settings.md#a"
    assert name_documents(text) == words


@pytest.mark.parametrize(
    ("short", "routes"),
    [
        ("GET /a/*", ["GET /a", "GET /a/{proxy+}"]),
        ("ANY /*", ["ANY /", "ANY /{proxy+}"]),
        ("GET /a", ["GET /a"]),
        ("side", ["side"]),
    ],
)
def test_one_acknowledgement_is_enough_for_a_route_with_its_subpaths(short: str, routes: list[str]) -> None:
    assert split_route(short) == routes
    assert shorten_routes(routes) == [short]


def test_an_acknowledgement_has_methods_and_an_api() -> None:
    assert split_route("GET HEAD /a/* of front") == [
        "GET /a of front", "GET /a/{proxy+} of front", "HEAD /a of front", "HEAD /a/{proxy+} of front"
    ]  # fmt: skip
    assert shorten_routes(["GET /a", "POST /a/{proxy+}"]) == ["GET /a", "POST /a/{proxy+}"]
