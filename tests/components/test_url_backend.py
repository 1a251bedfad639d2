"""A backend that exists: which addresses a caller needs, and which port."""

from typing import Any

import pytest

from components.url_backend import UrlBackend, port_of
from tests.helpers.declare import declare, refusal


def cidrs(url: str, **args: Any) -> list[Any]:
    found: dict[str, Any] = {}
    declare(lambda: found.update(UrlBackend("backend", {"url": url, **args}).endpoint))
    assert found["port"] == port_of(url)
    return list(found.get("backend_cidrs", []))


def test_an_address_is_its_own_range() -> None:
    assert cidrs("http://10.1.2.3:8080") == ["10.1.2.3/32"]
    assert cidrs("http://[2001:db8::7]:8080/base") == ["2001:db8::7/128"]


def test_a_name_stands_somewhere_in_the_vpc() -> None:
    assert cidrs("http://app.internal") == []


def test_named_ranges_win() -> None:
    assert cidrs("http://10.1.2.3", cidrs=["10.1.2.0/24"]) == ["10.1.2.0/24"]


def test_a_group_needs_no_ranges() -> None:
    assert cidrs("http://app.internal", security_group_id="sg-1") == []


@pytest.mark.parametrize(("url", "port"), [("http://a", 80), ("https://a/b", 443), ("http://a:8080", 8080)])
def test_the_port_is_the_urls_or_its_schemes(url: str, port: int) -> None:
    assert port_of(url) == port


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"url": "app.internal"}, "http(s)"),
        ({"url": "http://8.8.8.8"}, "its address is public"),
        ({"url": "http://a", "cidrs": ["10.0.0.0/8"], "security_group_id": "sg-1"}, "not both"),
        ({"url": "http://10.1.2.3", "cidrs": ["10.2.0.0/16"]}, "ranges with 10.1.2.3"),
        ({"url": "http://a", "cidrs": ["10.0.0.0/8", "10.0.0.0/8"]}, "each member once"),
        ({"url": "http://a", "cidrs": ["2001:DB8::/32"]}, "2001:db8::/32, the form in which AWS stores it"),
    ],
)
def test_what_cannot_be_is_refused(args: Any, words: str) -> None:
    assert words in str(refusal(lambda: UrlBackend("backend", args)))
