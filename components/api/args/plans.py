"""Usage plans of an API, with their keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...arguments.errors import HIDDEN_VALUE
from ...arguments.faults import Fault
from ...arguments.names import Name
from ...arguments.numbers import QuotaLimit
from ...arguments.secrets import ApiKey
from ...arguments.words import QuotaPeriod
from .routes import ThrottleArgs


@dataclass(frozen=True, kw_only=True)
class QuotaArgs:
    """Requests in a period."""

    limit: QuotaLimit
    """Requests per key and period."""
    period: QuotaPeriod = "DAY"
    """Period of the quota. Defaults to `DAY`."""


@dataclass(frozen=True, kw_only=True)
class PlanArgs:
    """A usage plan."""

    throttle: ThrottleArgs | None = None
    """Throttle for each key. Defaults to none: only the throttle of the API or of the route applies."""
    quota: QuotaArgs | None = None
    """Quota for each key. Defaults to none."""
    keys: Sequence[Name] = ()
    """Names of the API keys whose values AWS generates."""
    key_values: Mapping[Name, ApiKey] = field(default_factory=dict)
    """Values of the other API keys by name, as secrets. Each key needs a value of its own."""
    renamed_keys: Mapping[Name, str] = field(default_factory=dict)
    """Former names of renamed keys, by their present names. A renamed key keeps its value. Without its former name,
    it is another key: AWS generates a new value, or refuses the old value while the old key exists."""
    route_throttles: Mapping[str, ThrottleArgs] = field(default_factory=dict)
    """Throttles by route with its subpaths, `GET /orders`; at most 20 methods in a plan."""

    @property
    def names(self) -> list[str]:
        """Names of all its keys."""
        return [*self.keys, *self.key_values]


def locate_key_value(plan: str, key: str) -> str:
    """Returns the place of a key's value in the arguments of an API."""
    return f"plans.{plan}.key_values.{key}"


def check_key_values(values: Mapping[str, str]) -> Iterator[Fault]:
    """Refuses values that two API keys have, since AWS takes each value once. `values` has them by their place.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-setup-api-keys.html
    """
    owners: dict[str, str] = {}
    for place, value in values.items():
        if (owner := owners.setdefault(value, place)) != place:
            yield Fault(place, HIDDEN_VALUE, f"another value than {owner} has", "give each key a value of its own")
