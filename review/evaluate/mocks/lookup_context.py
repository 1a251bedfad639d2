"""The facts for an answer to a lookup, and what a template of an answer is filled in with."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph.reading import items, mapping
from ..host.types import UNTOLD
from .location import Location
from .template import Facts

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""

Arguments = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[["LookupContext", Mapping[str, Any]], dict[str, Any]]
"""A template of the result, or a function that makes it."""
_PASSWORD: Final = base64.b64encode(f"AWS:{UNTOLD}".encode()).decode()
"""Programs decode it to a user and a password, which is unknown.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
"""


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

    def digits(self, what: str, length: int = 16) -> str:
        return Facts(self.location, {}).digits(what, length)

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
        (`filter-name`), `all` arguments together, the stack's place and VPC, and ids that its config names.
        """
        if callable(answer):
            return answer(self, arguments)
        filters = {
            f"filter-{entry.get('name')}": value
            for entry in map(mapping, items(arguments.get("filters")))
            for value in items(entry.get("values"))[:1]
        }
        facts, place = Facts(self.location, {**filters, **arguments}), self.location
        facts.known.update(
            {
                "reverse": ".".join(reversed(place.suffix.split("."))),
                "password": _PASSWORD,
                "zones": sorted(place.zones),
                "all": sorted(arguments.items(), key=str),
                "vpc": self.vpc,
                "groups": self.configured("sg"),
                "subnets": self.configured("subnet"),
                "tables": self.configured("rtb") or [f"rtb-0{facts.digits(arguments.get('vpcId', 'main'))}"],
                "ipv6": self.has_ipv6,
                "untold": UNTOLD,
                "encrypted": "serverName" in self.config,
            }
        )
        return facts.filled(answer)
