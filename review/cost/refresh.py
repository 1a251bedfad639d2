"""Refreshes the price table from AWS: `python -m review.cost.refresh`, which `make prices` runs.

Needs boto3 and credentials that may call `pricing:GetProducts`; the API itself is free. An
entry changes only where the API has exactly one product for it. Everything else stays as it is and is listed.
"""

import argparse
import datetime
import importlib
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .prices import TABLE, collapse_rows, expand_rows
from .queries import Query, find_query

_SOURCE: Final = "live"
_API_REGION: Final = "us-east-1"
"""The price API answers for all regions from here, and from two others."""


class RefreshError(Exception):
    """The API cannot be asked; the text has the reason and the remedy."""


@dataclass
class Outcome:
    """Findings of a refresh, a line each."""

    changed: list[str] = field(default_factory=list)
    same: int = 0
    kept: list[str] = field(default_factory=list)
    """Entries that the API did not give exactly one price for, with the reason."""


def refresh(
    table: dict[str, Any],
    client: Any,
    today: datetime.date,
    regions: Sequence[str] = (),
    more: Mapping[str, Collection[str]] | None = None,
) -> Outcome:
    """Ask for each item in the regions that it has, in `regions`, and in what `more` has for it; changes `table`."""
    outcome = Outcome()
    table["sources"][_SOURCE] = {"text": f"AWS price API, read {today.isoformat()}", "sure": True}
    for item, entry in table["items"].items():
        item_query = find_query(item)
        for region in sorted({*_list_regions(entry), *regions, *(more or {}).get(item, ())}):
            if item_query is None:
                outcome.kept.append(f"{item} {region}: no query is written down for it")
            else:
                _refresh(item, entry, region, item_query, client, outcome)
    if outcome.changed or outcome.same:
        table["as_of"] = f"{today:%Y-%m}"
    used = {source for entry in table["items"].values() for source in entry["prices"]}
    table["sources"] = {name: source for name, source in table["sources"].items() if name in used}
    return outcome


def _refresh(item: str, entry: dict[str, Any], region: str, item_query: Query, client: Any, outcome: Outcome) -> None:
    products = list(_list_products(client, item_query, region))
    if len(products) != 1:
        uncertainty = "" if item_query.confirmed else " (the query was never confirmed)"
        outcome.kept.append(f"{item} {region}: {len(products)} products fit{uncertainty}")
        return
    usd = _read_price(products[0], item_query)
    if usd is None:
        outcome.kept.append(f"{item} {region}: its product has no price on demand in USD")
        return
    old = next((prices.pop(region) for prices in entry["prices"].values() if region in prices), None)
    prices = {**entry["prices"].get(_SOURCE, {}), region: usd}
    sources = {source: remaining for source, remaining in entry["prices"].items() if remaining and source != _SOURCE}
    entry["prices"] = {**sources, _SOURCE: dict(sorted(prices.items()))}
    if old == usd:
        outcome.same += 1
    else:
        outcome.changed.append(f"{item} {region}: {old if old is not None else 'new'} → {usd}")


def _list_regions(entry: Mapping[str, Any]) -> set[str]:
    """Regions for which an item has a price."""
    return {region for prices in entry["prices"].values() for region in prices}


def _list_products(client: Any, item_query: Query, region: str) -> Iterator[Mapping[str, Any]]:
    """Products of every page that fit the filters and the usage type."""
    terms = {**item_query.filters, **({item_query.region_key: region} if item_query.region_key else {})}
    filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in terms.items()]
    more: dict[str, str] = {}
    while True:
        page = client.get_products(ServiceCode=item_query.service, Filters=filters, FormatVersion="aws_v1", **more)
        for product in map(json.loads, page["PriceList"]):
            if item_query.has(product["product"]["attributes"].get("usagetype", "")):
                yield product
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def _read_price(product: Mapping[str, Any], item_query: Query) -> float | list[list[float | None]] | None:
    """The price on demand in the table's unit: a number, or tiers if there are several."""
    terms = product.get("terms", {}).get("OnDemand", {}).values()
    dimensions = [dimension for term in terms for dimension in term["priceDimensions"].values()]
    # Free tiers are not taken off: the account's other stacks may have used them up.
    paid = [dimension for dimension in dimensions if float(dimension["pricePerUnit"].get("USD", 0))]
    ordered = sorted(paid, key=lambda tier: float(tier["beginRange"]))
    if not ordered:
        return None
    # Twelve digits are more than any price has, and hide what multiplying by a million leaves behind.
    scaled = [float(f"{float(tier['pricePerUnit']['USD']) * item_query.per:.12g}") for tier in ordered]
    if item_query.first or len(ordered) == 1:
        return scaled[0]
    return [[_parse_bound(tier["endRange"], item_query.per), usd] for tier, usd in zip(ordered, scaled, strict=True)]


def _parse_bound(end: str, per: float) -> float | None:
    if end == "Inf":
        return None
    bound = float(end) / per
    return int(bound) if bound.is_integer() else bound


def format_table(table: Mapping[str, Any]) -> str:
    """The table as its file has it: an item a line."""
    rows = collapse_rows(table)
    head = {key: value for key, value in rows.items() if key != "items"}
    parts = [f"{json.dumps(key)}: {_format_line(value)}" for key, value in head.items()]
    items = [f"  {json.dumps(item)}: {_format_line(entry)}" for item, entry in rows["items"].items()]
    parts.append('"items": {\n' + ",\n".join(items) + "\n }")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _format_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def explain_api_errors() -> Iterator[None]:
    """Within, an error of the price API becomes a RefreshError. boto3's have no common base without importing it."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("boto", "s3transfer")):
            raise
        raise RefreshError(f"the price API cannot be asked: {error}") from None


def connect() -> Any:
    """A client of the price API. Raises RefreshError where boto3 or credentials are missing."""
    try:
        boto3 = importlib.import_module("boto3")
    except ModuleNotFoundError:
        raise RefreshError("boto3 is not installed, which calls the price API: pip install boto3") from None
    session = boto3.Session()
    if session.get_credentials() is None:
        raise RefreshError(
            "no AWS credentials: sign in (aws sso login, or AWS_PROFILE) as somebody who may pricing:GetProducts"
        )
    return session.client("pricing", region_name=_API_REGION)


def main(arguments: Sequence[str], client: Any = None, path: Path = TABLE) -> int:
    """The command. Returns its exit status: 0, or 2 where the API cannot be asked."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}.refresh", description="Refresh prices from AWS.")
    parser.add_argument("--region", action="append", default=[], help="price every item in this region too")
    parser.add_argument("--instance", action="append", default=[], help="add this EC2 type, such as m7g.large")
    options = parser.parse_args(arguments)
    if path == TABLE and not (TABLE.parents[1] / "pyproject.toml").exists():
        print("this is an installed package, whose table stays as it is: run `gatehouse prices`", file=sys.stderr)
        return 2
    table = expand_rows(json.loads(path.read_text(encoding="utf-8")))
    new = [f"ec2-{kind}" for kind in options.instance if f"ec2-{kind}" not in table["items"]]
    table["items"] |= {item: {"what": f"{item[4:]} Linux", "unit": "hour", "prices": {}} for item in new}
    priced = _list_regions(table["items"]["ec2-t4g.nano"])
    try:
        with explain_api_errors():
            today = datetime.datetime.now(tz=datetime.UTC).date()
            outcome = refresh(table, client or connect(), today, options.region, dict.fromkeys(new, priced))
    except RefreshError as error:
        print(error, file=sys.stderr)
        return 2
    table["items"] = {item: entry for item, entry in table["items"].items() if entry["prices"] or item not in new}
    path.write_text(format_table(table), encoding="utf-8")
    print("\n".join([*outcome.changed, *(f"kept: {line}" for line in outcome.kept)]))
    print(f"{len(outcome.changed)} changed, {outcome.same} confirmed, {len(outcome.kept)} kept as they were")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
