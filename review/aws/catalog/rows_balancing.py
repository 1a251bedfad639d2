"""Rows of the catalog: load balancers, Cloud Map, DNS and certificates."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, NameLimit, Row, arn, charged, free, monthly, regional

ROWS: Final[Mapping[str, Row]] = {
    "acm.Certificate": free(mock={}),
    "acm.CertificateValidation": free(mock={"id": "{certificateArn}"}),
    "lb.Listener": free("listener", mock={}),
    "lb.ListenerCertificate": free(NO_TRAFFIC, mock={"id": "{listenerArn}_{certificateArn}"}),
    "lb.ListenerRule": free("listener rule", mock={}),
    "lb.LoadBalancer": Row(
        "load balancer", cost=charged("load_balancer", "load_balancer_capacity"), name=NameLimit(32), mock={}
    ),
    "lb.TargetGroup": free(
        "target group",
        name=NameLimit(32),
        mock=regional(
            "elasticloadbalancing", "targetgroup/{name}/{x16}", arnSuffix="targetgroup/{name}/{x16}", name="{name}"
        ),
    ),
    "lb.TargetGroupAttachment": free("target attachment", mock={"id": "{targetGroupArn}-{x20}"}),
    "route53.Record": free("dns record", mock={"id": "{zoneId}_{name}_{type}", "fqdn": "{name}"}),
    "route53.Zone": Row(
        cost=monthly("hosted-zone"),
        mock={
            "id": "Z0{X18}",
            "arn": "arn:{partition}:route53:::hostedzone/{id}",
            "zoneId": "{id}",
            "primaryNameServer": "ns-1.awsdns-01.org",
        },
    ),
    "route53.ZoneAssociation": free(mock={"id": "{zoneId}:{vpcId}"}),
    "servicediscovery.HttpNamespace": free(
        mock={"id": "ns-{x16}", "arn": arn("servicediscovery", "namespace/{id}"), "httpName": "{name}"}
    ),
    "servicediscovery.Instance": Row(
        "cloud map instance", cost=monthly("cloud-map-instance"), mock={"id": "{instanceId}"}
    ),
    "servicediscovery.PrivateDnsNamespace": Row(
        cost=monthly("hosted-zone", "private DNS namespace"),
        mock={"id": "ns-{x16}", "arn": arn("servicediscovery", "namespace/{id}"), "hostedZone": "Z0{X18}"},
    ),
    "servicediscovery.PublicDnsNamespace": Row(cost=monthly("hosted-zone", "public DNS namespace")),
    "servicediscovery.Service": Row(
        "cloud map service",
        cost=charged("discovery"),
        mock={"id": "srv-{x16}", "arn": arn("servicediscovery", "service/{id}")},
    ),
}
