"""The facts, in a checkout, where their folder is beside this one. The wheel has the folder in place of this module."""

from facts import address_lists as address_lists
from facts import aws_permissions as aws_permissions
from facts import defaults as defaults
from facts import endpoint_policies as endpoint_policies
from facts import endpoint_ports as endpoint_ports
from facts import endpoint_services as endpoint_services
from facts import fargate_sizes as fargate_sizes
from facts import hook_names as hook_names
from facts import hosts_over_ipv6 as hosts_over_ipv6
from facts import identity_headers as identity_headers
from facts import instance_types as instance_types
from facts import limits as limits
from facts import registries as registries
from facts import route_paths as route_paths
from facts import version as version
