"""No message shows a value that may be a secret: those of secret settings, and of keys that nothing reads."""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

from components.arguments.schema import HIDES
from components.stack.settings.section import Section, build_json_schema
from components.stack.settings.sections import SECTIONS
from tests.settings.wrong_configs import BASE

Load = Callable[..., list[Any]]
_SHAPES: Final[list[Any]] = ["hunter2", {"secur": "hunter2"}, ["hunter2"], [{"a": ["hunter2"]}], 424242]
"""Values in the place of a setting, each of which holds the password."""
_BASES: Final[Mapping[str, dict[str, Any]]] = {"ec2": {"image": "nginx:1.29"}, "fargate": {"image": "nginx:1.29"}}


def _nodes(model: type[Section], node: Mapping[str, Any], place: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    """Each key of a section, at every depth, with its schema."""
    yield place, node
    inner = {**node.get("properties", {}), "own": node.get("additionalProperties"), 0: node.get("items")}
    for key, one in inner.items():
        if isinstance(one, dict):
            yield from _nodes(model, one, (*place, key))


def _config(model: type[Section], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    for part in reversed(place[1:]):
        value = [value] if part == 0 else {part: value}
    kind = build_json_schema(model)["properties"].get("kind", {}).get("default")
    if place[0] == "backend" and isinstance(value, dict):
        kind = next(name for name, one in SECTIONS["backend"][1].items() if one is model).split()[1].strip("`")
        value = {**_BASES.get(kind, {}), "kind": kind, **value}
    elif place[0] == "network" and "vpcId" in build_json_schema(model)["properties"]:
        value = {"vpcId": "vpc-0123456789abcdef0", **value}
    return copy.deepcopy(BASE | {place[0]: value})


_PLACES: Final = [
    (model, place, schema)
    for section, (_, models) in SECTIONS.items()
    for model in models.values()
    for place, schema in _nodes(model, build_json_schema(model), (section,))
]
_SECRETS: Final = [(model, place) for model, place, schema in _PLACES if HIDES in schema]
_MAPS: Final = [(model, place) for model, place, schema in _PLACES if "properties" in schema]


def test_the_secret_settings_are_known() -> None:
    found = {".".join(map(str, place)) for _, place in _SECRETS}
    assert {
        "proxy.webhook.secret",
        "proxy.webhook.previousSecret",
        "api.plans.own.keyValues.own",
        "backend.secrets.own",
        "backend.environment.own",
        "api.functions.own.secrets.own",
    } <= found


def _ids(value: Any) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else ""


@pytest.mark.parametrize(("model", "place"), _SECRETS, ids=_ids)
def test_a_wrong_value_at_a_secret_setting_or_above_it_is_not_shown(
    mistakes: Load, model: type[Section], place: tuple[Any, ...]
) -> None:
    for depth in range(1, len(place) + 1):
        for shape in _SHAPES:
            right = {len(place): _SHAPES[0], len(place) - 1: _SHAPES[2 if 0 in place else 1]}.get(depth)
            if place[-2] in ("environment", "command") and shape == right:
                continue  # a right one
            found = "\n\n".join(map(str, mistakes(_config(model, place[:depth], shape))))
            assert "hunter2" not in found, (depth, shape)
            assert "424242" not in found, (depth, shape)


@pytest.mark.parametrize(("model", "place"), _MAPS, ids=_ids)
def test_the_value_of_an_unknown_key_is_not_shown(mistakes: Load, model: type[Section], place: tuple[Any, ...]) -> None:
    known = [key for key in build_json_schema(model)["properties"] if key != "kind"]
    near = ["qqq", "secrte", "enviroment", "password", known[0] + "s"]
    # Each of the keys has each of the shapes once.
    for first in range(len(_SHAPES)):
        shapes = dict(zip(near, _SHAPES[first:] + _SHAPES[:first], strict=True))
        found = {mistake.key.rpartition(".")[2]: str(mistake) for mistake in mistakes(_config(model, place, shapes))}
        assert found.keys() >= shapes.keys()
        for key, said in found.items():
            assert "hunter2" not in said, (key, shapes)
            # A number is shown where the key is like none that holds a secret.
            assert "424242" not in said or key not in ("secrte", "password"), (key, shapes)


@pytest.mark.parametrize(
    ("section", "written"),
    [("api", {"plans": {"gold": {"keyValue": 424242}}}), ("backend", {"image": "nginx:1.29", "enviroment": 424242})],
)
def test_a_number_at_a_slip_of_a_secret_setting_is_not_shown(
    mistakes: Load, section: str, written: dict[str, Any]
) -> None:
    said = "\n".join(map(str, mistakes(BASE | {section: written})))
    assert "did you mean" in said
    assert "424242" not in said


@pytest.mark.parametrize("written", [{"secur": "hunter3"}, 424242, "", {"secure": ""}])
def test_a_secret_in_another_form_gets_the_command(mistakes: Load, written: Any) -> None:
    (mistake,) = mistakes(BASE | {"proxy": {"webhook": {"secret": written}}})
    assert "got      (not shown: it may be a secret)" in str(mistake)
    assert "pulumi config set --secret --path 'gatehouse:proxy.webhook.secret'" in mistake.remedy
    assert mistake.remedy.startswith("write {secure: …}: ") == isinstance(written, dict)
    (missing,) = mistakes(BASE | {"proxy": {"webhook": {"scheme": "github"}}})
    assert "{secure: v1:stand-in:of-an-encrypted-value}" in missing.remedy


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_no_map_is_not_shown(mistakes: Load, section: str) -> None:
    assert "hunter2" not in "".join(map(str, mistakes(BASE | {section: ["hunter2"]})))
