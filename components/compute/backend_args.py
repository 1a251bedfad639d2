"""Arguments that every backend with a container has."""

from collections.abc import Mapping, Sequence
from typing import NotRequired

import pulumi

from ..argument_types import EgressModes, NamedIds, SecretText
from ..aws_permissions import PermissionArgs
from ..connections import RegistrationArgs


class BackendArgs(RegistrationArgs):
    """Network, secrets and permissions of a backend, and where it registers."""

    vpc_id: pulumi.Input[str]
    """VPC of the backend."""
    secrets: NotRequired[Mapping[str, SecretText]]
    """Environment of the container by ARN: of an SSM parameter, or of a Secrets Manager secret. Read at each start."""
    kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Customer-managed KMS keys that encrypt these secrets, or the image's bucket (EC2). The role may decrypt with
    them."""
    egress: NotRequired[EgressModes]
    """Egress modes of the network (see `PrivateNetwork`). The backend can reach only the destinations that these
    allow."""
    s3_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of S3, if the network has a gateway endpoint for it."""
    dynamodb_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of DynamoDB, if the network has a gateway endpoint for it."""
    endpoint_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the network's interface endpoints, if it has any."""
    permissions: NotRequired[Mapping[str, PermissionArgs]]
    """AWS resources that your program may call, each under a name of your choice. Its role
    gets only the actions that belong to the words in `allow`, on these resources. The container can use the role then.

    No policy and no resource contains these names: renaming an entry changes nothing.
    """
    policy_arns: NotRequired[NamedIds]
    """Managed policies for AWS calls that `permissions` does not cover. The container can use the role
    then.

    The key of each becomes part of the name of its attachment. If you rename a key, the old attachment's deletion
    detaches the policy; `pulumi up --refresh` attaches it again.
    """
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every resource."""
