"""Type tokens by their part in traffic, from the catalog: always a tuple, since several types may play one part."""

from typing import Final

from .catalog import list_types, make_token

# Networks
VPC: Final = list_types("vpc")
SUBNET: Final = list_types("subnet")
ROUTE_TABLE: Final = list_types("route table")
ROUTE: Final = list_types("route")
NAT_GATEWAY: Final = list_types("nat gateway")
INTERFACE: Final = list_types("interface")
ADDRESS: Final = list_types("address")
ENDPOINT: Final = list_types("endpoint")

# Security groups
SECURITY_GROUP: Final = list_types("security group")
INGRESS_RULE: Final = list_types("ingress rule")

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

# Load balancers
LOAD_BALANCER: Final = list_types("load balancer")
LISTENER: Final = list_types("listener")
TARGET_GROUP: Final = list_types("target group")
CLOUD_MAP_SERVICE: Final = list_types("cloud map service")

# API Gateway
REST_API: Final = list_types("rest api")
REST_STAGE: Final = list_types("rest stage")
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
HTTP_STAGE: Final = list_types("http stage")
STAGES: Final = (*REST_STAGE, *HTTP_STAGE)
API_MAPPING: Final = list_types("api mapping")
HTTP_LINK: Final = list_types("http link")
LINKS: Final = (*REST_LINK, *HTTP_LINK)

# Roles
ROLE: Final = list_types("role")
