"""Names that certificates are for, and hosts that have none of a public authority."""

from typing import Any, Final

from ..facts.host_names import is_private_name
from ..facts.private_addresses import parse_address
from ..graph import Graph
from ..graph.answers import Truth
from ..graph.evidence import get_deployed_input
from ..graph.prose import join_names
from ..graph.reading import as_list, as_text

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"


def is_private_host(host: str) -> Truth:
    """Whether no public authority signs a certificate for a name or an address. None if that is not known."""
    address = parse_address(host)
    return is_private_name(host) if address is None else address.is_private


def describe_other_names(graph: Graph, certificate_arn: Any, name: str) -> str:
    """A certificate of the graph and its names, if it is not for this one. A star stands for one label.

    Empty too if the certificate or a name of it is not known.
    """
    certificate = graph.find(certificate_arn, _CERTIFICATE)
    if certificate is None:
        return ""
    alternatives = as_list(get_deployed_input(certificate, "subjectAlternativeNames"))
    covered = [as_text(text).lower() for text in (get_deployed_input(certificate, "domainName"), *alternatives)]
    # An unknown name reads as empty, and so does the name of an imported certificate.
    if not all(covered) or {name, f"*.{name.partition('.')[2]}"} & {*covered}:
        return ""
    return f"{certificate.name} is for {join_names(dict.fromkeys(covered))}"
