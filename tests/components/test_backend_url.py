"""The components and the forwarder read the URL of a backend alike."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.arguments.addresses import check_host, check_url
from components.arguments.marks import passes_check
from components.facts import backend_url as of_components
from forwarder import backend_url as of_forwarder
from forwarder.configuration import Backend
from tests.helpers.draws import draws

_ODD = "@?#%/\\[]: \t\né\x00"
_HOSTS = st.sampled_from(
    ["10.0.1.5", "app.internal", "a_b", "[fd00::5]", "[2600:1f18::1]", "[fe80::1%25eth0]", "", "a..b", "-", "1", "A.b"]
)
_PARTS = st.text(st.sampled_from("ab1.-_~%2eE5cF;,=" + _ODD), max_size=8)
_URLS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "http:/", "", "http://u:p@"]),
    _HOSTS | _PARTS,
    st.sampled_from(["", ":", ":80", ":0", ":65535", ":65536", ":080", ":x", ":-1", ":１"]),
    st.sampled_from(["", "/", "/base", "/a/../b", "/a/%2e%2E/b", "//x", "/a%", "/a%zz"]) | _PARTS.map("/{}".format),
    st.sampled_from(["", "?", "#", "?a=1"]),
)


@settings(max_examples=draws(2_000), deadline=None)
@given(_URLS | st.text(max_size=20))
@example("http://10.0.1.5?a=1")
@example("http://u:p@10.0.1.5")
@example("http://[::ffff:10.0.0.1]")
def test_they_take_the_same_urls(url: str) -> None:
    taken = passes_check(Backend, url)
    assert taken == (of_forwarder.parse_url(url) is not None) == (of_components.parse_url(url) is not None)
    if passes_check(check_url, url):
        assert taken
    elif taken:
        # The forwarder calls any host: on a developer's machine, the backend is there too.
        assert not passes_check(check_host, Backend(url).host.lower()), url


def test_an_address_with_a_dot_at_its_end_is_no_name() -> None:
    """Resolvers take it for the address, which the rules about addresses would not see."""
    assert passes_check(check_host, "10.0.0.8")
    assert not passes_check(check_host, "10.0.0.8.")
    assert not passes_check(check_host, "169.254.169.254.")
