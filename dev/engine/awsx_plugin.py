"""`pulumi-resource-awsx` without Docker: an image "is" built and pushed at once, and has a digest.

What a program declares around it (repository, lifecycle, the service that runs the image) is then the engine's and the
provider's.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc

from .aws_plugin.cty import UNKNOWN
from .aws_plugin.wire import message, opened, plain
from .serving import serve

_IMAGE: Final = "awsx:ecr:Image"


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Constructs images."""

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True, accept_outputs=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="3.11.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Construct(self, request: Any, context: Any) -> Any:
        if request.type != _IMAGE:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.type} is not served here")
        inputs = opened(plain(request.inputs))
        with grpc.insecure_channel(request.monitorEndpoint) as channel:
            registered = resource_pb2_grpc.ResourceMonitorStub(channel).RegisterResource(
                resource_pb2.RegisterResourceRequest(
                    type=_IMAGE, name=request.name, parent=request.parent, custom=False, acceptSecrets=True
                )
            )
        repository = inputs["repositoryUrl"]
        digest = hashlib.sha256(str(inputs.get("context")).encode()).hexdigest()
        uri = UNKNOWN if repository is UNKNOWN else f"{repository}@sha256:{digest}"
        return provider_pb2.ConstructResponse(urn=registered.urn, state=message({"imageUri": uri}))

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


if __name__ == "__main__":
    serve(Servicer(), 4)
