"""Which target a path leads to, and which paths lead nowhere."""

import contextlib
import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.percent import PATH, encode, encode_again
from forwarder.refusal import Refused
from forwarder.target import build_target, strip


@pytest.mark.parametrize(
    ("path", "prefix", "rest"),
    [
        ("/forward/x", "/forward", "/x"),
        ("/forward", "/forward", ""),
        ("/forward/", "/forward", "/"),
        ("/forwarded", "/forward", None),
        ("/x/forward", "/forward", None),
        ("/x", "", None),
        ("/a/b/c", "/a/b", "/c"),
    ],
)
def test_a_prefix_is_taken_off_at_a_slash_alone(path: str, prefix: str, rest: str | None) -> None:
    assert strip(path, prefix) == rest


KEPT = ["/a//b", "/a@b:80/", "/@evil.invalid", "/a%2Fb%2e%zz%", '/{id}|^`"<>[]', "/...", "/a..b/..c", "/%0d%0aX:1"]


@pytest.mark.parametrize(
    ("path", "base", "found"),
    [
        *((path, "", path) for path in KEPT),
        ("", "", "/"),
        ("/", "", "/"),
        ("", "/base", "/base"),
        ("/", "/base", "/base/"),
        ("/x/", "/base", "/base/x/"),
        ("/http://evil.invalid/", "/base", "/base/http://evil.invalid/"),
        ("/a b\té", "", "/a%20b%09%C3%A9"),
        ("/a?b#c", "", "/a%3Fb%23c"),
        ("/a/%2e%2E/../b", "/base", None),
        ("/a/%2e%2E/b", "/base", "/base/a/%2e%2E/b"),
    ],
)
def test_a_rest_path_is_kept_byte_for_byte(path: str, base: str, found: str | None) -> None:
    with pytest.raises(Refused) if found is None else contextlib.nullcontext():
        assert build_target(path, "", base, decoded=False) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/%", "/%25"),
        ("/%zz%4", "/%25zz%254"),
        ("/%X0%0X", "/%25X0%250X"),
        ("/%2F%e9", "/%252F%25e9"),
        ("/%%41", "/%25%2541"),
        ("/é€ \x00\x7f", "/%C3%A9%E2%82%AC%20%00%7F"),
        ('/{}|^`"<>[]?#', "/%7B%7D%7C%5E%60%22%3C%3E%5B%5D%3F%23"),
        ("/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~"),
    ],
)
def test_a_decoded_path_is_encoded_again(path: str, found: str) -> None:
    assert build_target(path, "", "", decoded=True) == found


MISLEADING_PATHS = r"""
//evil.invalid/ ///evil.invalid/ http://evil.invalid/ @evil.invalid/ evil.invalid * \\evil.invalid /\evil.invalid
/a\..\b /.. /../x /a/../../x /%2e%2e/x /.%2E/x /%2E./x /./../x /a/./../../x /a//../../x /..%2fx /a%2F..%2f..%2fx
/a%2Fb/../../x /..%5Cx /..%5cx /..;v=1/x /a/..;/..;/x /;/../admin /a/;v/../../admin /x%2fy%5c..%5c..%5cadmin
/x%2Fy/%5C..%5c..%2f..%5cadmin
"""


@pytest.mark.parametrize("path", [*MISLEADING_PATHS.split(), "/a\r\nHost: evil.invalid", "/a\rb", "/a\nb"])
@pytest.mark.parametrize("decoded", [True, False])
def test_a_path_that_could_lead_to_another_host_is_refused(path: str, decoded: bool) -> None:
    with pytest.raises(Refused) as refused:
        build_target(path, "", "/base", decoded=decoded)
    assert refused.value.status == 400


SEGMENTS = st.lists(
    st.sampled_from(["a", "..", ".", "", "%2e%2e", ".%2E", "..;x", "b%2f..", "%5c", "d%5c..%5c..", ";x", "c.."]),
    max_size=8,
)


@given(SEGMENTS, st.booleans())
def test_no_reading_of_an_accepted_path_leaves_the_base(segments: list[str], decoded: bool) -> None:
    path = "/" + "/".join(segments)
    dots = [segment for segment in segments if "." in segment or "%2e" in segment]
    try:
        found = build_target(path, "", "/base/deep", decoded=decoded)
    except Refused:
        assert dots or path.startswith("//"), "a path without dots is refused"
        return
    plain = unquote(found)
    slashes = found.replace("%5c", "/").replace("%2e", ".").replace("%2E", ".")
    for reading in (found, plain, plain.replace("\\", "/"), found.replace(";x", ""), slashes):
        assert posixpath.normpath(reading).startswith("/base/deep")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_encoded_decodes_as_before(text: str) -> None:
    assert unquote(encode(text, PATH.replace(b"%", b""))) == text
    again = encode_again(text)
    assert unquote(again) == text
    assert again.isascii()
    assert again.isprintable()
