"""How a component registers the statement of its reach, for the component and for what reads it."""

from collections.abc import Mapping
from typing import Final

KEY: Final = "reach"
"""Input under which a component registers its statement."""
VERSION: Final = 1
"""Version of the shape. A renamed or moved key is another version, since it changes the next preview of every stack."""
PACKAGE: Final = "gatehouse:index:"
"""Types of components begin with it."""
OWN_ACCOUNT: Final = "own"
"""The account of the stack, among accounts whose identities may call."""
SIGNED_IN: Final = ("cognito", "iam", "jwt")
"""Callers whom API Gateway has checked, so that a forwarder asks them for no signature."""
WORDS: Final[Mapping[str, str]] = {
    "version": "Version of the shape.",
    "kind": "Kind of API or ingress.",
    "at": "Addresses of an API: `own`, with its `stage`, a `domain`, a `private_domain`, and `endpoints`.",
    "ways": "Calls of an API by method and path: what each needs, its rate, and the target that it leads to.",
    "to": "Where an API's targets, a forwarder, a service call or a private name lead.",
    "keys": "API keys by name.",
    "firewall": "Rules of the web ACL.",
    "preflight": "Web pages that may read answers.",
    "identity": "Whether backends get headers that name the caller.",
    "strip_prefix": "Path prefix that backends do not see.",
    "log_role": "Whether the account's log role is declared.",
    "checks": "Signature that a forwarder checks.",
    "unless": "Callers whom API Gateway has identified, who need no signature.",
    "alias": "Alias that an API invokes.",
    "link": "Version of the VPC link, or an existing one.",
    "listener": "Existing listener.",
    "opens": "Security group that gets a rule for the link.",
    "behind": "What answers behind an existing listener.",
    "shares": "Load balancer or link that services share.",
    "port": "Port of a listener, a backend or a call.",
    "to_port": "Port of the backend behind a listener.",
    "registers": "Target group or registry in which a backend registers.",
    "admits": "Who may open connections.",
    "people": "How operators log in.",
    "leads": "What a program may call.",
    "rights": "Rights of the component's roles in AWS, by name.",
    "schedules": "Schedules that invoke or start the component, by name.",
    "reboots": "Whether an alarm reboots the machine.",
    "notifies": "SNS topic that alarms notify.",
    "network": "VPC of the component.",
    "placed": "Subnets of a backend.",
    "subnets": "Private subnets of an existing network.",
    "vpc": "VPC of a network or of a private name; `own` if it is declared.",
    "range": "IPv4 range of a new VPC.",
    "ranges": "Address ranges of a server, or those that a new link may call.",
    "out": "Egress modes of a network.",
    "routes": "`unknown` if the VPC's owner decides its routes.",
    "gateways": "Gateway endpoints.",
    "only": "Calls that the policies of gateway endpoints allow; if it is missing, all.",
    "endpoints": "Interface endpoints.",
    "existing_endpoints": "Endpoints that an existing VPC has.",
    "instance_connect": "Whether there is an EC2 Instance Connect Endpoint.",
    "nat_gateways": "Number of NAT gateways, in the words of the argument.",
    "private_dns": "Whether an endpoint answers the names of all APIs.",
    "accounts": "Accounts whose APIs answer at an endpoint.",
    "endpoint": "Existing endpoint.",
    "url": "URL of a server.",
    "group": "Security group of a server.",
    "name": "Private DNS name.",
    "zone": "Hosted zone of a private name; `own` if it is declared.",
    "from": "Security group of the calling service.",
    "service": "Called service.",
}
"""The words at the top of a statement, by their names in Python."""
