"""Names that certificates are for."""

from typing import Any, Final

from ..graph import Graph
from ..graph.evidence import get_deployed_input
from ..graph.prose import join_names
from ..graph.reading import as_list, as_text

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"


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
