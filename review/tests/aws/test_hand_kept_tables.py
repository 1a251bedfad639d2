"""Tables of the catalog that are kept by hand: each name in them is one that the SDK, or AWS's API, has."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.loaders import Loader

from review.aws.catalog import actions
from review.aws.catalog.catalog import make_token
from review.aws.catalog.tables import load_table
from review.tests.helpers.sdk_classes import sdk_names

_HOLDERS: Final = load_table("holds_data")
_MODELS: Final = {"elasticloadbalancing": "elbv2"}
"""Services whose model botocore has under another name than IAM."""
_WITHOUT_OPERATION: Final = {
    *(f"apigateway:{method}" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
    *("apigateway:AddCertificateToDomain", "apigateway:RemoveCertificateFromDomain", "apigateway:SetWebACL"),
    *("apigateway:UpdateDomainNameManagementPolicy", "apigateway:UpdateDomainNamePolicy"),
    *("apigateway:UpdateRestApiPolicy", "apigateway:CreateAccessAssociation"),
    *("budgets:ModifyBudget", "budgets:ViewBudget", "s3:GetObjectVersion"),
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    "logs:ListLogDeliveries",
}
"""Permissions of the service authorization reference that are no operation of an API by this name."""


def _list_actions() -> set[str]:
    table = json.loads(Path(actions.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    rows = [row for name in table["types"] if (row := actions.find_actions(make_token(name))) is not None]
    grants = [grant for row in rows for grant in (*row.grants, *row.hooks)]
    grants += [grant for token in table["lookups"] for grant in actions.find_lookup_actions(token) or ()]
    return {action for grant in grants for action in grant.actions}


def test_every_action_is_an_operation_of_its_service() -> None:
    unknown, loader = set(), Loader()  # it remembers the models, of which some have megabytes
    for action in _list_actions():
        service, _, name = action.partition(":")
        model = loader.load_service_model(_MODELS.get(service, service), "service-2")
        if name not in model["operations"]:
            unknown.add(action)
    assert unknown == _WITHOUT_OPERATION


def _list_inputs(row: Mapping[str, Any]) -> Iterator[str]:
    conditions = [*row.get("softens", ()), row.get("kept", {})]
    yield from (each["input"] for each in conditions if "input" in each)
    yield row.get("refused", {}).get("unless", "")


@pytest.mark.parametrize("token", sorted({*_HOLDERS["types"], *_HOLDERS["retention"], *_HOLDERS["protected"]}))
def test_what_holds_data_is_a_type_of_the_sdk_with_these_inputs(token: str) -> None:
    names = {*_list_inputs(_HOLDERS["types"].get(token, {})), *_HOLDERS["protected"].get(token, ())[:1]}
    names |= {row.get("rules", row["input"]) for row in _HOLDERS["retention"].get(token, ())}
    assert {name.partition(".")[0] for name in names if name} <= sdk_names(token)


def test_default_values_are_of_inputs_that_the_sdk_has() -> None:
    for token, row in load_table("stated_defaults").items():
        assert {name.partition(".")[0] for name in row} <= sdk_names(token), token
        assert row.items().isdisjoint(load_table("defaults").get(token, {}).items()), f"{token}: the SDK has it"
