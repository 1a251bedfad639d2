"""The facts for an answer to a lookup, and how a template of an answer is filled in with them."""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from ...aws.compute.architecture import of_instance_type
from ...graph.reading import items, mapping
from ..host.types import UNTOLD
from .location import Location

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""

Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["LookupContext", Mapping[str, Any]], dict[str, Any]]
"""A template of the result, or a function that makes it."""
_PASSWORD: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it to a user and a password, which is unknown.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
"""
_FIELD: Final = re.compile(r"\{([\w-]+):?(\w*)\}")


@dataclass(frozen=True)
class LookupContext:
    location: Location
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""
    vpc_id: str = ""
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    @property
    def vpc(self) -> str:
        """ID of the VPC that is meant if the lookup names none."""
        return self.vpc_id or next(iter(self.configured("vpc")), f"vpc-0{digits('default vpc')}")

    @property
    def has_ipv6(self) -> bool:
        """Whether the config means a network with IPv6: it has the word, or a URL with an IPv6 address."""
        return re.search(r"\bipv6\b|://\[", self.config) is not None

    def filled(self, answer: Answer, arguments: Arguments) -> dict[str, Any]:
        """The result of a lookup. Fields of a template are its arguments, the first values of its filters
        (`filter-name`), what is above in the template, `all` arguments together, the stack's place and VPC, and ids
        that its config names.

        Of several templates with ` or ` between them, the first counts of which every field is given.
        """
        if callable(answer):
            return answer(self, arguments)
        place = self.location
        known: dict[str, Any] = defaultdict(lambda: None)
        for entry in map(mapping, items(arguments.get("filters"))):
            known |= {f"filter-{entry.get('name')}": value for value in items(entry.get("values"))[:1]}
        known |= arguments
        known |= {"region": place.region, "account": place.account, "partition": place.partition}
        known |= {"reverse": ".".join(reversed(place.suffix.split("."))), "password": _PASSWORD}
        known |= {"suffix": place.suffix, "zones": sorted(place.zones), "all": sorted(arguments.items(), key=str)}
        known |= {"vpc": self.vpc, "sg": next(iter(self.configured("sg")), ""), "subnets": self.configured("subnet")}
        known["tables"] = self.configured("rtb") or [f"rtb-0{digits(arguments.get('vpcId', 'main'))}"]
        values: dict[str, Any] = {}
        for key, value in answer.items():
            values[key] = known[key] = _filled(value, known)
        return values


def digits(what: Any, length: int = 16) -> str:
    return hashlib.sha256(str(what).encode()).hexdigest()[:length]


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "": str,
    "last": lambda text: text.rpartition(".")[2],
    "end": lambda text: text.rpartition("/")[2],
    "bare": lambda text: text.removesuffix("."),
    "arn": lambda text: text if text.startswith("arn:") else "",
    "function": lambda text: text.rpartition(":function:")[2].partition(":")[0],
    "architecture": of_instance_type,
    "uuid": lambda text: str(UUID(digits(text, 32))),
}
"""What a field has of its value: `last` is what is after its dots, `end` after its slashes, `bare` lacks a dot at the
end, `arn` is empty for what is no ARN, `function` is the name in that of one, `architecture` is that of an instance
type. A `uuid` follows from it, as do the eight digits of `x8` and `X8`."""


def _formed(value: Any, form: str) -> str:
    if form in _FORMS:
        return _FORMS[form](str(value))
    cut = digits(value, int(form[1:]))
    return cut.upper() if form[0] == "X" else cut


def _filled(template: Any, known: Mapping[str, Any]) -> Any:
    match template:
        case list():
            return [_filled(one, known) for one in template]
        case dict():
            return {key: _filled(one, known) for key, one in template.items()}
        case str():
            *some, last = template.split(" or ")
            fields = ((one, _FIELD.findall(one)) for one in some)
            given = (
                one for one, names in fields if all(known[name] and _formed(known[name], form) for name, form in names)
            )
            chosen = next(given, last)
            whole = _FIELD.fullmatch(chosen)
            filled = _FIELD.sub(lambda field: _formed(known[field[1]], field[2]), chosen)
            return known[whole[1]] if whole and not whole[2] else filled
    return template
