"""The facts for an answer to a lookup, and how a template of an answer is filled in with them."""

import hashlib
import re
import string
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph.reading import items, mapping
from .location import Location, uuid

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""

Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["LookupContext", Mapping[str, Any]], dict[str, Any]]
"""A template of the result, or a function that makes it."""
_FIELD: Final = re.compile(r"\{([\w-]+)\}")


@dataclass(frozen=True)
class LookupContext:
    location: Location
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""
    vpc_id: str = ""
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""

    def digits(self, what: Any, length: int = 16) -> str:
        return hashlib.sha256(str(what).encode()).hexdigest()[:length]

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    @property
    def vpc(self) -> str:
        """ID of the VPC that is meant if the lookup names none."""
        return self.vpc_id or next(iter(self.configured("vpc")), f"vpc-0{self.digits('default vpc')}")

    @property
    def has_ipv6(self) -> bool:
        """Whether the config means a network with IPv6: it has the word, or a URL with an IPv6 address."""
        return re.search(r"\bipv6\b|://\[", self.config) is not None

    def filled(self, answer: Answer, arguments: Arguments) -> dict[str, Any]:
        """The result of a lookup. Fields of a template are its arguments, the first values of its filters
        (`filter-name`), what is above in the template, `all` arguments together, the stack's place and VPC, and ids
        that its config names.

        Of several templates in a tuple, the first counts of which every field is given.
        """
        if callable(answer):
            return answer(self, arguments)
        place = self.location
        known: dict[str, Any] = defaultdict(lambda: None)
        for entry in map(mapping, items(arguments.get("filters"))):
            known |= {f"filter-{entry.get('name')}": value for value in items(entry.get("values"))[:1]}
        known |= arguments
        known |= {"region": place.region, "account": place.account, "partition": place.partition}
        known |= {"suffix": place.suffix, "zones": sorted(place.zones), "all": sorted(arguments.items(), key=str)}
        known |= {"vpc": self.vpc, "sg": next(iter(self.configured("sg")), ""), "subnets": self.configured("subnet")}
        known["tables"] = self.configured("rtb") or [f"rtb-0{self.digits(arguments.get('vpcId', 'main'))}"]
        found: dict[str, Any] = {}
        for key, value in answer.items():
            found[key] = known[key] = _filled(value, known)
        return found


class _Formatter(string.Formatter):
    """Of a field, `x8` and `X8` take eight digits that follow from it, `uuid` a UUID, `last` what is after its dots."""

    def format_field(self, value: Any, form: str) -> str:
        digits = hashlib.sha256(str(value).encode()).hexdigest()
        if form in ("", "last"):
            return str(value).rpartition(".")[2] if form else str(value)
        if form == "uuid":
            return uuid(digits[:32])
        cut = digits[: int(form[1:])]
        return cut.upper() if form[0] == "X" else cut


_FORMATTER: Final = _Formatter()


def _filled(template: Any, known: Mapping[str, Any]) -> Any:
    match template:
        case tuple():
            *some, last = template
            given = (one for one in some if all(known.get(name) for _, name, _, _ in _FORMATTER.parse(one) if name))
            return _filled(next(given, last), known)
        case list():
            return [_filled(one, known) for one in template]
        case dict():
            return {key: _filled(one, known) for key, one in template.items()}
        case str():
            whole = _FIELD.fullmatch(template)
            return known[whole[1]] if whole else _FORMATTER.vformat(template, (), known)
    return template
