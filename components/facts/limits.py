"""Limits that AWS sets, each in one place with the page it comes from.

A short name is the last part of a page of https://docs.aws.amazon.com.
"""

from typing import Final

# Ports and protocols
PORTS: Final = range(1, 65536)
HTTP_PORT: Final = 80
HTTPS_PORT: Final = 443
LISTENERS_PER_BALANCER: Final = 50  # elasticloadbalancing/latest/application/load-balancer-limits.html
STANDBY_PORTS: Final = (65_535, 65_534)  # ours: of the listener for health checks, plain and with TLS
SSH_PORT: Final = 22
SMTP_PORT: Final = 25  # blocked to the internet by default; AWSEC2/latest/UserGuide/ec2-resource-limits.html
INSTANCE_PORTS: Final = {SSH_PORT: "its SSH server", 53: "its name resolver"}  # taken on Amazon Linux 2023

WEBHOOK_SECRET_CHARACTERS: Final = 16  # ours, the fewest: whoever has one signed request can try all shorter ones

# Networks. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
VPC_PREFIX_LENGTHS: Final = range(16, 29)
ZONES: Final = range(1, 7)
IPV6_SUBNET_PREFIX_LENGTH: Final = 64
LOAD_BALANCER_PREFIX_LENGTH: Final = 27  # the smallest subnet a load balancer scales in; load-balancer-subnets
SECURITY_GROUP_RULES: Final = 60  # in each direction and version of IP, unless the quota was raised; amazon-vpc-limits
DOCKER_BRIDGE: Final = "172.17.0.0/16"  # in every container host, and some AWS services; vpc-cidr-blocks advises
GP3_GIB: Final = 65_536  # API_EbsBlockDevice
MACHINE_IMAGE_GIB: Final = 8  # the snapshot of Amazon Linux 2023; a disk cannot be smaller
USER_DATA_BYTES: Final = 16_384  # before base64; instancedata-add-user-data
LAMBDA_INTERFACES_SECONDS: Final = (
    3_600  # Lambda deletes its interfaces late; they hold subnets; pulumi/pulumi-aws#2642
)
LAMBDA_INTERFACES_WAIT: Final = f"{LAMBDA_INTERFACES_SECONDS // 60}m"

# Waits of an update, in seconds. Ours, but for the provider's own limit of an ECS service.
BOOT_SECONDS: Final = 1_800  # pauses of the boot script, besides the start of the container
ANSWER_SECONDS: Final = 2_100  # until a new copy answers, besides its start
FAILED_TASKS: Final = 3  # before ECS rolls back, for up to six copies; deployment-circuit-breaker
NAT_BOOT_SECONDS: Final = 600  # a new NAT instance without CPU credits
SERVICE_SECONDS: Final = 1_200  # internal/service/ecs/service.go: create, update and delete
GROUP_SECONDS: Final = 1_800  # an Auto Scaling group that is deleted, besides its draining

# API Gateway. http-api-quotas, api-gateway-execution-service-limits-table
HTTP_API_TIMEOUT_MILLISECONDS: Final = 30_000
REST_API_TIMEOUT_MILLISECONDS: Final = 29_000
MINIMUM_TIMEOUT_MILLISECONDS: Final = 50
STREAM_MILLISECONDS: Final = 900_000  # a streamed answer of a REST API; response-transfer-mode
IDLE_TIMEOUT_SECONDS: Final = 60  # of an ALB, if not set; edit-load-balancer-attributes
STREAM_PAUSE_SECONDS: Final = 300  # within it, regional and private endpoints
STREAM_UNTHROTTLED_MB: Final = 10  # of each answer; what follows comes at STREAM_MB_PER_SECOND
STREAM_MB_PER_SECOND: Final = 2
STAGE_VARIABLE_CHARACTERS: Final = 512
RESOURCE_POLICY_CHARACTERS: Final = 8_192  # unless the quota was raised
RAISED_POLICY_CHARACTERS: Final = 100_000  # ours: AWS names no most
API_DEFINITION_BYTES: Final = 6_000_000  # of an import; API_ImportRestApi
REST_RESOURCES: Final = 300  # unless the quota was raised
ACCOUNT_RATE: Final = 10_000
ACCOUNT_BURST: Final = 5_000
SMALL_ACCOUNT_RATE: Final = 2_500
SMALL_ACCOUNT_BURST: Final = 1_250
SMALL_ACCOUNT_REGIONS: Final = (
    "af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-west-1",
    "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "mx-central-1",
)  # fmt: skip
METHOD_THROTTLES_PER_PLAN: Final = 20
HTTP_API_ROUTES: Final = 300
ACCESS_LOG_FORMAT_BYTES: Final = 3_072  # "3 KB" of an access log's template, of both kinds of API
AUTHORIZERS_PER_API: Final = 10
AUDIENCES_PER_AUTHORIZER: Final = 50
SCOPES_PER_ROUTE: Final = 10  # of an HTTP API
SCOPE_CHARACTERS: Final = 64  # of an HTTP API; apigatewayv2/latest/api-reference/apis-apiid-routes.html
AUTHORIZED_ARN_BYTES: Final = 1600  # of a call of a REST API's authorizer; api-gateway-lambda-authorizer-output
AUTHORIZER_RESOURCE_CHARACTERS: Final = 512  # of a resource in the policy that it returns
LAMBDA_AUTHORIZER_SECONDS: Final = 10  # of an HTTP API
RAISED_TIMEOUT_MILLISECONDS: Final = 300_000  # ours: the most that the provider takes; AWS names no most
REST_API_PORTS: Final = (80, 443, *range(1024, 65536))  # of HTTP integrations; setup-http-integrations
HEALTH_CHECK_PATHS: Final = ("/ping", "/sping")  # API Gateway's own at custom domains; api-gateway-known-issues
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANY: Final = "ANY"
QUOTA_REQUESTS: Final = 2_147_483_647  # of a usage plan; the service's 32-bit integer
API_KEY_CHARACTERS: Final = range(20, 129)

# CloudWatch Logs. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_RETENTION_DAYS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)

# Policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count
ROLE_POLICIES_CHARACTERS: Final = 10_240  # all inline policies of a role together
ROLE_MANAGED_POLICIES: Final = 10  # unless the quota was raised, to 25 at most
MANAGED_POLICY_CHARACTERS: Final = 6_144
ENDPOINT_POLICY_CHARACTERS: Final = 20_480  # with white space; vpc-endpoints-access

# Lambda. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_MEMORY_MIB: Final = range(128, 10_241)
# By the API's model, botocore 1.44.8, shape Timeout. The guide still has 900, after which API Gateway ends streams.
LAMBDA_TIMEOUT_SECONDS: Final = range(1, 1_801)
API_TIMEOUT_SECONDS: Final = range(1, STREAM_MILLISECONDS // 1000 + 1)  # of what an API waits for, streams included
LAMBDA_UPLOAD_BYTES: Final = 52_428_800  # of a zip that is sent with the call; more goes through S3
LAMBDA_CODE_BYTES: Final = 262_144_000  # unzipped, with its layers
LAMBDA_LAYERS: Final = 5
LAMBDA_CONCURRENCY: Final = 1_000  # of an account, unless the quota was raised; new accounts may have less
LAMBDA_UNRESERVED: Final = 100  # what reservations must leave of it; configuration-concurrency
LAMBDA_SUBNETS: Final = 16  # API_VpcConfig
TAGS: Final = 50  # of a resource; tag-editor/latest/userguide/best-practices-and-strats.html
LAMBDA_ENVIRONMENT_BYTES: Final = 4_096  # of all names and values together
# configuration-envvars
LAMBDA_RESERVED_VARIABLES: Final = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
}  # fmt: skip
LAMBDA_STREAM_MB: Final = 200  # of a streamed answer; configuration-response-streaming
# Managed runtimes whose handlers cannot stream, by the beginning of their names: a wrapper must bring a loop that can.
# Of the managed ones, AWS names Node.js alone as able to; configuration-response-streaming.
LAMBDA_RUNTIMES_WITHOUT_STREAMS: Final = ("dotnet", "java", "python", "ruby")
LAMBDA_UNBILLED_STREAM_MB: Final = 6  # of a streamed answer; https://aws.amazon.com/lambda/pricing/

# VPC links (v2) are available in these zones. Of a region that the page does not list, the zones are not known.
# apigateway-vpc-links-v2
VPC_LINK_ZONE_IDS: Final = {
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"),
    "us-east-2": ("use2-az1", "use2-az2", "use2-az3"),
    "us-west-1": ("usw1-az1", "usw1-az3"),
    "us-west-2": ("usw2-az1", "usw2-az2", "usw2-az3", "usw2-az4"),
    "ap-east-1": ("ape1-az2", "ape1-az3"),
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "ap-northeast-2": ("apne2-az1", "apne2-az2", "apne2-az3"),
    "ap-south-1": ("aps1-az1", "aps1-az2", "aps1-az3"),
    "ap-southeast-1": ("apse1-az1", "apse1-az2", "apse1-az3"),
    "ap-southeast-2": ("apse2-az1", "apse2-az2", "apse2-az3"),
    "ca-central-1": ("cac1-az1", "cac1-az2"),
    "eu-central-1": ("euc1-az1", "euc1-az2", "euc1-az3"),
    "eu-north-1": ("eun1-az1", "eun1-az2", "eun1-az3"),
    "eu-south-2": ("eus2-az1", "eus2-az2", "eus2-az3"),
    "eu-west-1": ("euw1-az1", "euw1-az2", "euw1-az3"),
    "eu-west-2": ("euw2-az1", "euw2-az2", "euw2-az3"),
    "eu-west-3": ("euw3-az1", "euw3-az3"),
    "me-south-1": ("mes1-az1", "mes1-az2", "mes1-az3"),
    "sa-east-1": ("sae1-az1", "sae1-az2", "sae1-az3"),
    "us-gov-west-1": ("usgw1-az1", "usgw1-az2", "usgw1-az3"),
}


def find_account_throttle(region: str | None) -> tuple[int, int]:
    """Requests a second, and how many at once, that API Gateway takes for an account, unless AWS raised its quota."""
    if region in SMALL_ACCOUNT_REGIONS:
        return SMALL_ACCOUNT_RATE, SMALL_ACCOUNT_BURST
    return ACCOUNT_RATE, ACCOUNT_BURST
