"""The fixture for tests of people's own backends."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from review.serve.pytest_fixture import serve_stack as serve_stack
from review.serve.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def ended() -> Iterator[list[str]]:
    """Addresses that must be closed once the fixtures made after this one are gone."""
    urls: list[str] = []
    yield urls
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            plain_http.get(url)


def test_a_stack_answers_until_the_test_ends(ended: list[str], serve_stack: Callable[..., Served]) -> None:
    stack = serve_stack("examples/greeter-in-the-open.yaml", project=ROOT)
    route = next(stack.routes())
    ended.append(stack.url())
    assert plain_http.get(route.url, headers=route.headers).status_code == 200
