"""Updates that components refuse in the preview, because AWS or its provider would refuse them half way.

Each check is a function of the inputs before and after. A component's hook calls it, and the review calls it to
foretell what the hook will refuse. Nothing here loads the SDK.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .attachments import list_attachment_changes
from .disk import list_disk_changes
from .ingress import list_ingress_changes
from .network import list_network_changes

CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[str]]]] = {
    "gatehouse:index:PrivateNetwork": list_network_changes,
    "gatehouse:index:PrivateIngress": list_ingress_changes,
    "gatehouse:index:Ec2Backend": list_attachment_changes,
    "gatehouse:index:FargateBackend": list_attachment_changes,
    "gatehouse:index:ApiFunction": list_attachment_changes,
    # Only those with the hook: an instance of a group, or with a boot script of ours, is replaced by another disk.
    "aws:ec2/instance:Instance": list_disk_changes,
}
"""By the type of the resource that has the hook, the check that yields why an update is refused.

It holds for an update: a resource that is replaced runs no hook. Values that are not known yet refuse nothing.
"""
