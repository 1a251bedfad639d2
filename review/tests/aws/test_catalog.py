"""The catalog: one row for each type that the review names anywhere, true to the SDK."""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pulumi
import pulumi_aws
import pytest

from review.aws.catalog import (
    catalog,
    rows_balancing,
    rows_compute,
    rows_data,
    rows_gateway,
    rows_network,
    rows_operations,
    types,
)
from review.aws.catalog.catalog import ROWS, canonical
from review.aws.catalog.row import NO_TRAFFIC
from review.cost.estimate import FUNCTIONS
from review.cost.prices import table
from review.evaluate.mocks.resources import DECLARED
from review.rules import RULES
from review.tests.sdk import sdk_names

REVIEW = Path(__file__).resolve().parents[2]
FILES = (rows_network, rows_balancing, rows_compute, rows_data, rows_gateway, rows_operations)
TOKEN = re.compile(r"\baws:[a-z0-9]+/(?!get)[A-Za-z0-9]+:[A-Za-z0-9]+")
CLASS = re.compile(r"\b[a-z0-9]+\.[A-Z][A-Za-z0-9]+\b")
AWS = sorted(token for token in ROWS if token.startswith("aws:"))


def test_every_token_in_the_review_has_one_row() -> None:
    named = {
        token for path in REVIEW.rglob("*.py") if "tests" not in path.parts for token in TOKEN.findall(path.read_text())
    }
    # Some look at whatever types their tables name.
    read = [rule for rule in RULES.values() if rule.id not in ("LIMIT-03", "FIT-37", "FIT-49")]
    named |= {token for rule in read for token in rule.types if token.startswith("aws:")}
    assert len(named) > 100
    assert {canonical(token) for token in named} - ROWS.keys() == set()
    assert {canonical(token) for token in DECLARED} - ROWS.keys() == set()
    # A type that a file names twice has the last of its rows.
    texts = [*(Path(inspect.getfile(file)).read_text() for file in FILES), str(catalog._FILE["rows"])]
    written = [name for text in texts for name in CLASS.findall(text)]
    assert sorted(written) == sorted(set(written))
    assert {*map(catalog.token_of, written)} | catalog.POLICIES.keys() == {*AWS}


@pytest.mark.parametrize("service", sorted({token.split(":")[1].partition("/")[0] for token in AWS}))
def test_rows_are_of_types_that_the_sdk_has(service: str) -> None:
    for token in AWS:
        if token.split(":")[1].partition("/")[0] == service:
            names = sdk_names(token)
            limit = ROWS[token].name
            assert limit is None or {limit.key} <= names, token


def test_costs_name_functions_and_items_that_exist() -> None:
    assert {name for row in ROWS.values() if row.cost for name in row.cost.functions} == FUNCTIONS.keys()
    for token, row in ROWS.items():
        for item in row.cost.items if row.cost else ():
            assert table().price(item.name, "eu-west-1") is not None, (token, item.name)


def test_every_role_is_read_by_a_name() -> None:
    named = {token for name, found in vars(types).items() if name.isupper() for token in found}
    assert {token for token, row in ROWS.items() if row.role not in ("", NO_TRAFFIC)} == named


def test_classes_that_the_sdk_publishes_twice_have_one_row() -> None:
    """By the module of a token, whose classes are the same: `aws.alb` is `aws.lb`."""
    alb, lb = (importlib.import_module(f"pulumi_aws.{name}") for name in ("alb", "lb"))
    for name, found in inspect.getmembers(alb, inspect.isclass):
        if issubclass(found, pulumi.CustomResource):
            token, same = (getattr(home, name).__dict__["pulumi_type"] for home in (alb, lb))
            assert canonical(token) == same
            assert catalog.row(token) is catalog.row(canonical(token))


def test_deprecated_names_of_types_are_those_of_the_new_ones() -> None:
    deprecated = re.compile(r"(aws\.s3/\w+\.\w+V2) has been deprecated in favor of (aws\.s3/\w+\.\w+)")
    folder = Path(inspect.getfile(pulumi_aws)).parent / "s3"
    pairs = {
        pair
        for module in pkgutil.iter_modules([str(folder)])
        if not module.name.startswith("get_")
        for pair in deprecated.findall((folder / f"{module.name}.py").read_text())
    }
    assert len(pairs) > 8
    for old, new in pairs:
        old_kind, new_kind = (name.rpartition(".")[2] for name in (old, new))
        tokens = [f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}" for kind in (old_kind, new_kind)]
        assert canonical(tokens[0]) == tokens[1]
