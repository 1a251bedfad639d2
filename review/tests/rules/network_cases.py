"""Cases of networks, machines, limits and costs."""

from typing import Any, Final

from review.graph import UNKNOWN
from review.tests.helpers.steps import (
    acl,
    attach,
    backend,
    balancer,
    calls,
    change,
    each,
    edge,
    egress,
    endpoint,
    export,
    forwarder,
    group,
    ingress,
    invoke,
    link_stack,
    machine,
    nat_machine,
    network,
    output,
    private_stack,
    proxy_stack,
    remove,
    resource,
    rest,
    subnet,
    table,
)
from review.tests.rules.case import Case, cannot_tell, fails, sound
from review.tests.rules.programs import bucket_endpoint, function, link_to_listener, open_api, rest_to

# fmt: off
_VPC = resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16")
_OPEN = {"protocol": "tcp", "fromPort": 9100, "toPort": 9100, "cidrBlocks": ["10.0.0.0/16"]}


def _group(**inline: Any) -> Any:
    return resource("ec2/securityGroup", "backend", vpcId=output("vpc.id"), **inline)


def _rule(kind: str = "vpc/securityGroupIngressRule", **inputs: Any) -> Any:
    return resource(kind, "added", **{"securityGroupId": output("backend.id"), "ipProtocol": "tcp", "fromPort": 1, "toPort": 1,
        "cidrIpv4": "10.0.0.0/16", **inputs})


# pulumi/pulumi-eks#1031, hashicorp/terraform-provider-aws#3884: each list with each resource that writes it
CASES: Final[dict[str, list[Case]]] = {
    "FIT-54": [
        fails("added", "whose ingress is the whole list", _VPC, _group(ingress=[_OPEN]), _rule()),
        fails("added", "whose ingress is the whole list", _VPC, _group(ingress=[]), _rule()),
        fails("added", "whose egress is the whole list", _VPC, _group(egress=[_OPEN]), _rule("vpc/securityGroupEgressRule")),
        fails("added", "whose egress is the whole list", _VPC, _group(egress=[_OPEN]), _rule("ec2/securityGroupRule", type="egress")),
        fails("added", "whose routes is the whole list", _VPC,
            resource("ec2/routeTable", "table", vpcId=output("vpc.id"), routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-0a1b2c3d"}]),
            resource("ec2/route", "added", routeTableId=output("table.id"), destinationCidrBlock="10.9.0.0/16", gatewayId="igw-0a1b2c3d")),
        fails("added", "whose managedPolicyArns is the whole list",
            resource("iam/role", "role", assumeRolePolicy="{}", managedPolicyArns=["arn:aws:iam::aws:policy/A"]),
            resource("iam/rolePolicyAttachment", "added", role=output("role.name"), policyArn="arn:aws:iam::aws:policy/B")),
        fails("added", "whose inlinePolicies is the whole list",
            resource("iam/role", "role", assumeRolePolicy="{}", inlinePolicies=[{"name": "a", "policy": "{}"}]),
            resource("iam/rolePolicy", "added", role=output("role.name"), policy="{}")),
        fails("added", "whose routeTableIds is the whole list", _VPC,
            resource("ec2/vpcEndpoint", "s3", vpcId=output("vpc.id"), serviceName="com.amazonaws.eu-west-1.s3", routeTableIds=["rtb-0a1b2c3d"]),
            resource("ec2/vpcEndpointRouteTableAssociation", "added", vpcEndpointId=output("s3.id"), routeTableId="rtb-0b1c2d3e")),
        cannot_tell("backend", "ingress of backend", _VPC, _group(ingress=UNKNOWN), _rule()),
        # The other direction, another group, and a group without inline rules
        sound(_VPC, _group(egress=[_OPEN]), _rule()),
        sound(_VPC, _group(ingress=[_OPEN]), _rule(securityGroupId="sg-0a1b2c3d")),
        sound(_VPC, _group(), _rule()),
    ],
    "NET-01": [
        fails("backend", "public IPv4 address", network(), backend(subnetId=output("public.id"), associatePublicIpAddress=True), forwarder()),
        fails("service", "public IPv4 address", network(), group("service-group"),
            resource("ecs/service", "service", networkConfiguration={"subnets": [output("public.id")], "securityGroups": [output("service-group.id")],
            "assignPublicIp": True})),
        fails("server", "public IPv6 address", network(), resource("ec2/route", "six", routeTableId=output("public-routes.id"),
            destinationIpv6CidrBlock="::/0", gatewayId=output("internet.id")), group("server-group"),
            machine("server", subnetId=output("public.id"), vpcSecurityGroupIds=[output("server-group.id")], ipv6AddressCount=1)),
        # nobody's backend
        sound(proxy_stack(), group("bastion-group"), machine("bastion", subnetId=output("public.id"), vpcSecurityGroupIds=[output("bastion-group.id")],
            associatePublicIpAddress=True), also=["NET-06"]),
        # not certain, and so no violation
        sound(network(), group("members"), machine("server", subnetId="subnet-of-another", vpcSecurityGroupIds=[output("members.id")], associatePublicIpAddress=UNKNOWN)),
    ],
    "NET-02": [
        fails("backend-in", "tcp 8080 from 0.0.0.0/0", proxy_stack(), ingress("backend-in", of="backend-group", port=8080, cidrIpv4="0.0.0.0/0")),
        fails("open", "from ::/0", network(), group("open", ingress=[{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/16"],
            "ipv6CidrBlocks": ["::/0"]}])),
        # it listens on the port
        sound(network(), balancer(internal=False, subnets=[output("public.id"), output("private-1.id")]), ingress("front-in", of="balancer-group", port=80, cidrIpv4="0.0.0.0/0")),
        fails("first", "0.0.0.0/1", network(), backend(), forwarder(), ingress("first", of="backend-group", port=8080, cidrIpv4="0.0.0.0/1"),
            ingress("second", of="backend-group", port=8080, cidrIpv4="128.0.0.0/1")),
        fails("second", "128.0.0.0/1", network(), backend(), forwarder(), ingress("first", of="backend-group", port=8080, cidrIpv4="0.0.0.0/1"),
            ingress("second", of="backend-group", port=8080, cidrIpv4="128.0.0.0/1")),
        sound(network(), backend(), forwarder(), ingress("first", of="backend-group", port=8080, cidrIpv4="203.0.113.8/32"),
            ingress("second", of="backend-group", port=8080, cidrIpv4="10.0.5.0/24"), also=["NET-05"]),
        # NET-03 says it
        sound(proxy_stack(), ingress("ssh", of="backend-group", port=22, cidrIpv4="0.0.0.0/0")),
        cannot_tell("partners", "which ranges of pl-0123456789abcdef0 backend-group admits", proxy_stack(),
            ingress("partners", of="backend-group", port=8080, prefixListId="pl-0123456789abcdef0")),
    ],
    "NET-03": [
        cannot_tell("partners", "which ranges of pl-0123456789abcdef0 backend-group admits", proxy_stack(),
            ingress("partners", of="backend-group", port=8080, prefixListId="pl-0123456789abcdef0")),
        fails("ssh", "SSH from 0.0.0.0/0", proxy_stack(), ingress("ssh", of="backend-group", port=22, cidrIpv4="0.0.0.0/0")),
        fails("rdp", "RDP from 203.0.113.0/24", proxy_stack(), ingress("rdp", of="backend-group", cidrIpv4="203.0.113.0/24", ipProtocol="tcp", fromPort=3000, toPort=4000)),
        sound(proxy_stack(), group("door"), edge("door-to-backend", of="door", to="backend-group", port=22),
            ingress("office", of="backend-group", port=22, cidrIpv4="192.168.0.0/24")),
    ],
    "NET-04": [
        fails("wide", "every port from proxy-group", proxy_stack(), ingress("wide", of="backend-group", referencedSecurityGroupId=output("proxy-group.id"), ipProtocol="-1")),
        fails("wide", "every tcp port", proxy_stack(), ingress("wide", of="backend-group", cidrIpv4="10.0.1.0/24", ipProtocol="tcp", fromPort=0, toPort=65535)),
        # a NAT instance passes on every port of the VPC's
        sound(proxy_stack(egress="instance"), also=["NET-02", "NET-05"]),
    ],
    "NET-05": [
        cannot_tell("backend-in", "cidrIpv4 is known only after deployment", proxy_stack(), ingress("backend-in", of="backend-group", port=8080, cidrIpv4=UNKNOWN)),
        fails("backend-in", "open to the whole network 10.0.0.0/16", proxy_stack(), ingress("backend-in", of="backend-group", port=8080, cidrIpv4="10.0.0.0/16")),
        fails("balancer-in", "balancer is open to the whole network", link_stack(), ingress("balancer-in", of="balancer-group", port=80, cidrIpv4="10.0.0.0/8")),
        fails("first", "203.0.113.0/24", network(), backend(), forwarder(), ingress("first", of="backend-group", port=8080, cidrIpv4="203.0.113.0/24")),
        fails("second", "10.0.128.0/17", network(), backend(), forwarder(), ingress("first", of="backend-group", port=8080, cidrIpv4="10.0.0.0/17"),
            ingress("second", of="backend-group", port=8080, cidrIpv4="10.0.128.0/17")),
        # a balancer without a group can be named by its subnets only
        sound(proxy_stack(), ingress("backend-in", of="backend-group", port=8080, cidrIpv4="10.0.1.0/24")),
    ],
    "NET-06": [
        fails("public", "internet gateway", network(), backend(subnetId=output("public.id"), associatePublicIpAddress=True), forwarder()),
        cannot_tell("backend", "not all routes of private-1 are known", network(), backend(), forwarder(),
            resource("ec2/route", "stray", routeTableId=UNKNOWN, destinationCidrBlock="0.0.0.0/0", gatewayId=output("internet.id"))),
    ],
    "NET-07": [
        fails("balancer", "internet-facing", network(), balancer(internal=False), link_to_listener()),
        sound(network(), balancer(), link_to_listener()),
    ],
    "NET-08": [
        fails("vpc", "as AWS made it", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16")),
        fails("default", "has rules", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"),
            resource("ec2/defaultSecurityGroup", "default", vpcId=output("vpc.id"), ingress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}])),
        sound(resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"), resource("ec2/defaultSecurityGroup", "default", vpcId=output("vpc.id"))),
    ],
    "NET-09": [
        fails("open", "from 0.0.0.0/0", private_stack(), ingress("open", of="execute-api-group", port=443, cidrIpv4="0.0.0.0/0")),
        sound(private_stack(), ingress("from-peer", of="execute-api-group", port=443, cidrIpv4="172.16.0.0/16")),
    ],
    "NET-10": [
        fails("out", "0.0.0.0/0", proxy_stack(), egress("out", of="proxy-group", cidrIpv4="0.0.0.0/0", ipProtocol="-1")),
        fails("out", "0.0.0.0/0", network(), backend(), forwarder(), egress("out", of="proxy-group", port=443, cidrIpv4="0.0.0.0/0")),
        fails("out", "10.0.0.0/16", network(), backend(), forwarder(), egress("out", of="proxy-group", ipProtocol="-1", cidrIpv4="10.0.0.0/16")),
        sound(proxy_stack(), egress("out", of="proxy-group", port=443, cidrIpv4="203.0.113.10/32")),
    ],
    "NET-12": [
        *(fails("s3", "only way out", network(egress="none"), bucket_endpoint(**it)) for it in each({},
            {"policy": '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'})),
        sound(network(), bucket_endpoint()),
        sound(network(egress="none"), bucket_endpoint(policy='{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::a/*"}}')),
    ],
    "ROUTE-01": [
        fails("private-1-out", "black hole", network(egress="instance")),
        fails("out", "source/destination check is on", network(egress="none"), resource("ec2/networkInterface", "card", subnetId=output("public.id")),
            machine("nat", primaryNetworkInterface={"networkInterfaceId": output("card.id")}),
            resource("ec2/route", "out", routeTableId=output("private-1-routes.id"), destinationCidrBlock="0.0.0.0/0", networkInterfaceId=output("card.id"))),
        fails("private-1-out", "network ACL acl lets no answers in", network(), acl("acl", of=["public"], inward=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}])),
        fails("private-1-out", "network ACL acl lets nothing out", network(), acl("acl", of=["public"], inward=[{}], outward=[{"action": "deny"}])),
        sound(network(egress="instance"), nat_machine()),
        sound(network()),
    ],
    "ROUTE-05": [
        *(fails("backend", "", network(), resource("ec2/egressOnlyInternetGateway", "six", vpcId=output("vpc.id")),
            resource("ec2/route", "six-out", routeTableId=output("private-1-routes.id"), destinationIpv6CidrBlock="::/0",
            egressOnlyGatewayId=output("six.id")), backend(), *it) for it in each([])),
        *(sound(network(), resource("ec2/egressOnlyInternetGateway", "six", vpcId=output("vpc.id")),
            resource("ec2/route", "six-out", routeTableId=output("private-1-routes.id"), destinationIpv6CidrBlock="::/0",
            egressOnlyGatewayId=output("six.id")), backend(), *it) for it in each([egress("six-too", of="backend-group", port=443, cidrIpv6="::/0")])),
    ],
    "LIVE-01": [
        fails("proxy", "no permission lets api invoke proxy", resource("lambda/function", "proxy"), rest(paths={"/forward": {"get": calls("proxy")}})),
        fails("proxy", "no permission", resource("lambda/function", "proxy"), rest(paths={"/forward": {"get": calls("proxy")}}),
            invoke("may", api="api", function="proxy", path="/*/POST/forward")),
        fails("greeter", "no permission lets api invoke greeter", open_api(), remove("api-invokes-function")),
        # IAM compares actions without case
        sound(proxy_stack(), change("api-invokes-function", action="lambda:invokeFunction")),
        # a rule for another port than the function calls
        fails("server", "admits no tcp 8081", network(), group("behind"), group("caller"), edge("edge", of="caller", to="behind", port=8080),
            egress("also", of="caller", port=8081, referencedSecurityGroupId=output("behind.id")),
            machine("server", subnetId=output("private-1.id"), vpcSecurityGroupIds=[output("behind.id")]),
            resource("lambda/function", "proxy", environment={"variables": {"BACKEND_URL": "http://" + output("server.privateIp") + ":8081"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("caller.id")]}), rest(paths={"/forward": {"get": calls("proxy")}}),
            invoke("may", api="api", function="proxy")),
        fails("balancer", "link-group lets out no tcp 80", network(), balancer(), backend(), attach(to="targets", server="backend"), link_to_listener()),
        sound(link_stack(), also=["LIVE-02", "LIVE-07", "LIVE-08"]),
        sound(proxy_stack()),
    ],
    "LIVE-02": [
        *(fails("backend", "health check of checked on port 9000", network(), backend(), balancer(),
            edge("balancer-to-backend", of="balancer-group", to="backend-group", port=8080),
            resource("lb/targetGroup", "checked", port=8080, healthCheck={"port": it}),
            resource("lb/listener", "second", loadBalancerArn=output("balancer.arn"), port=81,
            defaultActions=[{"type": "forward", "forward": {"targetGroups": [{"arn": output("checked.arn")}]}}]),
            attach(to="checked", server="backend")) for it in each("9000")),
        *(sound(network(), backend(), balancer(), edge("balancer-to-backend", of="balancer-group", to="backend-group", port=8080),
            resource("lb/targetGroup", "checked", port=8080, healthCheck={"port": it}),
            resource("lb/listener", "second", loadBalancerArn=output("balancer.arn"), port=81,
            defaultActions=[{"type": "forward", "forward": {"targetGroups": [{"arn": output("checked.arn")}]}}]),
            attach(to="checked", server="backend")) for it in each("8080")),
    ],
    "LIVE-03": [
        *(fails("somewhere", "use1-az3", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16", region="us-east-1"),
            resource("ec2/subnet", "somewhere", vpcId=output("vpc.id"), cidrBlock="10.0.7.0/24", region="us-east-1", availabilityZoneId=it),
            resource("apigatewayv2/vpcLink", "link", subnetIds=[output("somewhere.id")], securityGroupIds=["sg-1"],
            region="us-east-1")) for it in each("use1-az3")),
        *(sound(resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16", region="us-east-1"),
            resource("ec2/subnet", "somewhere", vpcId=output("vpc.id"), cidrBlock="10.0.7.0/24", region="us-east-1", availabilityZoneId=it),
            resource("apigatewayv2/vpcLink", "link", subnetIds=[output("somewhere.id")], securityGroupIds=["sg-1"],
            region="us-east-1")) for it in each("use1-az4")),
        # the zone is AWS's to choose
        sound(resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16", region="us-east-1"),
            resource("ec2/subnet", "somewhere", vpcId=output("vpc.id"), cidrBlock="10.0.7.0/24", region="us-east-1"),
            resource("apigatewayv2/vpcLink", "link", subnetIds=[output("somewhere.id")], securityGroupIds=["sg-1"], region="us-east-1")),
    ],
    "LIVE-04": [
        *(fails("balancer", "eu-west-1a", network(), balancer(subnets=it)) for it in each([output("public.id"), output("private-1.id")], [output("private-1.id")])),
        fails("balancer", "balancer has no subnets", resource("lb/loadBalancer", "balancer", subnets=[])),
        # they may be in two
        cannot_tell("balancer", "", network(), resource("ec2/subnet", "one", vpcId=output("vpc.id"), cidrBlock="10.0.8.0/24"),
            resource("ec2/subnet", "two", vpcId=output("vpc.id"), cidrBlock="10.0.9.0/24"), balancer(subnets=[output("one.id"), output("two.id")])),
        sound(network(), balancer(), resource("lb/loadBalancer", "network-one", loadBalancerType="network", subnets=[output("private-1.id")])),
    ],
    "LIVE-05": [
        fails("vpc", "DNS host names", network(enableDnsHostnames=False), endpoint("ssm")),
        fails("vpc", "DNS support", network(enableDnsSupport=False), endpoint("ssm")),
        sound(network(), endpoint("ssm")),
    ],
    "LIVE-07": [
        fails("targets", "", network(), balancer()),
        # others may register with it, since they know of it
        cannot_tell("targets", "", network(), balancer(), export({"targets": output("targets.arn")})),
        cannot_tell("targets", "", network(), balancer(), resource("ssm/parameter", "shown", value=output("targets.arn"))),
    ],
    "LIVE-08": [
        # it forwards to no group
        fails("redirects", "admits port 80 from anybody", network(), group("wide"), ingress("in", of="wide", port=443, cidrIpv4="10.0.1.0/24"),
            resource("lb/loadBalancer", "balancer", loadBalancerType="application", subnets=[output("public.id"), output("private-1.id")],
            securityGroups=[output("wide.id")], internal=True), resource("lb/listener", "redirects", loadBalancerArn=output("balancer.arn"), port=80,
            protocol="HTTP", defaultActions=[{"type": "redirect", "redirect": {"statusCode": "HTTP_301"}}])),
        fails("listener", "admits port 80 from anybody", network(), balancer(), ingress("other", of="balancer-group", port=443, cidrIpv4="10.0.1.0/24")),
        sound(network(), balancer(kind="network", securityGroups=None)),
        # it keeps the health checks of targets running
        sound(network(), balancer(), ingress("called", of="balancer-group", port=80, cidrIpv4="10.0.1.0/24"),
            resource("lb/listener", "second", loadBalancerArn=output("balancer.arn"), port=65535, protocol="HTTP",
            defaultActions=[{"type": "forward", "targetGroupArn": output("targets.arn")}])),
        fails("second", "admits port 65535 from anybody", network(), balancer(), ingress("called", of="balancer-group", port=80, cidrIpv4="10.0.1.0/24"),
            resource("lb/targetGroup", "other", port=8081, protocol="HTTP", vpcId="vpc-1", targetType="ip"),
            resource("lb/listener", "second", loadBalancerArn=output("balancer.arn"), port=65535, protocol="HTTP",
            defaultActions=[{"type": "forward", "targetGroupArn": output("other.arn")}])),
        sound(network(), balancer(kind="network", enforceSecurityGroupInboundRulesOnPrivateLinkTraffic="off"),
            resource("apigateway/vpcLink", "link", targetArn=output("balancer.arn"))),
    ],
    "LIVE-10": [
        fails("integration", "takes no VPC link of the first version", network(), balancer(),
            resource("apigateway/vpcLink", "old", targetArn=output("balancer.arn")), resource("apigatewayv2/api", "api", protocolType="HTTP"),
            resource("apigatewayv2/integration", "integration", apiId=output("api.id"), integrationType="HTTP_PROXY", connectionType="VPC_LINK",
            connectionId=output("old.id"), integrationUri=output("listener.arn")),
            resource("apigatewayv2/route", "called", apiId=output("api.id"), routeKey="GET /x", target="integrations/" + output("integration.id"))),
        fails("api", "names listener, where a REST API wants a load balancer", network(), balancer(),
            rest_to(uri="http://app.internal:80/x", integrationTarget=output("listener.arn"))),
        fails("integration", "wants a listener", network(), balancer(), link_to_listener("balancer")),
        fails("api", "names no integration target", network(), balancer(), rest_to(uri="http://app.internal:80/x")),
        sound(network(), balancer(), rest_to(uri="http://app.internal:80/x", integrationTarget=output("balancer.arn"))),
    ],
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
    "LIVE-14": [
        fails("proxy", "so it does not start", function("proxy", environment={"variables": {"BACKEND_URL": "http://10.0.0.7", "CERTIFICATE_AUTHORITY": "PEM"}})),
        *(cannot_tell("proxy", "which no public authority signs", function("proxy", environment={"variables": {"BACKEND_URL": f"https://{it}"}}))
            for it in each("10.0.0.7:8443", "app.corp.internal/base")),
        *(sound(function("proxy", environment={"variables": it})) for it in each({"BACKEND_URL": "http://10.0.0.7"}, {},
            {"BACKEND_URL": "https://api.example.com"}, {"BACKEND_URL": "https://10.0.0.7", "CERTIFICATE_AUTHORITY": "PEM"})),
    ],
    "LIVE-13": [
        *(fails("proxy", "a public name", network(), backend(), forwarder(environment={"variables": {"BACKEND_URL": f"http://{it}:8080"}}),
            egress("out", of="proxy-group", port=8080, cidrIpv4="10.0.0.0/16")) for it in each("d111111abcdef8.cloudfront.net",
            "web-1234567890.eu-west-1.elb.amazonaws.com", "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws")),
        *(cannot_tell("proxy", "has an address in 10.0.0.0/16", network(), group("proxy-group"), egress("out", of="proxy-group", port=8080, cidrIpv4="10.0.0.0/16"),
            function("proxy", environment={"variables": {"BACKEND_URL": f"http://{it}:8080"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("proxy-group.id")]})) for it in each("api.example.com",
            "nlb-0123456789abcdef.elb.eu-west-1.amazonaws.com")),
        *(cannot_tell("proxy", "a way to 203.0.113.9, a public address", network(), group("proxy-group"),
            egress("out", of="proxy-group", port=8080, cidrIpv4="10.0.0.0/16"),
            function("proxy", environment={"variables": {"BACKEND_URL": f"http://{it}:8080"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("proxy-group.id")]})) for it in each("203.0.113.9")),
        *(sound(network(), group("proxy-group"), egress("out", of="proxy-group", port=8080, cidrIpv4="10.0.0.0/16"),
            function("proxy", environment={"variables": {"BACKEND_URL": f"http://{it}:8080"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("proxy-group.id")]})) for it in each("app.corp.internal",
            "app.local", "app.home.arpa", "backend", "internal-web-1234567890.eu-west-1.elb.amazonaws.com",
            "vpce-0123456789abcdef0-abcdefgh.vpce-svc-0123456789abcdef0.eu-west-1.vpce.amazonaws.com", "10.9.8.7")),
        # its group names that of the backend
        *(sound(network(), backend(), forwarder(environment={"variables": {"BACKEND_URL": f"http://{it}:8080"}}),
            egress("out", of="proxy-group", port=8080, cidrIpv4="10.0.0.0/16")) for it in each("api.example.com")),
        sound(network(), group("proxy-group"), egress("out", of="proxy-group", port=443, cidrIpv4="0.0.0.0/0"),
            function("proxy", environment={"variables": {"BACKEND_URL": "https://api.example.com"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("proxy-group.id")]})),
        # outside any VPC
        sound(function("proxy", environment={"variables": {"BACKEND_URL": "https://api.example.com"}})),
    ],
    "FIT-01": [
        *(fails("lonely", "no IPv4 route out", network(), subnet("lonely", cidr="10.0.77.0/24", zone="b"), table("lonely-table", of="lonely"),
            group("members"), *it, resource("ecs/service", "service", networkConfiguration={"subnets": [output("private-1.id"), output("lonely.id")],
            "securityGroups": [output("members.id")]})) for it in each([])),
        *(sound(network(), subnet("lonely", cidr="10.0.77.0/24", zone="b"), table("lonely-table", of="lonely"), group("members"), *it,
            resource("ecs/service", "service", networkConfiguration={"subnets": [output("private-1.id"), output("lonely.id")],
            "securityGroups": [output("members.id")]})) for it in each([resource("ec2/natGateway", "second-nat", subnetId=output("public.id")),
            resource("ec2/route", "out", routeTableId=output("lonely-table.id"), destinationCidrBlock="0.0.0.0/0", natGatewayId=output("second-nat.id"))])),
    ],
    "FIT-51": [
        *(fails("second", "second has the private names of one service in vpc, and so has first", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"),
            resource("ec2/vpc", "other", cidrBlock="10.0.0.0/16"), resource("ec2/vpcEndpoint", "first", vpcEndpointType="Interface", privateDnsEnabled=True,
            vpcId=output("vpc.id"), serviceName="com.amazonaws.eu-west-1.sqs"),
            resource("ec2/vpcEndpoint", "second", **it)) for it in each({"vpcEndpointType": "Interface", "privateDnsEnabled": True, "vpcId": output("vpc.id"),
            "serviceName": "com.amazonaws.eu-west-1.sqs"})),
        *(sound(resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"), resource("ec2/vpc", "other", cidrBlock="10.0.0.0/16"),
            resource("ec2/vpcEndpoint", "first", vpcEndpointType="Interface", privateDnsEnabled=True, vpcId=output("vpc.id"),
            serviceName="com.amazonaws.eu-west-1.sqs"), resource("ec2/vpcEndpoint", "second", **it)) for it in each({"vpcEndpointType": "Interface",
            "privateDnsEnabled": False, "vpcId": output("vpc.id"), "serviceName": "com.amazonaws.eu-west-1.sqs"},
            {"vpcEndpointType": "Interface", "privateDnsEnabled": True, "vpcId": output("other.id"), "serviceName": "com.amazonaws.eu-west-1.sqs"})),
    ],
}
