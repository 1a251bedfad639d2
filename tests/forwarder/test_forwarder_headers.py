"""Which headers of an event the backend receives: none by which a caller speaks for the gateway."""

import pytest

from tests.forwarder.setting import Serve, call, event
from tests.forwarder.test_forwarder_events import ADDED, GATEWAY, received


def test_hop_by_hop_headers_stay_behind(serve: Serve) -> None:
    given = call(
        connection="close, X-Private , keep-alive",
        x_private="1",
        keep_alive="timeout=5",
        proxy_authorization="Basic eDp5",
        Proxy_Connection="keep-alive",
        Proxy_Anything="1",
        te="trailers",
        trailer="Expires",
        transfer_encoding="chunked",
        upgrade="websocket",
        x_public="2",
    )
    got = received(serve, given)
    assert {name for name, _ in got.headers} == ADDED - {"x-forwarded-host"} | {"x-public"}


def test_spellings_that_cgi_reads_as_hop_by_hop_stay_behind(serve: Serve) -> None:
    # Bottle decodes chunks if HTTP_TRANSFER_ENCODING says so, and would read another body than the one that is sent.
    given = call("POST", body="3\r\nabc\r\n0\r\n\r\n")
    given["multiValueHeaders"] = {"Transfer_Encoding": ["chunked"], "proxy.authorization": ["Basic eDp5"], "X_A": ["1"]}
    got = received(serve, given)
    assert {name for name, _ in got.headers} == ADDED - {"x-forwarded-host"} | {"content-length", "x_a"}


@pytest.mark.parametrize("name", ["Proxy", "PROXY", "proxy"])
def test_a_caller_cannot_choose_the_proxy_of_a_cgi_program(serve: Serve, name: str) -> None:
    given = call()
    given["multiValueHeaders"] = {name: ["http://proxy.invalid:3128"], "X-Proxy": ["1"]}
    got = received(serve, given)
    assert {name for name, _ in got.headers} == ADDED - {"x-forwarded-host"} | {"x-proxy"}


def test_credentials_for_a_proxy_stay_behind(serve: Serve) -> None:
    assert received(serve, call(proxy_authorization="Basic eDp5")).values("proxy-authorization") == []


def test_a_caller_cannot_speak_for_the_gateway(serve: Serve) -> None:
    given = call(
        host=GATEWAY,
        x_forwarded_proto="http",
        x_forwarded_port="80",
        x_forwarded_host="evil.invalid",
        x_forwarded_for="203.0.113.9",
        x_request_id="mine",
    )
    got = received(serve, given)
    assert got.values("x-forwarded-proto") == ["https"]
    assert got.values("x-forwarded-port") == ["443"]
    assert got.values("x-forwarded-host") == [GATEWAY]
    assert got.values("x-forwarded-for") == ["203.0.113.9, 198.51.100.7"]
    assert got.values("x-request-id") == ["mine"]


def test_several_forwarded_for_become_one_chain(serve: Serve) -> None:
    given = call()
    given["multiValueHeaders"] = {"X-Forwarded-For": ["203.0.113.9", "203.0.113.10,198.51.100.7"]}
    assert received(serve, given).values("x-forwarded-for") == ["203.0.113.9, 203.0.113.10, 198.51.100.7"]


@pytest.mark.parametrize("name", ["rest", "http_2_named_stage", "http_1_named_stage"])
def test_the_source_is_the_chain_where_there_is_none(serve: Serve, name: str) -> None:
    given = event(name)
    for headers in (given["headers"], given.get("multiValueHeaders", {})):
        for folded in [key for key in headers if key.lower() == "x-forwarded-for"]:
            del headers[folded]
    assert received(serve, given).values("x-forwarded-for") == ["198.51.100.7"]


def test_the_callers_host_where_it_is_wanted(serve: Serve) -> None:
    assert received(serve, event("rest"), FORWARD_HOST="client").values("host") == [GATEWAY]
    nameless = call()
    nameless["requestContext"]["domainName"] = "api.example.com"
    assert received(serve, nameless, FORWARD_HOST="client").values("host") == ["api.example.com"]
    assert received(serve, call(), FORWARD_HOST="client").values("host")[0].startswith("127.0.0.1:")


def test_headers_without_the_mapping_of_lists(serve: Serve) -> None:
    given = call()
    del given["multiValueHeaders"]
    given["headers"] = {"x-one": "1"}
    given["queryStringParameters"] = {"a": "b c"}
    got = received(serve, given)
    assert got.values("x-one") == ["1"]
    assert got.target == "/?a=b%20c"


def test_characters_beyond_ascii_in_a_header_leave_in_utf_8(serve: Serve) -> None:
    """AWS decodes the values of events from UTF-8, see `forwarder.headers.readable`."""
    got = received(serve, call(x_name="Zoë", x_sum="5 €", x_tab="a\tb", x_blank="  c  ", x_x="XcX"))
    assert got.values("x-name") == ["Zoë".encode().decode("latin-1")]
    assert got.values("x-sum") == ["5 €".encode().decode("latin-1")]
    assert got.values("x-tab") == ["a\tb"]
    assert got.values("x-blank") == ["c"]
    assert got.values("x-x") == ["XcX"]


@pytest.mark.parametrize(
    "name",
    ["Forwarded", "X_Forwarded_For", "x_forwarded_host", "X-Forwarded_Proto", "X.Forwarded.Port", "X_FORWARDED_PREFIX"],
)
def test_what_a_server_could_take_for_a_vouched_field_stays_behind(serve: Serve, name: str) -> None:
    given = call(host=GATEWAY)
    given["multiValueHeaders"] |= {name: ["for=203.0.113.9"], "X_Other": ["kept"]}
    got = received(serve, given)
    assert "203.0.113.9" not in str(got.headers)
    assert got.values("x_other") == ["kept"]
