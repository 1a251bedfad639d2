"""A section read from the stack file, and the mistakes in it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .mistakes import ENCRYPTED, HIDDEN, NOTHING, Mistake, did_you_mean, qualified
from .section import HIDES, IN_PLAIN, OFF, Section, aliases, as_list, dereferenced, located, words
from .sections import kinds_of, near_key, unknown_key
from .unknown import Unknown

_STAND_IN: Final = "a review without the CLI takes {secure: v1:stand-in:of-an-encrypted-value}"
_WORDS_FOR_OFF: Final = ("none", "null", "no", "false", "-")


def read(name: str, model: type[Section], raw: dict[str, Any], *, secret: bool) -> tuple[object, list[Mistake]]:
    """The section, with Unknown in place of wrong values or, if nothing in it can be read, of all; and its mistakes.

    `secret`: the top-level key is encrypted, so show no value.
    """
    found: list[Mistake] = []
    context = {"encrypted": secret, "section": name, "raw": raw}
    while True:
        try:
            return model.model_validate(raw, by_alias=True, context=context), found
        except ValidationError as error:
            errors = _in_place(model.json_schema(), error.errors(include_url=False))
            # The key that an unknown one means is not missing.
            meant = {
                (*one["loc"][:-1], _meant(model, one["loc"])) for one in errors if one["type"] == "extra_forbidden"
            }
            wrong = [details for details in errors if details["type"] != "missing" or details["loc"] not in meant]
            found += [_mistake(name, model, raw, own, secret) for own in wrong if not isinstance(own["input"], Unknown)]
            marked = [_marked(model, raw, details) for details in errors]
            if not all(marked):
                return Unknown(), found


def _in_place(schema: Mapping[str, Any], errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """Errors at the places that a stack file has. Of a union's branches, only those of the one that came furthest."""
    placed: dict[tuple[int | str, ...], ErrorDetails] = {}
    for error in errors:
        parts = enumerate(error["loc"])
        named = [part for at, part in parts if at == 0 or "anyOf" not in located(schema, error["loc"][:at])]
        placed.setdefault(tuple(named), error | {"loc": tuple(named)})
    holders = {place[:-1] for place in placed}
    return [error for place, error in placed.items() if place not in holders or "anyOf" not in located(schema, place)]


def _marked(model: type[Section], raw: dict[str, Any], details: ErrorDetails) -> bool:
    """Put Unknown in place of what is wrong, or of what holds an Unknown. False if that is the whole section."""
    location = details["loc"][:-2] if details["loc"][-1:] == ("[key]",) else details["loc"]
    places: list[tuple[Any, Any]] = []
    node: Any = raw
    for part in location:
        if not isinstance(node, dict if isinstance(part, str) else list):
            break
        places.append((node, part))
        node = _at(node, part)
    if details["type"] == "extra_forbidden":
        holder, key = places[-1]
        del holder[key]
        # The value is another key's, and is judged there.
        meant = _meant(model, location)
        if meant and meant not in holder:
            holder[meant] = Unknown()
        return True
    if isinstance(node, Unknown) and not isinstance(details["input"], Unknown):
        return True
    for holder, part in reversed(places):
        if not isinstance(_at(holder, part), Unknown):
            holder[part] = Unknown()
            return True
    return False


def _near(model: type[Section], location: tuple[int | str, ...]) -> tuple[str, bool]:
    """The key of any kind of the section that is nearest to an unknown one, and whether its own kind has it."""
    own = located(model.json_schema(), location[:-1])["properties"]
    others = [key for kind in kinds_of(model).values() for key in aliases(kind)] if len(location) == 1 else []
    near = near_key(str(location[-1]), [*own, *others])
    return near, near in own


def _meant(model: type[Section], location: tuple[int | str, ...]) -> str:
    """The key of its own kind that is nearest to an unknown one. Empty if another kind has it, or none."""
    near, own = _near(model, location)
    return near if own else ""


def _of_another_kind(model: type[Section], raw: Mapping[str, Any], location: tuple[int | str, ...]) -> str:
    """The remedy for an unknown key that another kind of the section has. Empty if none has it."""
    near, own = _near(model, location)
    if own or not near:
        return ""
    title, kind = next((title, kind) for title, kind in kinds_of(model).items() if near in aliases(kind))
    belongs = f"{near} belongs to {title[0].lower()}{title[1:]}"
    if near != location[0]:
        return f"did you mean {near}? {belongs}"
    other = " and ".join(alias for alias in raw if alias in {*aliases(model)} - {*aliases(kind)})
    return f"{belongs}: take out {near}, or {other or 'write that kind'}"


def _at(holder: Any, part: Any) -> Any:
    return holder[part] if isinstance(holder, list) else holder.get(part)


def _mistake(name: str, model: type[Section], raw: Mapping[str, Any], details: ErrorDetails, secret: bool) -> Mistake:
    where = qualified(name) + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in details["loc"] if part != "[key]"
    )
    schema = model.json_schema()
    field = located(schema, details["loc"])
    unknown = details["type"] == "extra_forbidden"
    hidden = unknown or _has_keys(details["input"]) or _holds_secret(schema, field)
    got = ENCRYPTED if secret else HIDDEN if hidden else details["input"]
    if unknown:
        key, known = str(details["loc"][-1]), located(schema, details["loc"][:-1])["properties"]
        return unknown_key(where.removesuffix(key), key, got, known, _of_another_kind(model, raw, details["loc"]))
    encrypt = f"`pulumi config set --secret --path '{where}'`"
    if details["type"] == "missing":
        remedy = f"{encrypt}; {_STAND_IN}" if HIDES in field else ""
        return Mistake(where, NOTHING, f"{words(schema, field)}; it is required", remedy, field.get("description", ""))
    if details["type"] == IN_PLAIN:
        form = "write {secure: …}: " if isinstance(details["input"], dict) else ""
        return Mistake(where, got, details["msg"], f"{form}take it out of the file and of its history, then {encrypt}")
    if details["type"] == "mistake":
        # A remedy may hold the value: "did you mean http://…?"
        return Mistake(where, got, details["msg"], "" if secret else details.get("ctx", {}).get("remedy", ""))
    quotable = details["type"] == "string_type" and isinstance(details["input"], int | float)
    remedy = "quote it, since YAML takes it for another type" if quotable else ""
    listed = details["type"] in ("list_type", "int_parsing") and "items" in as_list(field)
    if listed and isinstance(details["input"], str) and not (secret or hidden):
        remedy = f"write a list: [{details['input']}]"
    if field.get(OFF) and str(details["input"]).lower() in _WORDS_FOR_OFF:
        remedy = f"write {OFF}"
    if not secret and "enum" in field:
        quotable = isinstance(got, int | float) and str(got) in field["enum"]
        remedy = f'quote it: "{got}"; YAML takes it for a number' if quotable else did_you_mean(got, field["enum"])
    return Mistake(where, got, words(schema, field), remedy, meaning=field.get("description", ""))


def _has_keys(value: object) -> bool:
    """Whether a wrong value holds keys, which are all unknown."""
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_keys, value)))


def _holds_secret(root: Mapping[str, Any], node: Mapping[str, Any]) -> bool:
    """Whether a key of a JSON schema is a secret, or has one in it."""
    schema = dereferenced(root, node)
    inner = (*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items"))
    return HIDES in schema or any(_holds_secret(root, part) for part in inner if isinstance(part, dict))
