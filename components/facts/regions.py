"""The regions of AWS, as its own SDK lists them."""

import difflib
import functools


def is_region(name: str) -> bool:
    """Whether AWS has a region of this name. A region that is newer than the installed SDK is not known."""
    return name in _load_regions()


def suggest_region(name: str) -> str:
    """A remedy that names the region most like `name`; empty if none is."""
    near = difflib.get_close_matches(name, _load_regions(), n=1)
    return f"did you mean {near[0]}?" if near else ""


@functools.cache
def _load_regions() -> tuple[str, ...]:
    # Loaded where a region is checked: the review reads this file in environments that need not have it.
    import botocore.loaders

    partitions = botocore.loaders.Loader().load_data("partitions")["partitions"]
    return tuple(sorted(name for one in partitions for name in one["regions"] if not name.endswith("-global")))
