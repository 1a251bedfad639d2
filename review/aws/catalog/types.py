"""Type tokens by their part in traffic, from the catalog: always a tuple, since several types may play one part."""

from typing import Final

from .catalog import of_role

# Networks
VPC: Final = of_role("vpc")
SUBNET: Final = of_role("subnet")
ROUTE_TABLE: Final = of_role("route table")
ROUTE: Final = of_role("route")
ROUTE_TABLE_ASSOCIATION: Final = of_role("route table association")
INTERNET_GATEWAY: Final = of_role("internet gateway")
NAT_GATEWAY: Final = of_role("nat gateway")
EGRESS_ONLY_GATEWAY: Final = of_role("egress only gateway")
NETWORK_ACL: Final = of_role("network acl")
INTERFACE: Final = of_role("interface")
ADDRESS: Final = of_role("address")
ADDRESS_ASSOCIATION: Final = of_role("address association")
ENDPOINT: Final = of_role("endpoint")
CONNECT_ENDPOINT: Final = of_role("connect endpoint")

# Security groups
SECURITY_GROUP: Final = of_role("security group")
INGRESS_RULE: Final = of_role("ingress rule")
EGRESS_RULE: Final = of_role("egress rule")
GROUP_RULES: Final = (*SECURITY_GROUP, *INGRESS_RULE, *EGRESS_RULE)
"""Types that hold rules of security groups."""

# Compute
INSTANCE: Final = of_role("instance")
LAUNCH_TEMPLATE: Final = of_role("launch template")
SCALING_GROUP: Final = of_role("scaling group")
SERVICE: Final = of_role("service")
TASK_DEFINITION: Final = of_role("task definition")
FUNCTION: Final = of_role("function")
ALIAS: Final = of_role("alias")
PERMISSION: Final = of_role("permission")
INVOKED: Final = (*FUNCTION, *ALIAS)
BOOTED: Final = (*INSTANCE, *LAUNCH_TEMPLATE)
"""Types with an instance type and a boot script."""
MACHINES: Final = (*INSTANCE, *SCALING_GROUP, *SERVICE)
COMPUTE: Final = (*MACHINES, *FUNCTION)

# Load balancers
LOAD_BALANCER: Final = of_role("load balancer")
LISTENER: Final = of_role("listener")
TARGET_GROUP: Final = of_role("target group")
TARGET_ATTACHMENT: Final = of_role("target attachment")
CLOUD_MAP_SERVICE: Final = of_role("cloud map service")
CLOUD_MAP_INSTANCE: Final = of_role("cloud map instance")
DNS_RECORD: Final = of_role("dns record")

# API Gateway
REST_API: Final = of_role("rest api")
REST_STAGE: Final = of_role("rest stage")
METHOD_SETTINGS: Final = of_role("method settings")
USAGE_PLAN: Final = of_role("usage plan")
REST_DOMAIN: Final = of_role("rest domain")
BASE_PATH_MAPPING: Final = of_role("base path mapping")
REST_LINK: Final = of_role("rest link")
HTTP_API: Final = of_role("http api")
APIS: Final = (*REST_API, *HTTP_API)
HTTP_ROUTE: Final = of_role("http route")
HTTP_INTEGRATION: Final = of_role("http integration")
INTEGRATING: Final = (*HTTP_INTEGRATION, *REST_API)
"""Types that declare integrations: one, or all of a body."""
HTTP_STAGE: Final = of_role("http stage")
STAGES: Final = (*REST_STAGE, *HTTP_STAGE)
API_MAPPING: Final = of_role("api mapping")
HTTP_LINK: Final = of_role("http link")
LINKS: Final = (*REST_LINK, *HTTP_LINK)
WEB_ACL: Final = of_role("web acl")
ACL_ASSOCIATION: Final = of_role("acl association")

# Roles
ROLE: Final = of_role("role")
INSTANCE_PROFILE: Final = of_role("instance profile")
ROLE_POLICY: Final = of_role("role policy")
ROLE_ATTACHMENT: Final = of_role("role attachment")
POLICY: Final = of_role("policy")
