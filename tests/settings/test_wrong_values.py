"""Every type of every argument, with wrong values: a component and a stack file refuse them with the same words."""

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

import pulumi
import pytest
import yaml

import components
from components.arguments import addresses, certificates, names, numbers, paths, secrets, tags, words
from components.arguments.kinds import UNIONS, is_required, list_plain_kinds, takes_outputs
from components.arguments.marks import After, Check, ReadAs, Sized
from components.stack.settings.section import fields_by_key
from components.stack.settings.sections import SECTIONS
from tests.helpers.declare import declare, refusal
from tests.helpers.draws import sampled
from tests.settings.wrong_configs import BASE

ROWS: Final[dict[str, dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_suffix("").with_name("wrong_values.yaml").read_text()
)
_MODULES: Final = (addresses, certificates, names, numbers, paths, secrets, tags, words)
_KINDS: Final = {
    name: kind
    for module in _MODULES
    for name, kind in vars(module).items()
    if not name.startswith("_") and (get_origin(kind) in (Annotated, Literal, Sequence, Mapping, *UNIONS))
}
_PLAIN: Final[Mapping[Any, tuple[Any, Any, str]]] = {
    str: ("x", 424242, "a text"),
    int: (1, "x", "a whole number"),
    float: (1, "x", "a number"),
    bool: (True, "x", "true or false"),
}


class Case(NamedTuple):
    """A wrong value at a place, in an otherwise sound value, and words of the message."""

    place: tuple[str | int, ...]
    whole: Any
    words: str


def row_of(kind: Any) -> dict[str, Any] | None:
    return next((ROWS[name] for name, named in _KINDS.items() if named == kind and name in ROWS), None)


def sound(kind: Any, keys: Callable[[Any], Mapping[str, Any]]) -> Any:
    """A value that a type takes."""
    row, origin = row_of(kind), get_origin(kind)
    if row is not None:
        return row["sound"]
    if origin is Annotated:
        return sound(get_args(kind)[0], keys)
    if origin in UNIONS:
        return sound(list_plain_kinds(kind)[0], keys)
    if dataclasses.is_dataclass(kind):
        return {key: sound(field.type, keys) for key, field in keys(kind).items() if is_required(field)}
    if origin is Literal:
        return get_args(kind)[0]
    if origin in (Sequence, Mapping):
        return [sound(get_args(kind)[0], keys)] if origin is Sequence else {}
    return _PLAIN[kind][0] if kind in _PLAIN else "x"


def wrong(kind: Any, keys: Callable[[Any], Mapping[str, Any]]) -> Iterator[Case]:
    """Wrong values of a type, at every depth."""
    row, origin, parameters = row_of(kind), get_origin(kind), get_args(kind)
    for value, said in dict(row["wrong"] if row else {}).items():
        yield Case((), value, said)
    if origin is Annotated:
        read = next((mark.kind for mark in parameters[1:] if isinstance(mark, ReadAs)), parameters[0])
        if any(isinstance(mark, Sized) and mark.least for mark in parameters[1:]) and get_origin(read) is Sequence:
            yield Case((), [], "a list of")
        plain = (
            read if read in _PLAIN else (list_plain_kinds(read) or [None])[0] if get_origin(read) in UNIONS else None
        )
        said = next((mark.words for mark in parameters[1:] if isinstance(mark, Check) and mark.low is None), "")
        if plain in _PLAIN and said:
            yield Case((), _PLAIN[plain][1], said)
        elif plain is None or not any(isinstance(mark, After) for mark in parameters[1:]):
            yield from wrong(read, keys)
    elif origin in UNIONS:
        kinds = list_plain_kinds(kind)
        for one in kinds:
            # A value of the wrong type for one of several may be right for another.
            for case in wrong(one, keys):
                if len(kinds) == 1 or case.place or case.whole not in (1, "x"):
                    yield case
    elif dataclasses.is_dataclass(kind):
        yield Case((), 1, "a map")
        whole = sound(kind, keys)
        for key, field in keys(kind).items():
            for case in wrong(field.type, keys):
                yield Case((key, *case.place), {**whole, key: case.whole}, case.words)
    elif origin is Sequence:
        yield Case((), 1, "a list")
        for case in wrong(parameters[0], keys):
            yield Case((0, *case.place), [case.whole], case.words)
    elif origin is Mapping:
        yield Case((), 1, "a map")
        for case in wrong(parameters[1], keys):
            yield Case(("first", *case.place), {"first": case.whole}, case.words)
        for value, said in dict((row_of(parameters[0]) or {}).get("wrong", {})).items():
            yield Case((value,), {value: sound(parameters[1], keys)}, said)
    elif origin is Literal:
        yield Case((), ["x"], "o")
    elif kind in _PLAIN and row is None:
        yield Case((), _PLAIN[kind][1], _PLAIN[kind][2])


def fields_of(kind: Any) -> Mapping[str, Any]:
    return {field.name: field for field in dataclasses.fields(kind)}


def args_of(component: type) -> Any:
    """The class of a component's arguments."""
    (given,) = (
        one
        for one in get_args(inspect.signature(component).parameters["args"].annotation)
        if dataclasses.is_dataclass(one)
    )
    return given


def path_of(place: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def test_every_type_has_a_row() -> None:
    assert sorted(_KINDS.keys() - ROWS.keys()) == []
    assert sorted(ROWS.keys() - _KINDS.keys()) == []
    limited = [
        name
        for name, kind in _KINDS.items()
        if any(isinstance(mark, Check | After) for mark in getattr(kind, "__metadata__", ()))
    ]
    assert [name for name in limited if not ROWS[name]["wrong"] and name not in ("EgressModes",)] == []


@pytest.mark.parametrize("component", components.COMPONENTS, ids=lambda one: one.__name__)
def test_a_component_refuses_every_wrong_value(component: Any) -> None:
    kind = args_of(component)
    cases = [case for case in wrong(kind, fields_of) if case.place]
    assert len({case.place[0] for case in cases}) == len(fields_of(kind))
    unreported = []
    for case in cases:
        try:
            said = str(refusal(lambda whole=case.whole: component("made", whole)))  # type: ignore[misc] # one call each
        except AssertionError as error:
            said = str(error)
        lines = [line for line in said.splitlines() if line.startswith(f"{component.__name__}: {path_of(case.place)}")]
        if not any(case.words in line for line in lines):
            unreported.append((path_of(case.place), case.words, said))
    assert unreported == []


@pytest.mark.parametrize("component", components.COMPONENTS, ids=lambda one: one.__name__)
def test_an_output_is_refused_with_the_same_words_once_it_is_known(component: Any) -> None:
    kind = args_of(component)
    refused = []
    for case in wrong(kind, fields_of):
        field: Any = fields_of(kind)[str(case.place[0])] if len(case.place) == 1 else None
        checks = [mark for mark in getattr(field and field.type, "__metadata__", ()) if isinstance(mark, Check)]
        if field is None or not takes_outputs(field.type) or not any(check.outputs for check in checks):
            continue
        value = case.whole[field.name]

        def program(whole: Any = case.whole, name: str = field.name, value: Any = value) -> None:
            component("made", {**whole, name: pulumi.Output.from_input(value)})

        with pytest.raises(Exception, match=f"{field.name}: got") as found:
            declare(program)
        assert case.words in str(found.value)
        refused.append(field.name)
    if not refused:
        pytest.skip("its required arguments and defaults take no output that is checked")


@pytest.mark.parametrize(
    ("section", "model"),
    [(section, model) for section, (_, models) in SECTIONS.items() for model in models.values()],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_stack_file_refuses_every_wrong_value(mistakes: Callable[..., list[Any]], section: str, model: Any) -> None:
    unreported = []
    for case in sampled([*wrong(model, fields_by_key)]):  # components are asked all
        # `kind` chooses the model.
        if not case.place or case.place == ("kind",) or case.whole[case.place[0]] is None:
            continue
        # JSON has no such numbers: the CLI hands them on as texts.
        config = BASE | {
            section: json.loads(json.dumps(case.whole).replace("NaN", '"NaN"').replace("Infinity", '"inf"'))
        }
        try:
            found = mistakes(config)
        except pytest.fail.Exception:
            found = []
        key = f"gatehouse:{section}.{path_of(case.place)}"
        if not any(case.words in str(mistake) for mistake in found if mistake.key == key):
            unreported.append((key, case.words, "\n".join(map(str, found))))
    assert unreported == []


def test_what_is_no_host_at_all_is_not_suggested_again(mistakes: Callable[..., list[Any]]) -> None:
    found = mistakes(BASE | {"network": {"requiredHosts": ["no host", "https://a.example.com"]}})
    assert [mistake.remedy for mistake in found] == ["", "did you mean a.example.com?"]
