"""Reusable components: a private AWS backend behind API Gateway, and behind nothing else."""

from .alerts import Alerts
from .api_front import ApiFront
from .ec2_backend import Ec2Backend
from .fargate_backend import FargateBackend
from .nat_instance import NatInstance
from .private_ingress import PrivateIngress
from .private_network import PrivateNetwork
from .serverless_proxy import ServerlessProxy
from .url_backend import UrlBackend

__all__ = [
    "Alerts",
    "ApiFront",
    "Ec2Backend",
    "FargateBackend",
    "NatInstance",
    "PrivateIngress",
    "PrivateNetwork",
    "ServerlessProxy",
    "UrlBackend",
]
