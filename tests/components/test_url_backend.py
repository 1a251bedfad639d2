"""A backend that exists: which addresses a caller needs, and which port."""

from typing import Any

import pytest

from components.url_backend import UrlBackend, port_of
from tests.components.declare import declare, refusal


def cidrs(url: str, **args: Any) -> list[Any]:
    found: list[Any] = []
    declare(lambda: found.extend(UrlBackend("backend", {"url": url, **args}).cidr_list))  # type: ignore[typeddict-item]
    return found


def test_an_address_is_its_own_range() -> None:
    assert cidrs("http://10.1.2.3:8080") == ["10.1.2.3/32"]
    assert cidrs("http://[2001:db8::7]:8080/base") == ["2001:db8::7/128"]


def test_a_name_stands_somewhere_in_the_vpc() -> None:
    assert cidrs("http://app.internal", fallback_cidr="10.0.0.0/16") == ["10.0.0.0/16"]


def test_named_ranges_win() -> None:
    assert cidrs("http://10.1.2.3", cidrs=["10.1.2.0/24"]) == ["10.1.2.0/24"]


def test_a_group_needs_no_ranges() -> None:
    assert cidrs("http://app.internal", security_group_id="sg-1") == []


@pytest.mark.parametrize(("url", "port"), [("http://a", 80), ("https://a/b", 443), ("http://a:8080", 8080)])
def test_the_port_is_the_urls_or_its_schemes(url: str, port: int) -> None:
    assert port_of(url) == port


def test_a_name_that_may_stand_anywhere_is_refused() -> None:
    assert "fallback_cidr" in str(refusal(lambda: UrlBackend("backend", {"url": "http://app.internal"})))
    assert "http(s)" in str(refusal(lambda: UrlBackend("backend", {"url": "app.internal"})))
