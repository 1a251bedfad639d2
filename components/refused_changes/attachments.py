"""More managed policies than AWS attaches to a role, while those of both sides are attached."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..facts import limits


def list_attachment_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], *, of_permissions: int = 0
) -> Iterator[str]:
    """Yields why an update of a component with `policy_arns` is refused.

    `of_permissions` are the policies that hold `permissions` on the side that has more of them. A value that is not
    known yet counts for nothing, and a secret hides the whole map.
    """
    was, wanted = before.get("policy_arns") or {}, after.get("policy_arns") or {}
    if not isinstance(was, Mapping) or not isinstance(wanted, Mapping):
        return
    count = len({arn for arn in (*was.values(), *wanted.values()) if isinstance(arn, str)}) + of_permissions
    if count > (most := limits.ROLE_MANAGED_POLICIES):
        yield (
            f"{count} managed policies would be attached to its role until the old ones are detached, and AWS attaches "
            f"{most} at most. Take out in one update what goes, and add in the next what comes"
        )
