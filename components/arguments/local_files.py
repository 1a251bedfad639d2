"""Files and folders of the machine that deploys, of which arguments have the path.

A relative path starts from the folder of Pulumi.yaml. A path that is not there starts from the working directory: an
inline program of the Automation API has its Pulumi.yaml in a folder that nobody chose, and a program with `main` in
Pulumi.yaml runs in the folder of `main`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pulumi

BASE_WORDS: Final = "relative to Pulumi.yaml, or else to the working directory"


def find_local_path(given: str) -> Path:
    """Returns the path of a file or folder. If it is in neither place, the path below the first."""
    places = [*_list_places(given)]
    return next((place for place in places if place.exists()), places[0])


def describe_places(given: str) -> str:
    """Returns the paths at which a file or folder is looked for."""
    return " or ".join(str(place) for place in _list_places(given))


def _list_places(given: str) -> Iterator[Path]:
    root = pulumi.get_root_directory()
    own = Path(given)
    below_root = Path(root or "", given)
    # On mocks there is no root. Where both places are the same, the path stays as written: it is in the state.
    if not Path(root or "").is_absolute() or below_root == own.absolute():
        yield own
    else:
        yield from (below_root, own.absolute())
