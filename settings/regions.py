"""The regions of AWS, as the installed SDKs list them."""

import difflib
import functools

import pulumi_aws as aws


def is_region(name: str) -> bool:
    """Whether AWS has a region of this name. A region that is newer than the installed SDKs is not known."""
    # AWS's own SDK lists more, but its import takes longer than all other settings.
    return name in {region.value for region in aws.Region} or name in _regions()


def nearest_region(name: str) -> str:
    """A remedy that names the region most like `name`; empty if none is."""
    near = difflib.get_close_matches(name, _regions(), n=1)
    return f"did you mean {near[0]}?" if near else ""


@functools.cache
def _regions() -> tuple[str, ...]:
    import botocore.loaders

    partitions = botocore.loaders.Loader().load_data("partitions")["partitions"]
    names = (name for partition in partitions for name in partition["regions"])
    return tuple(sorted(name for name in names if not name.endswith("-global")))
