"""What a program's process claims of its run, beside what it registers. It may add doubt, and takes none away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..aws.catalog.catalog import shapes_traffic
from ..confine.namespace import Held
from ..graph import Unseen
from ..graph.prose import few, printable
from .mocks import sdk_types

_MOST: Final = 1000  # sentences that are kept: a program could send any number


@dataclass
class Claims:
    """Claims of one run. `asked` is called with each lookup's token and `id`, in the program's order."""

    asked: Callable[[str, Any], None]
    attempts: list[str] = field(default_factory=list)  # connections that the program tried to open
    started: list[str] = field(default_factory=list)  # processes that it started
    unrun: dict[str, list[str] | None] | None = None
    """Code that was not run, and types that it may declare: None, for any, wins. None until the program reported it."""
    failure: Mapping[str, Any] | None = None
    complete: bool = False  # whether the program's run came to its end, with an error or without

    def take(self, claim: Mapping[str, Any]) -> None:
        """Keep a claim. Raises TypeError, ValueError or KeyError for one that no watch makes."""
        match claim:
            case {"asked": token, "id": identity}:
                self.asked(str(token), identity)
            case {"type": token, "properties": dict(properties), **more}:
                sdk_types.tell(token, properties, more.get("values", {}))
            case {"unrun": dict(unrun)}:
                self.unrun = known = dict(self.unrun or {})
                for code, types in unrun.items():
                    if len(known) >= _MOST:
                        known["more code than is listed"] = None
                        break
                    before, named = known.get(place := printable(str(code)), []), isinstance(types, list)
                    known[place] = sorted({*before, *map(str, types)}) if named and before is not None else None
            case {"failed": dict(failure)}:
                self.failure = failure
            case {"attempts": list(attempts), "started": list(started)}:
                for told, new in ((self.attempts, attempts), (self.started, started)):
                    told += [said for text in new if (said := printable(str(text))) not in told][: _MOST - len(told)]
                self.complete = True
            case _:
                raise ValueError("no such claim")

    def as_held(self, held: Held) -> None:
        """Say of each process that the program started what that was kept from."""
        network = "it had no network" if Held.NETWORK in held else "it could connect"
        home = "an empty home folder" if Held.HOME in held else "could read the files of the user"
        said = f"it ran without AWS variables, {network} and {home}, and the review does not know what it did"
        self.started = [f"{name}: {said}" for name in self.started]

    def unseen(self) -> tuple[tuple[Unseen, ...], list[str]]:
        """Code that may declare what shapes traffic, and a sentence for each piece that declares other types only."""
        pieces, notes = [], []
        for code, types in (self.unrun or {}).items():
            if types is None or any(map(shapes_traffic, types)):
                pieces.append(Unseen(code, None if types is None else frozenset(types)))
            elif types:
                kinds = few(sorted(kind.rpartition(":")[2] for kind in types))
                notes.append(f"{code} was not run: {kinds} may be missing here")
        return tuple(pieces), notes
