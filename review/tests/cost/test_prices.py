"""The table of prices and the types that cost nothing: sources, regions, tiers."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.aws.catalog import catalog
from review.aws.catalog.catalog import FREE
from review.aws.catalog.month import HOURS
from review.cost.prices import Price, Tier, expand_rows, load_prices
from review.facts.regions import OTHER_PARTITIONS


def test_each_free_offer_has_a_source_a_date_and_items_that_have_prices() -> None:
    known = json.loads(Path("review/cost/prices.json").read_text())["items"]
    for offer in json.loads(Path("review/cost/free_offers.json").read_text())["offers"]:
        assert offer["source"].startswith("https://")
        assert date.fromisoformat(offer["read"]) <= date.fromisoformat("2026-12-31")
        assert set(offer["items"]) <= known.keys()


def test_every_price_names_its_source_and_has_one() -> None:
    raw: dict[str, Any] = expand_rows(json.loads(Path("review/cost/prices.json").read_text()))
    by_item = {key: item["prices"] for key, item in raw["items"].items()}
    used = {source for prices in by_item.values() for source in prices}
    assert used == set(raw["sources"])
    for key, prices in by_item.items():
        regions = [region for usd in prices.values() for region in usd]
        assert len(regions) == len(set(regions)), key
    # Flexible types have no price beyond us-east-1 in what the table was made from.
    missing = [
        key for key in by_item for region in ("us-east-1", "eu-west-1") if load_prices().find_price(key, region) is None
    ]
    assert [key for key in missing if "-flex." not in key] == []


def test_what_every_stack_needs_has_a_price_in_every_commercial_region() -> None:
    regions = {str(region.value) for region in aws.Region}
    priced = load_prices().list_regions()
    assert {region for region in regions if not region.startswith(OTHER_PARTITIONS)} == set(priced)
    everywhere = "nat-gateway public-ipv4 interface-endpoint rest-api-call lambda-request lambda-arm64 ec2-t3.micro"
    more = "fargate-cpu-arm64 fargate-memory-x86_64 logs-ingested alarm ec2-t4g.nano"
    missing = [
        (item, one)
        for item in (everywhere + " " + more).split()
        for one in priced
        if not load_prices().find_price(item, one)
    ]
    assert missing == []


def test_facts_that_the_table_must_hold() -> None:
    price = load_prices().find_price
    for item, region, usd in [
        ("nat-gateway", "eu-west-1", 0.048),
        ("interface-endpoint", "us-east-1", 0.010),
        ("rest-api-call", "eu-west-1", 3.50),
        ("http-api-call", "eu-west-1", 1.11),
        ("lambda-arm64", "us-east-1", 0.0000133334),
        ("internet-out", "sa-east-1", 0.15),
    ]:
        found = price(item, region)
        assert found is not None
        assert found.first == usd
    assert price("nlb", "eu-west-1") is not None
    assert not getattr(price("nlb", "eu-west-1"), "sure", True)
    assert price("nat-gateway", "cn-north-1") is None
    assert price("nlb", "eu-north-1") is None
    assert HOURS == 730


TIERED = Price(unit="million", tiers=(Tier(300, 1.0), Tier(1000, 0.5), Tier(None, 0.1)), source="", sure=True, read="")


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_more_never_costs_less_and_no_unit_more_than_the_first(one: float, other: float) -> None:
    few, many = sorted((one, other))
    assert TIERED.compute_amount(few) <= TIERED.compute_amount(many) + 1e-9
    assert TIERED.compute_amount(many) <= many * TIERED.first + 1e-9


def test_tiers_by_hand() -> None:
    assert TIERED.compute_amount(0) == 0
    assert TIERED.compute_amount(300) == 300
    assert TIERED.compute_amount(1000) == 300 + 350
    assert TIERED.compute_amount(2000) == pytest.approx(300 + 350 + 100)


def _is_free(token: str) -> bool:
    return catalog.find_cost(token) == FREE


def test_free_types_are_listed_one_by_one_and_nothing_is_free_by_accident() -> None:
    assert _is_free("aws:ec2/securityGroup:SecurityGroup")
    assert _is_free("aws:iam/role:Role")
    assert _is_free("random:index/randomId:RandomId")
    assert not _is_free("aws:ec2/dedicatedHost:DedicatedHost")
    assert not _is_free("aws:rds/instance:Instance")
    assert not _is_free("other:index:Thing")
