"""Arguments of programs in a network, and of every backend with a container."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..argument_types import EgressModes, NamedIds, SecretText, StartSeconds
from ..aws_permissions import PermissionArgs
from ..connections import RegistrationArgs
from ..scope import TaggedArgs


class EgressArgs(TypedDict):
    """Arguments of a client in a network: what it can reach there. `PrivateNetwork` has outputs of the same names."""

    egress: NotRequired[EgressModes]
    """Egress modes of the network (see `PrivateNetwork`). The client can reach only the destinations that these
    allow."""
    s3_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of S3, if the network has a gateway endpoint for it."""
    dynamodb_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of DynamoDB, if the network has a gateway endpoint for it."""
    endpoint_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the interface endpoints that the network declares, if it has any."""
    endpoint_services: NotRequired[Sequence[str]]
    """Services of these endpoints, as in the network's `endpoints`. The client may call their ports. Defaults to HTTPS
    only."""
    endpoint_cidr: NotRequired[pulumi.Input[str]]
    """IPv4 range of the interface endpoints that an existing network has already, if the client calls any."""
    existing_endpoint_services: NotRequired[Sequence[str]]
    """Services of these endpoints, as in the network's `existing_endpoints`. Defaults to HTTPS only."""


class ProgramArgs(EgressArgs):
    """Arguments of a program of your own that calls AWS."""

    permissions: NotRequired[Mapping[str, PermissionArgs]]
    """AWS resources that your program may call, each under a name of your choice. Its role gets only the actions that
    belong to the words in `allow`, on these resources.

    No policy and no resource contains these names: renaming an entry changes nothing, unless its `name` is an output.
    """
    policy_arns: NotRequired[NamedIds]
    """Managed policies for AWS calls that `permissions` does not cover.

    The key of each becomes part of the name of its attachment. If you rename a key, the old attachment's deletion
    detaches the policy; `pulumi up --refresh` attaches it again.
    """


class BackendArgs(RegistrationArgs, ProgramArgs, TaggedArgs):
    """VPC and secrets of a backend, what it may call, and where it registers."""

    vpc_id: pulumi.Input[str]
    """VPC of the backend."""
    secrets: NotRequired[Mapping[str, SecretText]]
    """Environment of the container by ARN: of an SSM parameter, or of a Secrets Manager secret. Read at each start."""
    start_seconds: NotRequired[StartSeconds]
    """Seconds that a new copy may take from the start of its container until it answers. It is replaced only if its
    health checks fail after that. Updates wait as much longer. Defaults to 300."""
    kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Customer-managed KMS keys that encrypt these secrets, or the image's bucket (EC2). The role may decrypt with
    them."""
