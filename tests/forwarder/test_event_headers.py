"""The headers that the backend receives for an event, and those that the forwarder keeps back or vouches for."""

import pytest

from tests.forwarder.event_formats import FORMATS, REST_HOST
from tests.forwarder.setting import Serve, call, event, received

# What is there without the caller having sent it: RFC 9112 wants Host, the contract the rest.
ADDED = {"host", "x-request-id", *(f"x-forwarded-{end}" for end in ("for", "host", "port", "prefix", "proto"))}


def test_nothing_is_invented(serve: Serve) -> None:
    given = event("rest") | {"body": None}
    sent = {name.lower() for name in given["multiValueHeaders"]} | {"content-length"}
    assert {name for name, _ in received(serve, given).headers} == sent | ADDED
    bare = call()
    assert {name for name, _ in received(serve, bare).headers} == ADDED - {"x-forwarded-host"}
    bare["requestContext"]["path"] = "/"
    assert {name for name, _ in received(serve, bare).headers} == ADDED - {"x-forwarded-host", "x-forwarded-prefix"}


def test_hop_by_hop_headers_stay_behind_also_in_spellings_that_cgi_reads_so(serve: Serve) -> None:
    given = call("POST", body="3\r\nabc\r\n0\r\n\r\n")
    given["multiValueHeaders"] = {
        "Connection": ["close, X-Private , keep-alive"],
        "X-Public": ["2"],
        "X_A": ["1"],
        "X-Proxy": ["1"],
        # Bottle decodes chunks if HTTP_TRANSFER_ENCODING says so, and would read another body than the one sent.
        "Transfer_Encoding": ["chunked"],
        "proxy.authorization": ["Basic eDp5"],
        # CGI programs take HTTP_PROXY for the proxy of their own calls.
        **{key: ["http://proxy.invalid:3128"] for key in ("Proxy", "PROXY")},
    }
    names = (
        "X-Private Keep-Alive Proxy-Authorization Proxy-Connection Proxy-Anything TE Trailer Transfer-Encoding Upgrade"
    )
    given["multiValueHeaders"] |= {name: ["1"] for name in names.split()}
    got = received(serve, given)
    kept = {"x-public", "x_a", "x-proxy", "content-length"}
    assert {name for name, _ in got.headers} == ADDED - {"x-forwarded-host"} | kept


def test_a_caller_cannot_speak_for_the_gateway(serve: Serve) -> None:
    given = call(host=REST_HOST, x_forwarded_proto="http", x_forwarded_port="80", x_forwarded_host="evil.invalid")
    given["multiValueHeaders"] |= {"x-forwarded-for": ["203.0.113.9"], "x-request-id": ["mine"], "X_Other": ["kept"]}
    # What a server could take for a field that the forwarder vouches for.
    names = "Forwarded X_Forwarded_For x_forwarded_host X-Forwarded_Proto X.Forwarded.Port X_FORWARDED_PREFIX"
    given["multiValueHeaders"] |= {name: ["for=evil.invalid"] for name in names.split()}
    got = received(serve, given)
    expected = {
        "x-forwarded-proto": ["https"],
        "x-forwarded-port": ["443"],
        "x-forwarded-host": [REST_HOST],
        "x-forwarded-for": ["203.0.113.9, 198.51.100.7"],
        "x-request-id": ["mine"],
        "x_other": ["kept"],
    }
    assert {name: got.values(name) for name in expected} == expected
    assert "evil.invalid" not in str(got.headers)


@pytest.mark.parametrize(
    ("sent", "chain"),
    [
        ([], "198.51.100.7"),
        (["203.0.113.9, 198.51.100.7"], "203.0.113.9, 198.51.100.7"),
        (["203.0.113.9", "203.0.113.10,198.51.100.7"], "203.0.113.9, 203.0.113.10, 198.51.100.7"),
        (["203.0.113.9"], "203.0.113.9, 198.51.100.7"),
    ],
)
def test_the_source_ends_one_chain(serve: Serve, sent: list[str], chain: str) -> None:
    assert received(serve, call() | {"multiValueHeaders": {"X-Forwarded-For": sent}}).values("x-forwarded-for") == [
        chain
    ]
    for name in FORMATS:
        given = event(name)
        for headers in (given["headers"], given.get("multiValueHeaders", {})):
            for folded in [key for key in headers if key.lower() == "x-forwarded-for"]:
                del headers[folded]
        assert received(serve, given).values("x-forwarded-for") == ["198.51.100.7"]


def test_the_callers_host_where_it_is_wanted(serve: Serve) -> None:
    assert received(serve, event("rest"), FORWARD_HOST="client").values("host") == [REST_HOST]
    nameless = call()
    nameless["requestContext"]["domainName"] = "api.example.com"
    assert received(serve, nameless, FORWARD_HOST="client").values("host") == ["api.example.com"]
    assert received(serve, call(), FORWARD_HOST="client").values("host")[0].startswith("127.0.0.1:")


@pytest.mark.parametrize("name", FORMATS)
def test_a_header_beyond_ascii_is_sent_as_utf_8(serve: Serve, name: str) -> None:
    """AWS decodes the values of events from UTF-8, see `forwarder.headers.readable`."""
    given = event(name)
    sent = {"x-one": "é", "x-two": "Ž", "x-sum": "5 €", "x-tab": "a\tb", "x-blank": "  c  ", "x-x": "XcX"}
    given["headers"] |= sent
    # Backends written for AWS Lambda Web Adapter trust both fields, see its pull request 286.
    given["headers"] |= {"X-Amzn-Lambda-Context": "{}", "x_amzn_request_context": "{}"}
    got = received(serve, given)
    for header, text in sent.items():
        assert got.values(header) == [text.strip(" ").encode().decode("latin-1")]
    assert not [header for header, _ in got.headers if "context" in header]


# --- refused
