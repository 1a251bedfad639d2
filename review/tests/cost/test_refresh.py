"""The price table, renewed from a price API that is played by a stub: nothing here leaves the machine."""

import copy
import datetime
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from review.cost.prices import TABLE, Prices, expand_rows
from review.cost.queries import find_query
from review.cost.refresh import Outcome, RefreshError, connect, format_table, main, refresh

TODAY = datetime.date(2027, 3, 14)
Tiers = list[tuple[str, str, str]]


def product(usage: str, tiers: Tiers, *, term: str = "OnDemand", **attributes: str) -> dict[str, Any]:
    """A product as the API writes it: begin, end and dollars of each tier."""
    dimensions = {
        f"sku.{number}": {"beginRange": begin, "endRange": end, "pricePerUnit": {"USD": usd}}
        for number, (begin, end, usd) in enumerate(tiers)
    }
    return {
        "product": {"attributes": {"usagetype": usage, **attributes}},
        "terms": {term: {"sku.term": {"priceDimensions": dimensions}}},
    }


def flat(usage: str, usd: str, **attributes: str) -> dict[str, Any]:
    return product(usage, [("0", "Inf", usd)], **attributes)


class PriceApi:
    """Answers from a list of products by service, two a page, and holds every filter to what a product says."""

    def __init__(self, products: Mapping[str, list[dict[str, Any]]]) -> None:
        self.products = products

    def get_products(self, **asked: Any) -> dict[str, Any]:
        assert set(asked) - {"NextToken"} == {"ServiceCode", "Filters", "FormatVersion"}
        assert all(one["Type"] == "TERM_MATCH" for one in asked["Filters"])
        wanted = {one["Field"]: one["Value"] for one in asked["Filters"]}
        offered = self.products.get(asked["ServiceCode"], [])
        fitting = [one for one in offered if wanted.items() <= one["product"]["attributes"].items()]
        start = int(asked.get("NextToken", 0))
        more = {"NextToken": str(start + 2)} if len(fitting) > start + 2 else {}
        return {"PriceList": [json.dumps(one) for one in fitting[start : start + 2]], **more}


NAT = {"regionCode": "eu-west-1", "productFamily": "NAT Gateway"}
CALLS = {"regionCode": "eu-west-1", "productFamily": "API Calls"}
API = PriceApi(
    {
        "AmazonEC2": [
            flat("EU-NatGateway-Bytes", "0.0480000000", **NAT),
            flat("EU-NatGateway-Prvd-Bytes", "9", **NAT),
            flat("EU-NatGateway-Prvd-Hours", "9", **NAT),
            flat("EU-NatGateway-Hours", "0.0510000000", **NAT),
        ],
        "AmazonApiGateway": [
            product(
                "EU-ApiGatewayHttpRequest",
                [("300000000", "Inf", "0.0000010000"), ("0", "300000000", "0.0000011100")],
                **CALLS,
            )
        ],
        "AmazonRoute53": [product("HostedZone", [("25", "Inf", "0.1"), ("0", "25", "0.5")], productFamily="DNS Zone")],
    }
)


def table(*items: str) -> dict[str, Any]:
    whole = expand_rows(json.loads(TABLE.read_text(encoding="utf-8")))
    chosen = {item: whole["items"][item] for item in items} if items else whole["items"]
    return {**whole, "items": copy.deepcopy(chosen)}


def only(item: str, region: str = "eu-west-1") -> dict[str, Any]:
    renewed = table(item)
    prices = renewed["items"][item]["prices"]
    renewed["items"][item]["prices"] = {
        source: {region: usd[region]} for source, usd in prices.items() if region in usd
    }
    return renewed


def test_a_price_is_taken_from_the_one_product_that_fits_on_whichever_page() -> None:
    renewed = only("nat-gateway")
    outcome = refresh(renewed, API, TODAY)
    assert renewed["items"]["nat-gateway"]["prices"] == {"live": {"eu-west-1": 0.051}}
    assert outcome == Outcome(["nat-gateway eu-west-1: 0.048 → 0.051"], 0, [])
    assert renewed["as_of"] == "2027-03"
    assert renewed["sources"] == {"live": {"text": "AWS price API, read 2027-03-14", "sure": True}}
    assert Prices(renewed).find_price("nat-gateway", "eu-west-1") is not None


@pytest.mark.parametrize(
    ("item", "price"),
    # In the table's unit, and for zones only the first tier, which is all that we reach.
    [("http-api-call", [[300, 1.11], [None, 1.0]]), ("hosted-zone", 0.5)],
)
def test_tiers_come_in_order(item: str, price: Any) -> None:
    renewed = only(item)
    assert refresh(renewed, API, TODAY).same == 1
    assert renewed["items"][item]["prices"]["live"]["eu-west-1"] == price


@pytest.mark.parametrize(
    ("products", "said"),
    [
        ([], "nat-gateway eu-west-1: 0 products fit"),
        ([flat("EU-NatGateway-Hours", "1", **NAT)] * 2, "nat-gateway eu-west-1: 2 products fit"),
        (
            [product("EU-NatGateway-Hours", [("0", "Inf", "1")], term="Reserved", **NAT)],
            "nat-gateway eu-west-1: its product has no price on demand in USD",
        ),
        (
            [flat("EU-NatGateway-Hours", "0.0000000000", **NAT)],
            "nat-gateway eu-west-1: its product has no price on demand in USD",
        ),
    ],
)
def test_an_answer_that_is_not_one_price_changes_nothing(products: list[dict[str, Any]], said: str) -> None:
    renewed, before = only("nat-gateway"), only("nat-gateway")
    outcome = refresh(renewed, PriceApi({"AmazonEC2": products}), TODAY)
    assert outcome.kept == [said]
    assert renewed["items"] == before["items"]
    assert renewed["as_of"] == before["as_of"]


def test_another_region_is_added_for_what_has_a_price_there() -> None:
    renewed = table("nat-gateway", "waf-acl")
    prices = {"regionCode": "eu-north-1", "productFamily": "NAT Gateway"}
    api = PriceApi({"AmazonEC2": [flat("EUN1-NatGateway-Hours", "0.046", **prices)]})
    refresh(renewed, api, TODAY, ["eu-north-1"])
    assert renewed["items"]["nat-gateway"]["prices"]["live"]["eu-north-1"] == 0.046
    assert "live" not in renewed["items"]["waf-acl"]["prices"]


@pytest.mark.parametrize(
    ("item", "usage", "fits"),
    [
        ("ec2-t4g.nano", "BoxUsage:t4g.nano", True),
        ("ec2-t4g.nano", "EUC1-BoxUsage:t4g.nano", True),
        ("ec2-t4g.nano", "EU-BoxUsage:t4gxnano", False),
        ("alb", "EU-LoadBalancerUsage", True),
        ("alb", "EU-Outposts-LoadBalancerUsage", False),
        ("rest-api-call", "EU-ApiGatewayHttpRequest", False),
        ("fargate-cpu-x86_64", "EU-Fargate-ARM-vCPU-Hours:perCPU", False),
        ("lambda-x86_64", "EU-Lambda-GB-Second-ARM", False),
        ("waf-rule", "EU-ShieldProtected-RuleV2", False),
    ],
)
def test_usage_types_match_as_a_whole(item: str, usage: str, fits: bool) -> None:
    asked = find_query(item)
    assert asked is not None
    assert asked.has(usage) is fits


def test_every_item_of_the_table_has_a_query() -> None:
    whole = table()
    assert [item for item in whole["items"] if find_query(item) is None] == []
    assert find_query("never-heard-of") is None
    asked = [repr(find_query(item)) for item in whole["items"]]
    assert len(set(asked)) == len(asked), "no two ask for the same"
    (kept,) = refresh(only("public-ipv4"), PriceApi({}), TODAY).kept
    assert kept.endswith("0 products fit (the query was never confirmed)")


def test_the_file_is_written_as_it_stands() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert format_table(expand_rows(json.loads(text))) == text


def test_the_command_writes_the_table_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prices.json"
    path.write_text(TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    machine = find_query("ec2-x8g.large")
    assert machine is not None
    products = [flat("EU-BoxUsage:x8g.large", "0.0912", regionCode="eu-west-1", **machine.filters)]
    assert main(["--instance", "x8g.large", "--instance", "x9.none"], PriceApi({"AmazonEC2": products}), path) == 0
    after = expand_rows(json.loads(path.read_text(encoding="utf-8")))
    assert after["items"]["ec2-x8g.large"]["prices"] == {"live": {"eu-west-1": 0.0912}}
    assert "ec2-x9.none" not in after["items"]
    assert after["items"]["nat-gateway"] == table("nat-gateway")["items"]["nat-gateway"]
    printed = capsys.readouterr().out
    assert "ec2-x8g.large eu-west-1: new → 0.0912" in printed
    assert "1 changed, 0 confirmed" in printed


def test_without_boto3_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    path = tmp_path / "prices.json"
    path.write_text(TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    before = path.read_bytes()
    assert main([], path=path) == 2
    assert "pip install boto3" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_without_credentials_it_says_who_may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = SimpleNamespace(get_credentials=lambda: None)
    boto3 = SimpleNamespace(Session=lambda: nobody)
    monkeypatch.setattr(importlib, "import_module", lambda _: boto3)
    with pytest.raises(RefreshError, match="pricing:GetProducts"):
        connect()


def test_what_the_api_refuses_is_reported_in_its_own_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = type("AccessDenied", (Exception,), {"__module__": "botocore.errorfactory"})

    class Refusing:
        def get_products(self, **_asked: Any) -> Any:
            raise refused("not authorized to perform: pricing:GetProducts")

    path = tmp_path / "prices.json"
    path.write_text(TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert main([], Refusing(), path) == 2
    assert "not authorized to perform: pricing:GetProducts" in capsys.readouterr().err
