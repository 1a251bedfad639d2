"""A forwarder with a larger temporary disk, which ServerlessProxy has no argument for."""

import pulumi
from gatehouse import PrivateNetwork, PrivateNetworkArgs, ServerlessProxy, ServerlessProxyArgs


def patched(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Change the inputs of one child, by its type. Every other resource stays as it is."""
    if args.type_ != "aws:lambda/function:Function":
        return None
    props = {**args.props, "ephemeralStorage": {"size": 1024}}
    return pulumi.ResourceTransformResult(props=props, opts=args.opts)


network = PrivateNetwork("network", PrivateNetworkArgs(zones=["eu-west-1a", "eu-west-1b"], egress=[]))
proxy = ServerlessProxy(
    "proxy",
    ServerlessProxyArgs(
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        url="http://10.0.3.7:8080",
        port=8080,
        backend_cidrs=["10.0.3.7/32"],
    ),
    opts=pulumi.ResourceOptions(transforms=[patched]),
)

pulumi.export("function", proxy.function_name)
