"""Changes that reviewers tried and that a comparison had wrong or hid: each begins with what they must hear.

Other changes of callers are tested on statements, in review/tests/compare/test_callers.py.
"""

from typing import Any, Final, NamedTuple

import pytest

from review.compare.comparison import Comparison
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

_BACKEND: Final = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
_BASE: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": _BACKEND,
}
_CALLS: Final = "GET HEAD POST PUT /orders (and below) of front"
_SIGNED: Final = {"scheme": "github", "secret": {"secure": "v1:drawn:text"}}


class Row(NamedTuple):
    before: dict[str, Any]
    change: dict[str, Any]
    begins: str
    fails: bool = False
    hides: tuple[str, ...] = ()
    """Words that no line may have."""


def api(*routes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"api": {"kind": "rest", "routes": [*routes], **more}}


def orders(**route: Any) -> dict[str, Any]:
    return {"path": "/orders", **route}


def accounts(*ids: str) -> dict[str, Any]:
    return api(orders(authorization="iam"), callerAccountIds=[*ids])


def domain(**more: Any) -> dict[str, Any]:
    named = {"name": "api.example.com", "zoneId": "Z0123456789ABCDEFGHIJ", **more}
    return api(orders(authorization="iam"), domain=named)


def listener(last: str) -> dict[str, Any]:
    arn = f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/{last}"
    return {
        "topology": "vpc-link",
        "backend": {"listenerArn": arn},
        "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
        "api": {"kind": "http", "routes": [{"path": "/", "authorization": "iam"}]},
    }


def shop(url: str) -> dict[str, Any]:
    network = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
    routes = orders(authorization="iam"), {"path": "/shop", "target": "shop"}
    services = {"backends": {"shop": {"url": url, "webhook": _SIGNED}}}
    return {"network": network, "backend": {"url": "http://app.internal:8080"}, **services, **api(*routes)}


_SERVICE: Final = {
    "backends": {"shop": {**_BACKEND, "webhook": _SIGNED}},
    **api(orders(authorization="iam"), {"path": "/hook", "methods": ["POST"], "target": "shop"}),
}
_OPEN: Final = {
    "backends": None,
    **api(orders(authorization="iam"), {"path": "/hook", "methods": ["POST"]}),
}
ROWS: Final[dict[str, Row]] = {
    "an account more": Row(
        accounts(), accounts("333344445555"), f"Accepts more callers: {_CALLS} (+ account 333344445555)", True
    ),
    "another account": Row(
        accounts("1" * 12),
        accounts("2" * 12),
        f"Accepts other callers: {_CALLS} (+ account {'2' * 12}, − account {'1' * 12})",
        True,
    ),
    "a second address": Row(
        domain(),
        domain(disableDefaultEndpoint=False),
        "Opens a second address: its own address of front beside api.example.com: whatever guards the domain does not",
        True,
    ),
    "a second address without the certificate": Row(
        domain(truststore="s3://trusted/a.pem"),
        domain(truststore="s3://trusted/a.pem", disableDefaultEndpoint=False),
        "Opens a second address: its own address of front",
        True,
    ),
    "each method": Row(
        api(orders(methods=["GET", "POST"], authorization="iam")),
        api(orders(methods=["ANY"], authorization="iam")),
        "Adds calls: DELETE HEAD OPTIONS PATCH PUT /orders (and below) of front",
    ),
    "a plain value beside a secret": Row(
        shop("https://shop.example.com"),
        shop("https://other.example.com"),
        "Leads to other places: shop-proxy (+ https://other.example.com, − https://shop.example.com)",
        hides=("o longer secret", "drawn"),
    ),
    "another range of the network": Row(
        api(orders(authorization="iam")),
        {"network": {"egress": "nat-instance", "cidr": "10.7.0.0/16"}},
        "Replaces the network: network-vpc (cidrBlock: 10.0.0.0/16 → 10.7.0.0/16), and with it ",
    ),
    "a signed service becomes an open route": Row(
        _SERVICE, _OPEN, "Opens to anyone: POST /hook (and below) of front (− signature)", True
    ),
    "another listener": Row(
        listener("1" * 16), listener("2" * 16), "Sends calls elsewhere: ", hides=("fromPort: 4", "→ 5")
    ),
    "another image": Row(
        api(orders(authorization="iam")),
        {"backend": {**_BACKEND, "image": "traefik/whoami:v1.10.0"}},
        "3 resources change: backend-instance (Instance)",
    ),
}


def compare(row: Row) -> Comparison:
    before = {**_BASE, **row.before}
    return compare_graphs(remembered(before), remembered({**before, **row.change}))


@pytest.mark.parametrize("name", ROWS)
def test_the_heading_begins_with_what_a_reviewer_must_hear(name: str) -> None:
    row, found = ROWS[name], compare(ROWS[name])
    assert found.headings[0].startswith(row.begins), found.headings
    assert bool(found.failures) == row.fails, found.failures
    text = "\n".join(line.sentence for line in found.lines)
    assert not [word for word in row.hides if word in text], text
    assert "output" not in found.heading


def test_the_other_account_of_the_same_change_is_fewer() -> None:
    row = ROWS["an account more"]
    back = compare(Row(row.change, row.before, ""))
    assert back.headings == [f"Accepts fewer callers: {_CALLS} (− account 333344445555)"]
    assert back.failures == []


def test_a_certificate_that_a_second_address_leaves_out_is_said() -> None:
    found = compare(ROWS["a second address without the certificate"])
    assert f"Accepts more callers: {_CALLS} (− certificate)" in found.headings


def test_more_methods_do_not_lower_the_limit() -> None:
    (limit,) = (head for head in compare(ROWS["each method"]).headings if head.startswith("Costs at the limits"))
    was, now = (float(part.split(" ")[0].replace(",", "")) for part in limit.split("$")[1:3])
    assert now > was
