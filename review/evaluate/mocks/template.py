"""Templates of outputs and of answers: texts with fields in braces, and lists and mappings of such.

`{field}` is what is above in the template, an input or an argument, and for a resource the name that AWS shows.
`{field.inner}` is of a block, of a list by its number, or of the resource with that ID. `{field:form}` is a form of
its text, `{'text':form}` that of a text, and `{x16}` are 16 hexadecimal digits of the output's own.

Of several templates with ` or ` between them, the first counts of which every field is given. A mapping with `by` has
templates by the value of that one, `*` for all others. One with `with` adds to a block, and one with `each` makes a
list `of` what it makes of each `item`. What follows from something unknown, or not given, is unknown.
"""

import hashlib
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from ...aws.compute.architecture import find_for_instance_type
from ...facts import aws_permissions
from ...graph import UNKNOWN, Secret, reveal
from .location import Location

PLACE: Final = re.compile(r"\{('[^']*'|[\w.-]+):?([\w-]*)\}")  # a field of a template, and its form
_DIGITS: Final = re.compile(r"[xX]\d+")
_MOST_ITEMS: Final = 1000  # more than AWS takes in such a list: a program could give millions


@dataclass(frozen=True)
class Facts:
    """The values for the templates of one resource or lookup."""

    location: Location
    inputs: Mapping[str, Any]
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of the resources so far, by ID
    seed: str = ""  # text that digits follow from, beside their own
    known: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known.update({key: getattr(self.location, key) for key in ("region", "account", "partition", "suffix")})

    def make_digits(self, seed: Any, length: int = 16) -> str:
        """Hexadecimal digits that belong to a text, the same in every run."""
        return hashlib.sha256(f"{self.seed}{seed}".encode()).hexdigest()[:length]

    def fill(self, templates: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the templates, without the unknown ones."""
        for key, template in templates.items():
            self.known[key] = self._fill(template, key)
        return {key: value for key in templates if (value := self.known[key]) is not UNKNOWN}

    def _fill(self, template: Any, at: str) -> Any:
        match template:
            case str():
                return self._fill_text(template, at)
            case list():
                return [self._fill(part, f"{at}{number}") for number, part in enumerate(template)]
            case {"by": by, **branches}:
                return self._fill(branches.get(str(self._fill_text(by, at)), branches.get("*", UNKNOWN)), at)
            case {"each": lists, "of": inner}:
                return [self._fill(inner, at) for _ in self._walk_items(self._fill(lists, at))]
            case {"with": block, **more}:
                filled = self._fill(block, at)
                return {**filled, **self._fill(more, at)} if isinstance(filled, Mapping) else UNKNOWN
            case Mapping():
                return {key: self._fill(part, f"{at}.{key}") for key, part in template.items()}
        return template

    def _walk_items(self, values: list[Any]) -> Iterator[None]:
        """Go through values, and those of lists among them, each once. One is `item` meanwhile, of a `number`."""
        flat = (reveal(member) for value in values for member in (value if isinstance(value, list) else [value]))
        once = {str(member): member for member in flat if member != ""}.values()
        for number, item in enumerate(itertools.islice(once, _MOST_ITEMS)):
            self.known.update(item=item, number=number)
            yield

    def _fill_text(self, template: str, at: str) -> Any:
        for choice in template.split(" or "):
            values = [self._fill_field(name, form, at) for name, form in PLACE.findall(choice)]
            if any(value is None for value in values):
                continue
            if PLACE.fullmatch(choice):
                return values[0]
            known = all(isinstance(value, str | int) for value in values)
            return PLACE.sub("{}", choice).format(*values) if known else UNKNOWN
        return UNKNOWN

    def _fill_field(self, name: str, form: str, at: str) -> Any:
        """The value of a field. None if it is not given, or has no such form."""
        first, *inner = [name] if name.startswith("'") else name.split(".")
        if first.startswith("'"):
            value: Any = first[1:-1]
        elif _DIGITS.fullmatch(first):
            value = self._format(at, first)
        else:
            value = reveal(self.known.get(first, self.inputs.get(first)))
        for part in inner:
            numbered = {str(number): member for number, member in enumerate(value)} if isinstance(value, list) else {}
            of_other = self.states.get(value, {}) if isinstance(value, str) else numbered
            value = reveal((value if isinstance(value, Mapping) else of_other).get(part))
        return None if value is None or value == "" else self._format(value, form) if form else value

    def _format(self, value: Any, form: str) -> Any:
        if _DIGITS.fullmatch(form) and value is not UNKNOWN:
            cut = self.make_digits(value, int(form[1:]))
            return cut.upper() if form[0] == "X" else cut
        try:
            return _FORMS[form](str(value), self) or None if isinstance(value, str | int) else None
        except ValueError:
            return None


def _pick_address(text: str, facts: Facts) -> str:
    """An address of a range, past the four that AWS keeps at its start and before its last."""
    network = ipaddress.ip_network(text, strict=False)
    room = max(network.num_addresses - 5, 1)
    return str(network[4 + int(facts.make_digits("address", 8), 16) % room if room > 1 else 0])


def _find_place(text: str, facts: Facts) -> int:
    """The place of a subnet in the config, which has one in each zone if it has several."""
    named = facts.known["subnets"]
    # Subnets that one lookup finds differ by their last digit, and are in zones that follow each other.
    last = text[-1:] if text[-1:].isalnum() else "0"
    return named.index(text) if text in named else int(facts.make_digits(text[:-1], 1) + f"{int(last, 36) % 16:x}", 16)


def _find_image(text: str, facts: Facts) -> str:
    """An image, if a parameter of that name has one."""
    named = "/ami-" in text or "/image_id" in text or text.startswith("/aws/service/canonical")
    return f"ami-0{facts.make_digits(text + facts.location.region)}" if named else ""


_FORMS: Final[Mapping[str, Callable[[str, Facts], Any]]] = {
    # Of names: what is after the last dot, or slash; a parameter's end of its ARN; without a dot at the end; the last
    # letter; the domain of a wildcard; of an endpoint's service, as in its host; an address with dashes.
    "last": lambda text, _: text.rpartition(".")[2],
    "end": lambda text, _: text.rpartition("/")[2],
    "parameter": lambda text, _: aws_permissions.build_resource_part("parameter", text),
    "bare": lambda text, _: text.removesuffix("."),
    "letter": lambda text, _: text[-1],
    "apex": lambda text, _: text.removeprefix("*."),
    "service": lambda text, facts: ".".join(text.rpartition(f".{facts.location.region}.")[2].split(".")[::-1]),
    "dashed": lambda text, _: text.replace(".", "-"),
    # Of ARNs: themselves, the name of a function, the kind of a balancer, and what is above or below that.
    "arn": lambda text, _: text if text.startswith("arn:") else "",
    "function": lambda text, _: text.rpartition(":function:")[2].partition(":")[0],
    "kind": lambda text, _: text.partition(":loadbalancer/")[2].partition("/")[0],
    "balancer": lambda text, _: text.replace(":listener/", ":loadbalancer/").rpartition("/")[0],
    "listener": lambda text, _: text.replace(":loadbalancer/", ":listener/"),
    "rule": lambda text, _: text.replace(":listener/", ":listener-rule/"),
    # Values made of digits. 203.0.113.0/24 is for documentation (RFC 5737), so that no host has the address.
    "decimal": lambda text, facts: str(int(facts.make_digits(text, 8), 16)),
    "mac": lambda text, facts: ":".join(re.findall("..", facts.make_digits(text, 12))),
    "port": lambda text, facts: 1024 + int(facts.make_digits(text, 4), 16) % 64_000,
    "interface": lambda text, facts: f"eni-0{facts.make_digits(f'eni{text}')}",
    "proof": lambda text, facts: facts.make_digits(f"{text} value", 32),
    "public": lambda text, facts: f"203.0.113.{int(facts.make_digits(text, 4), 16) % 254 + 1}",
    "uuid": lambda text, facts: str(UUID(facts.make_digits(text, 32))),
    "address": _pick_address,
    "image": _find_image,
    # By the region's zones, of an ID the name and of a name the ID.
    "zone": lambda text, facts: {zone: name for name, zone in facts.location.zones.items()}.get(text, UNKNOWN),
    "zone-id": lambda text, facts: facts.location.zones.get(text, UNKNOWN),
    "own-zone": lambda text, facts: (zones := [*facts.location.zones])[_find_place(text, facts) % len(zones)],
    "place": lambda text, facts: str(_find_place(text, facts) % 256),
    "place-in-hex": lambda text, facts: f"{_find_place(text, facts) % 256:x}",
    "architecture": lambda text, _: find_for_instance_type(text),
    "secret": lambda text, _: Secret(text),
}
