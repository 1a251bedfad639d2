"""What the parts of an API read of the API that was declared."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True)
class DeclaredApi:
    """Outputs of the resources of either kind of API."""

    api_id: pulumi.Output[str]
    api_name: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    stage_name: pulumi.Output[str]
    stage_arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """Without a slash at the end."""
    log_group_name: pulumi.Output[str]
