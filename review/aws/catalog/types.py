"""Type tokens by their part in traffic, from the catalog: always a tuple, since several types may play one part."""

from typing import Final

from .catalog import of_role

# Networks
VPC: Final = of_role("vpc")
SUBNET: Final = of_role("subnet")
ROUTE_TABLE: Final = of_role("route table")
ROUTE: Final = of_role("route")
ROUTE_TABLE_ASSOCIATION: Final = of_role("route table association")
MAIN_ROUTE_TABLE_ASSOCIATION: Final = of_role("main route table association")
INTERNET_GATEWAY: Final = of_role("internet gateway")
NAT_GATEWAY: Final = of_role("nat gateway")
VPC_RANGE: Final = of_role("vpc range")
PROPAGATION: Final = of_role("route propagation")
PUBLIC_ACCESS_BLOCK: Final = of_role("public access block")
EGRESS_ONLY_GATEWAY: Final = of_role("egress only gateway")
NETWORK_ACL: Final = of_role("network acl")
NETWORK_ACL_RULE: Final = of_role("network acl rule")
NETWORK_ACL_ASSOCIATION: Final = of_role("network acl association")
INTERFACE: Final = of_role("interface")
INTERFACE_ATTACHMENT: Final = of_role("interface attachment")
INTERFACE_GROUP_ATTACHMENT: Final = of_role("interface group attachment")
ADDRESS: Final = of_role("address")
ADDRESS_ASSOCIATION: Final = of_role("address association")
ENDPOINT: Final = of_role("endpoint")
ENDPOINT_POLICY: Final = of_role("endpoint policy")
ENDPOINT_ROUTE_TABLE: Final = of_role("endpoint route table")
ENDPOINT_SUBNET: Final = of_role("endpoint subnet")
ENDPOINT_GROUP: Final = of_role("endpoint group")
CONNECT_ENDPOINT: Final = of_role("connect endpoint")
PEERING: Final = of_role("peering")
"""Resources that join a VPC to other networks, whose addresses then count as inside."""

# Security groups
SECURITY_GROUP: Final = of_role("security group")
INGRESS_RULE: Final = of_role("ingress rule")
EGRESS_RULE: Final = of_role("egress rule")
CLASSIC_RULE: Final = of_role("classic rule")
GROUP_RULES: Final = (*SECURITY_GROUP, *INGRESS_RULE, *EGRESS_RULE, *CLASSIC_RULE)
"""Types that hold rules of security groups."""
PREFIX_LIST: Final = of_role("prefix list")
PREFIX_LIST_ENTRY: Final = of_role("prefix list entry")

# Compute
INSTANCE: Final = of_role("instance")
LAUNCH_TEMPLATE: Final = of_role("launch template")
SCALING_GROUP: Final = of_role("scaling group")
SCALING_ATTACHMENT: Final = of_role("scaling attachment")
SCALING_TRAFFIC_SOURCE: Final = of_role("scaling traffic source")
SERVICE: Final = of_role("service")
TASK_DEFINITION: Final = of_role("task definition")
FUNCTION: Final = of_role("function")
ALIAS: Final = of_role("alias")
PERMISSION: Final = of_role("permission")
FUNCTION_URL: Final = of_role("function url")
INVOKED: Final = (*FUNCTION, *ALIAS)
BOOTED: Final = (*INSTANCE, *LAUNCH_TEMPLATE)
"""Types with an instance type and a boot script."""
MACHINES: Final = (*INSTANCE, *SCALING_GROUP, *SERVICE)
COMPUTE: Final = (*MACHINES, *FUNCTION)

STARTER: Final = of_role("task starter")
"""Types that start a task in a network of their own choice."""

STATE_MACHINE: Final = of_role("state machine")

# Callers of functions
IDENTITY_POOL: Final = of_role("identity pool")
IDENTITY_POOL_ROLES: Final = of_role("identity pool roles")
USER_POOL: Final = of_role("user pool")
RECEIPT_RULE: Final = of_role("receipt rule")
TOPIC_SUBSCRIPTION: Final = of_role("topic subscription")

# Databases, caches and file systems
DATA_STORE: Final = of_role("data store")
STORE_SUBNET_GROUP: Final = of_role("store subnet group")

KUBERNETES: Final = of_role("kubernetes cluster")
KUBERNETES_NODES: Final = of_role("kubernetes nodes")
SEARCH_POLICY: Final = of_role("search policy")
PUBLIC_SERVICE: Final = of_role("public service")
"""Types that AWS gives an address of their own, without a network of the program."""
PUBLIC_PORTS: Final = of_role("public ports")

# Load balancers
LOAD_BALANCER: Final = of_role("load balancer")
CLASSIC_BALANCER: Final = of_role("classic load balancer")
CLASSIC_ATTACHMENT: Final = of_role("classic attachment")
LISTENER: Final = of_role("listener")
LISTENER_RULE: Final = of_role("listener rule")
TARGET_GROUP: Final = of_role("target group")
TARGET_ATTACHMENT: Final = of_role("target attachment")
CLOUD_MAP_SERVICE: Final = of_role("cloud map service")
CLOUD_MAP_INSTANCE: Final = of_role("cloud map instance")
DNS_RECORD: Final = of_role("dns record")

# API Gateway
REST_API: Final = of_role("rest api")
REST_POLICY: Final = of_role("rest policy")
REST_RESOURCE: Final = of_role("rest resource")
METHOD: Final = of_role("method")
REST_INTEGRATION: Final = of_role("rest integration")
DEPLOYMENT: Final = of_role("deployment")
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
INTEGRATING: Final = (*REST_INTEGRATION, *HTTP_INTEGRATION, *REST_API)
"""Types that declare integrations: one, or all of a body."""
HTTP_STAGE: Final = of_role("http stage")
STAGES: Final = (*REST_STAGE, *HTTP_STAGE)
HTTP_DOMAIN: Final = of_role("http domain")
DOMAINS: Final = (*REST_DOMAIN, *HTTP_DOMAIN)
API_MAPPING: Final = of_role("api mapping")
ROUTING_RULE: Final = of_role("routing rule")
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
COMPONENTS: Final = of_role("component")
COMPONENT_SERVICES: Final = of_role("component with machines")
"""Components of other processes that may take requests."""
DISTRIBUTION: Final = of_role("distribution")
GRAPHQL_API: Final = of_role("graphql api")
GRAPHQL_SOURCE: Final = of_role("graphql data source")
CARRIERS: Final = (
    *(*APIS, *STAGES, *DOMAINS, *REST_INTEGRATION, *HTTP_INTEGRATION, *LINKS, *LOAD_BALANCER),
    *(*LISTENER, *TARGET_GROUP, *CLOUD_MAP_SERVICE, *COMPUTE),
)
"""Types that only carry calls: without one of them calls end, and no other call passes."""
