"""Claims: reports of a program's process on its run, beside the resources that it registers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .mocks import sdk_types


@dataclass
class Claims:
    """Claims of one run. `on_lookup` is called with each lookup's token and `id`, in the program's order."""

    on_lookup: Callable[[str, Any], None]
    failure: Mapping[str, Any] | None = None
    complete: bool = False  # whether the program's run came to its end
    isolated: bool = True  # whether its process had no network

    def take(self, claim: Mapping[str, Any]) -> None:
        """Keep a claim. Raises ValueError for one that no watch makes."""
        match claim:
            case {"lookup": token, "id": identity}:
                self.on_lookup(str(token), identity)
            case {"token": token, "fields": dict(fields)}:
                sdk_types.report(token, fields)
            case {"isolated": bool(isolated)}:
                self.isolated = isolated
            case {"failed": dict(failure)}:
                self.failure = failure
            case {"complete": True}:
                self.complete = True
            case _:
                raise ValueError("no such claim")
