"""Type tokens by their part in traffic, from the catalog: always a tuple, since several types may play one part."""

from typing import Final

from .catalog import list_types, make_token

# Networks
VPC: Final = list_types("vpc")
SUBNET: Final = list_types("subnet")
ROUTE_TABLE: Final = list_types("route table")
ROUTE: Final = list_types("route")
ROUTE_TABLE_ASSOCIATION: Final = list_types("route table association")
INTERNET_GATEWAY: Final = list_types("internet gateway")
NAT_GATEWAY: Final = list_types("nat gateway")
EGRESS_ONLY_GATEWAY: Final = list_types("egress only gateway")
NETWORK_ACL: Final = list_types("network acl")
INTERFACE: Final = list_types("interface")
ADDRESS: Final = list_types("address")
ADDRESS_ASSOCIATION: Final = list_types("address association")
ENDPOINT: Final = list_types("endpoint")
CONNECT_ENDPOINT: Final = list_types("connect endpoint")

# Security groups
SECURITY_GROUP: Final = list_types("security group")
INGRESS_RULE: Final = list_types("ingress rule")
EGRESS_RULE: Final = list_types("egress rule")
GROUP_RULES: Final = (*SECURITY_GROUP, *INGRESS_RULE, *EGRESS_RULE)
"""Types that hold rules of security groups."""

# Compute
INSTANCE: Final = list_types("instance")
LAUNCH_TEMPLATE: Final = list_types("launch template")
SCALING_GROUP: Final = list_types("scaling group")
SERVICE: Final = list_types("service")
TASK_DEFINITION: Final = list_types("task definition")
FUNCTION: Final = list_types("function")
ALIAS: Final = list_types("alias")
PERMISSION: Final = list_types("permission")
INVOKED: Final = (*FUNCTION, *ALIAS)
BOOTED: Final = (*INSTANCE, *LAUNCH_TEMPLATE)
"""Types with an instance type and a boot script."""
MACHINES: Final = (*INSTANCE, *SCALING_GROUP, *SERVICE)
COMPUTE: Final = (*MACHINES, *FUNCTION)

# Load balancers
LOAD_BALANCER: Final = list_types("load balancer")
LISTENER: Final = list_types("listener")
TARGET_GROUP: Final = list_types("target group")
TARGET_ATTACHMENT: Final = list_types("target attachment")
CLOUD_MAP_SERVICE: Final = list_types("cloud map service")
CLOUD_MAP_INSTANCE: Final = list_types("cloud map instance")
DNS_RECORD: Final = list_types("dns record")

# API Gateway
REST_API: Final = list_types("rest api")
REST_STAGE: Final = list_types("rest stage")
REST_RESOURCE: Final = (make_token("apigateway.Resource"),)
REST_METHOD: Final = (make_token("apigateway.Method"),)
REST_INTEGRATION: Final = (make_token("apigateway.Integration"),)
REST_POLICY: Final = (make_token("apigateway.RestApiPolicy"),)
METHOD_SETTINGS: Final = list_types("method settings")
USAGE_PLAN: Final = list_types("usage plan")
REST_DOMAIN: Final = list_types("rest domain")
BASE_PATH_MAPPING: Final = list_types("base path mapping")
REST_LINK: Final = list_types("rest link")
HTTP_API: Final = list_types("http api")
APIS: Final = (*REST_API, *HTTP_API)
HTTP_ROUTE: Final = list_types("http route")
HTTP_INTEGRATION: Final = list_types("http integration")
INTEGRATING: Final = (*HTTP_INTEGRATION, *REST_INTEGRATION, *REST_API)
"""Types that declare integrations: one, or all of a body."""
HTTP_STAGE: Final = list_types("http stage")
STAGES: Final = (*REST_STAGE, *HTTP_STAGE)
API_MAPPING: Final = list_types("api mapping")
HTTP_LINK: Final = list_types("http link")
LINKS: Final = (*REST_LINK, *HTTP_LINK)
WEB_ACL: Final = list_types("web acl")
ACL_ASSOCIATION: Final = list_types("acl association")

# Roles
ROLE: Final = list_types("role")
INSTANCE_PROFILE: Final = list_types("instance profile")
ROLE_POLICY: Final = list_types("role policy")
ROLE_ATTACHMENT: Final = list_types("role attachment")
POLICY: Final = list_types("policy")
