"""A rotated secret is a value from elsewhere: the sentence names the calls that the holder of the new one may make."""

from dataclasses import replace

from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

HOOK = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:drawn:text"}}},
    "api": {"kind": "rest", "routes": [{"path": "/hook", "methods": ["POST"], "includeSubpaths": False}]},
}


def test_a_rotated_secret_names_the_calls_that_it_admits() -> None:
    before = remembered(HOOK)
    (key,) = before.ciphertexts
    after = replace(before, ciphertexts={key: "v1:drawn:other"})
    found = compare_graphs(before, after)
    sentence = (
        "the encrypted value of proxy.webhook.secret is another; it cannot be read: "
        "who has the new one may call POST /hook"
    )
    assert [line.sentence for line in found.lines] == [sentence]
    assert [line.place for line in found.failures] == ["proxy.webhook.secret"]
    who = "the encrypted value of proxy.webhook.secret is another: who has the new one may call POST /hook"
    assert found.heading == f"Takes other values from elsewhere: {who}"
    assert found.counts == "no resource is known to differ"
    assert "drawn" not in f"{found.heading}{found.lines}"
