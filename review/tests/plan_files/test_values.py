"""Values of a plan or a state become those of a graph, without what is secret, made up or a path."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from review.graph import UNKNOWN, Asset, Secret
from review.plan_files.values import convert_properties, convert_value
from review.recording import wire

MARK = rpc._special_sig_key
ARCHIVE, ASSET = {MARK: rpc._special_archive_sig}, {MARK: rpc._special_asset_sig}
REFERENCE, OUTPUT = {MARK: rpc._special_resource_sig}, {MARK: rpc._special_output_value_sig}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a", "a"), (True, True), (None, None), (2.0, 2), (2.5, 2.5), (10**30, 10**30),
        (rpc.UNKNOWN, UNKNOWN), (f"a {rpc.UNKNOWN}", UNKNOWN), (float("inf"), UNKNOWN), (float("nan"), UNKNOWN),
        (1e308, UNKNOWN), (-(10**400), UNKNOWN),
        ([1.0, {"a": None, "__meta": "x"}], [1, {"a": None}]),
        ({**REFERENCE, "urn": "u", "id": "i"}, "i"), ({**REFERENCE, "urn": "u", "id": ""}, "u"),
        ({**REFERENCE, "urn": "u"}, "u"), ({**REFERENCE, "urn": "u", "id": rpc.UNKNOWN}, UNKNOWN),
        ({**ASSET, "text": None}, Asset()), ({**ASSET, "text": "t"}, Asset(text="t")),
        ({**ASSET, "path": "/etc/hosts"}, Asset(uri="/etc/hosts")), ({**ASSET, "uri": "https://a"}, Asset(uri="https://a")),
        ({**ARCHIVE, "assets": {"a": {**ASSET, "path": "p"}}}, Asset(members={"a": Asset(uri="p")}, archive=True)),
        ({**ARCHIVE, "assets": {"a": {}}}, Asset(members={"a": Asset(uri="a")}, archive=True)),
        ({**ARCHIVE, "assets": ["a"]}, Asset(archive=True)), ({**ARCHIVE, "assets": None}, Asset(archive=True)),
        ({MARK: "a mark of a later version", "value": "x"}, UNKNOWN), ({**OUTPUT, "value": "x"}, UNKNOWN),
    ],
)  # fmt: skip
def test_a_value(given: Any, wanted: Any) -> None:
    assert convert_value(given) == wanted


@pytest.mark.parametrize("given", ["[secret]", {"plaintext": '"x"'}, {"ciphertext": "v1:x"}, {"value": "x"}])
def test_a_secret_has_no_value(given: Any) -> None:
    marked = given if isinstance(given, str) else {MARK: rpc._special_secret_sig, **given}
    secret = convert_value({"a": [marked]})["a"][0]
    assert isinstance(secret, Secret)
    assert secret.value is UNKNOWN


def test_what_the_provider_filled_in_is_left_out_at_any_depth() -> None:
    inner = {"a": 1, "b": 2, "__defaults": ["b"]}
    given = {"one": inner, "many": [inner], "name": "x-1", "odd": {"c": 3, "__defaults": "c"}, "__defaults": ["name"]}
    assert convert_properties(given, filled=False) == {"one": {"a": 1}, "many": [{"a": 1}], "odd": {"c": 3}}
    assert convert_properties(given) == {
        "one": {"a": 1, "b": 2}, "many": [{"a": 1, "b": 2}], "name": "x-1", "odd": {"c": 3}
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {"a": [1, 2.5, True, None, "x", rpc.UNKNOWN], "b": {"c": {**REFERENCE, "urn": "u", "id": "i"}}},
        {"a": {MARK: rpc._special_secret_sig, "value": {"b": ["x"]}}, "c": {**ASSET, "path": "p", "text": ""}},
        {"a": {**OUTPUT, "value": "x", "secret": True}, "b": {**OUTPUT, "value": "x"}, "c": {**OUTPUT, "secret": True}},
        {"a": {**ARCHIVE, "assets": {"b": {**ASSET, "text": "t"}}}},
    ],
)
def test_a_struct_is_read_as_the_same_json(given: Any) -> None:
    assert wire.read(ParseDict(given, Struct())) == wire.read(json.loads(json.dumps(given)))
