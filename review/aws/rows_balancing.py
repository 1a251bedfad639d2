"""Rows of the catalog: load balancers, Cloud Map, DNS and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, NameLimit, Row, charged, monthly, regional

ROWS: Final[Mapping[str, Row]] = {
    "acm.Certificate": Row(cost=FREE, mock={}),
    "acm.CertificateValidation": Row(cost=FREE, mock={"id": "{certificateArn}"}),
    "lb.Listener": Row(role="listener", cost=FREE, mock={}),
    "lb.ListenerCertificate": Row(role=NO_TRAFFIC, cost=FREE, mock={"id": "{listenerArn}_{certificateArn}"}),
    "lb.ListenerRule": Row(role="listener rule", cost=FREE, mock={}),
    "lb.LoadBalancer": Row(
        role="load balancer",
        cost=charged("load_balancer", "load_balancer_capacity"),
        name=NameLimit(longest=32),
        mock={},
    ),
    "lb.TargetGroup": Row(
        role="target group",
        cost=FREE,
        name=NameLimit(longest=32),
        mock=regional(
            "elasticloadbalancing", "targetgroup/{name}/{x16}", arnSuffix="targetgroup/{name}/{x16}", name="{name}"
        ),
    ),
    "lb.TargetGroupAttachment": Row(role="target attachment", cost=FREE, mock={"id": "{targetGroupArn}-{x20}"}),
    "lb.TrustStore": Row(role=NO_TRAFFIC),
    "route53.Record": Row(role="dns record", cost=FREE, mock={"id": "{zoneId}_{name}_{type}", "fqdn": "{name}"}),
    "route53.Zone": Row(
        cost=monthly("hosted-zone"),
        mock={
            "id": "Z0{X18}",
            "arn": "arn:{partition}:route53:::hostedzone/{id}",
            "zoneId": "{id}",
            "primaryNameServer": "ns-1.awsdns-01.org",
        },
    ),
    "route53.ZoneAssociation": Row(cost=FREE, mock={"id": "{zoneId}:{vpcId}"}),
    "servicediscovery.HttpNamespace": Row(
        cost=FREE,
        mock={
            "id": "ns-{x16}",
            "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
            "httpName": "{name}",
        },
    ),
    "servicediscovery.Instance": Row(
        role="cloud map instance", cost=monthly("cloud-map-instance"), mock={"id": "{instanceId}"}
    ),
    "servicediscovery.PrivateDnsNamespace": Row(
        cost=monthly("hosted-zone", "private DNS namespace"),
        mock={
            "id": "ns-{x16}",
            "arn": "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
            "hostedZone": "Z0{X18}",
        },
    ),
    "servicediscovery.PublicDnsNamespace": Row(cost=monthly("hosted-zone", "public DNS namespace")),
    "servicediscovery.Service": Row(
        role="cloud map service",
        cost=charged("discovery"),
        mock={"id": "srv-{x16}", "arn": "arn:{partition}:servicediscovery:{region}:{account}:service/{id}"},
    ),
}
