"""Rows of the catalog: load balancers, Cloud Map, DNS and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, charged, monthly, regional

ROWS: Final[Mapping[str, Row]] = {
    "aws:acm/certificate:Certificate": Row(cost=FREE, mock={}),
    "aws:acm/certificateValidation:CertificateValidation": Row(cost=FREE, mock={"id": "{certificateArn}"}),
    "aws:lb/listener:Listener": Row(role="listener", cost=FREE, mock={}),
    "aws:lb/listenerCertificate:ListenerCertificate": Row(
        role=NO_TRAFFIC, cost=FREE, mock={"id": "{listenerArn}_{certificateArn}"}
    ),
    "aws:lb/listenerRule:ListenerRule": Row(role="listener rule", cost=FREE, mock={}),
    "aws:lb/loadBalancer:LoadBalancer": Row(
        role="load balancer",
        cost=charged("load_balancer", "load_balancer_capacity"),
        name=NameLimit(longest=32),
        mock={},
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        role="target group",
        cost=FREE,
        name=NameLimit(longest=32),
        mock=regional(
            "elasticloadbalancing", "targetgroup/{name}/{x16}", arnSuffix="targetgroup/{name}/{x16}", name="{name}"
        ),
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Row(
        role="target attachment",
        cost=FREE,
        mock={"id": "{targetGroupArn}-{x20}"},
    ),
    "aws:lb/trustStore:TrustStore": Row(role=NO_TRAFFIC),
    "aws:route53/record:Record": Row(
        role="dns record",
        cost=FREE,
        mock={"id": "{zoneId}_{name}_{type}", "fqdn": "{name}"},
    ),
    "aws:route53/zone:Zone": Row(
        cost=monthly("hosted-zone"),
        mock={
            "id": "Z0{X18}",
            "arn": "arn:{partition}:route53:::hostedzone/{id}",
            "zoneId": "{id}",
            "primaryNameServer": "ns-1.awsdns-01.org",
        },
    ),
    "aws:route53/zoneAssociation:ZoneAssociation": Row(cost=FREE, mock={"id": "{zoneId}:{vpcId}"}),
    "aws:servicediscovery/httpNamespace:HttpNamespace": Row(
        cost=FREE,
        mock={
            "id": "ns-{x16}",
            "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
            "httpName": "{name}",
        },
    ),
    "aws:servicediscovery/instance:Instance": Row(
        role="cloud map instance",
        cost=monthly("cloud-map-instance"),
        mock={"id": "{instanceId}"},
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Row(
        cost=monthly("hosted-zone", "private DNS namespace"),
        mock={
            "id": "ns-{x16}",
            "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
            "hostedZone": "Z0{X18}",
        },
    ),
    "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace": Row(
        cost=monthly("hosted-zone", "public DNS namespace")
    ),
    "aws:servicediscovery/service:Service": Row(
        role="cloud map service",
        cost=charged("discovery"),
        mock={
            "id": "srv-{x16}",
            "arn": "arn:{partition}:servicediscovery:{region}:{account}:service/{id}",
        },
    ),
}
