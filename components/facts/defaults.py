"""Defaults that components and settings share: each value once, with its reason."""

from typing import Final

# Network
VPC_CIDR: Final = "10.0.0.0/16"
ZONES: Final = 2  # as many as a load balancer and a VPC link need
NAT_INSTANCE_TYPE: Final = "t4g.nano"  # 32 Mbit/s sustained is some 10 TB a month
NAT_INSTANCE_ALARMS: Final = 3  # nat/alarms.py, for a type with CPU credits; and one metric of its own
NAT_INSTANCE_DISK_GIB: Final = 2

# Backend
BACKEND_INSTANCE_TYPE: Final = "t4g.micro"
BACKEND_INSTANCE_TYPE_AMD64: Final = "t3.micro"
BACKEND_PORT: Final = 8080
HEALTH_CHECK_PATH: Final = "/"
START_SECONDS: Final = 300  # Django or Spring with migrations on a small processor

# API
STAGE: Final = "live"
CORS_MAX_AGE_SECONDS: Final = 600
ROUTE_PATH: Final = "/forward"
ROUTE_METHODS: Final = ("GET", "HEAD", "POST", "PUT")
THROTTLE_RATE: Final = 100  # requests a second
THROTTLE_BURST: Final = 50
BLOCKED_REQUESTS: Final = 2_000  # of one address in five minutes, by WAF
ALARMED_REQUESTS: Final = 25_000  # of all callers in five minutes
SERVER_ERROR_PERCENT: Final = 5
CLIENT_ERROR_PERCENT: Final = 50
LATENCY_MILLISECONDS: Final = 5_000
LOG_RETENTION_DAYS: Final = 30

# Forwarder
PROXY_MEMORY_MIB: Final = 512  # buys processor time: half a vCPU would be 885 MB, and 128 MB starts slowly
PROXY_TIMEOUT_SECONDS: Final = 10  # a slow page survives it; the worst bill, which the review prints, grows with it
PROXY_LEAST_TIMEOUT_SECONDS: Final = 1  # of what follows from the backend's mean time
PROXY_TIMEOUT_FACTOR: Final = 3  # of the mean time of the backend
WEBHOOK_TOLERANCE_SECONDS: Final = 300  # age of a signed timestamp; what Stripe and Slack advise
KEPT_VERSIONS: Final = 3
FUNCTION_ALIAS: Final = "live"

# Load balancer
DEREGISTRATION_DELAY_SECONDS: Final = 30  # API Gateway itself waits 29 or 30 s

# Fargate: the smallest task there is
FARGATE_CPU: Final = 256
FARGATE_MEMORY_MIB: Final = 512

# Functions that are no forwarder
LAMBDA_RUNTIME: Final = "python3.13"
LAMBDA_HANDLER: Final = "handler.handler"
FUNCTION_MEMORY_MIB: Final = 128
FUNCTION_TIMEOUT_SECONDS: Final = 3
