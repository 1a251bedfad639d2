"""Types of AWS's SDK that are proven to shape no path: each was looked at, and any other type may take requests.

None has an address in a VPC that leads to a backend, starts a machine or a task, or calls a function for a caller
outside. What a policy of such a resource opens is reported by itself. Not among them are, for example, Glue's
development endpoints, which have public addresses, what runs automations (Config's remediations, response plans,
experiments), what provisions others (Service Catalog), and webhooks of builds.
"""

import json
from pathlib import Path
from typing import Final

_KINDS: Final[dict[str, list[str]]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
"""Names of types by module of the SDK."""
NO_TRAFFIC_TYPES: Final = frozenset(
    f"aws:{service}/{kind[0].lower()}{kind[1:]}:{kind}" for service, kinds in _KINDS.items() for kind in kinds
)
