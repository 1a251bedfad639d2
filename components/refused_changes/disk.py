"""A smaller disk for an instance that keeps its own.

The provider changes the size in place, and EBS only ever makes a volume larger, so each `pulumi up` would fail.
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html
"""

from collections.abc import Iterator, Mapping
from typing import Any


def list_disk_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yields why an update of an instance is refused."""
    was, wanted = _read_disk_size(before), _read_disk_size(after)
    if was is not None and wanted is not None and wanted < was:
        yield (
            f"its disk cannot become smaller ({was:g} → {wanted:g} GiB), EBS only makes volumes larger. Set the size "
            f"back to {was:g}, or run `pulumi up --replace` with the instance's URN for a new one with an empty disk"
        )


def _read_disk_size(inputs: Mapping[str, Any]) -> float | None:
    size = (inputs.get("rootBlockDevice") or {}).get("volumeSize")
    return float(size) if isinstance(size, int | float) else None
