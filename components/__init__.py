"""Reusable components: a private AWS backend behind API Gateway, and behind nothing else."""

from .alerts import Alerts
from .api_consumer import ApiConsumer
from .api_front import ApiFront
from .ec2_backend import Ec2Backend
from .fargate_backend import FargateBackend
from .folder_function import FolderFunction
from .greeter import Greeter
from .nat_instance import NatInstance
from .private_api_endpoint import PrivateApiEndpoint
from .private_ingress import PrivateIngress
from .private_network import PrivateNetwork
from .serverless_proxy import ServerlessProxy
from .url_backend import UrlBackend
from .version import VERSION

COMPONENTS = (
    Alerts,
    ApiConsumer,
    ApiFront,
    Ec2Backend,
    FargateBackend,
    FolderFunction,
    Greeter,
    NatInstance,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
"""What the package offers to programs in other languages."""

__all__ = [
    "COMPONENTS",
    "VERSION",
    "Alerts",
    "ApiConsumer",
    "ApiFront",
    "Ec2Backend",
    "FargateBackend",
    "FolderFunction",
    "Greeter",
    "NatInstance",
    "PrivateApiEndpoint",
    "PrivateIngress",
    "PrivateNetwork",
    "ServerlessProxy",
    "UrlBackend",
]
