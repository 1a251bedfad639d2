"""The environment variables: what they mean, and which mistakes keep the function from starting."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import handlers
from forwarder.configuration import Backend, Configuration, ConfigurationError

FOLDER = Path(next(iter(handlers.__path__))) / "forwarder"


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "base"),
    [
        ("http://10.0.1.2:80/", "10.0.1.2", 80, "10.0.1.2", ""),
        ("http://backend.invalid:8080/a/b/", "backend.invalid", 8080, "backend.invalid:8080", "/a/b"),
        ("https://backend.invalid", "backend.invalid", 443, "backend.invalid", ""),
        ("https://backend.invalid:80", "backend.invalid", 80, "backend.invalid:80", ""),
        ("hTTpS://Backend.invalid/A", "Backend.invalid", 443, "Backend.invalid", "/A"),
        ("http://[fd00::1]:8080", "fd00::1", 8080, "[fd00::1]:8080", ""),
        ("http://a_b.invalid/%41@:", "a_b.invalid", 80, "a_b.invalid", "/%41@:"),
    ],
)
def test_a_url_and_its_parts(url: str, host: str, port: int, authority: str, base: str) -> None:
    backend = Backend(url)
    assert (backend.host, backend.port, backend.authority, backend.base) == (host, port, authority, base)
    assert backend.tls is url.lower().startswith("https")


NO_URLS = """
backend.invalid ftp://backend.invalid http:// http:///x http://user@backend.invalid http://user:hush@backend.invalid/
http://backend.invalid?x http://backend.invalid/?x http://backend.invalid#x http://backend.invalid:0
http://backend.invalid:65536 http://backend.invalid:x http://backend.invalid: http://backend.invalid/%zz
http://backend.invalid/../x http://backend.invalid//x http://bäckend.invalid
"""
NO_URLS_EITHER = [
    "",
    "http://back end.invalid",
    "http://b.invalid/a b",
    "http://b.invalid/a\r\nb",
    "http://b.invalid\n",
]


@pytest.mark.parametrize("url", [*NO_URLS.split(), *NO_URLS_EITHER, " http://backend.invalid"])
def test_what_is_no_url_of_a_backend_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="BACKEND_URL") as refused:
        Configuration({"BACKEND_URL": url})
    assert "http(s)://host[:port][/base]" in str(refused.value)
    assert "hush" not in str(refused.value)


URL = {"BACKEND_URL": "http://backend.invalid"}


def test_empty_is_as_good_as_absent() -> None:
    names = ("STRIP_PREFIX", "CUSTOM_DOMAIN", "TIMEOUT_SECONDS", "FORWARD_HOST", "IDENTITY", "LOG_LEVEL")
    for variables in ({}, dict.fromkeys(names, "")):
        found = Configuration({**URL, **variables})
        assert (found.strip_prefix, found.timeout_seconds, found.forwards_host, found.level) == ("", 1, False, 20)
        assert found.check_signature is None
    for given, prefix in (("/forward", "/forward"), ("/a/b/", "/a/b"), ("/", ""), ("/a//", "/a")):
        assert Configuration({**URL, "STRIP_PREFIX": given}).strip_prefix == prefix
    for given, seconds in (("1.5", 1.5), ("900", 900), ("0.1", 0.1)):
        assert Configuration({**URL, "TIMEOUT_SECONDS": given}).timeout_seconds == seconds


NO_DOMAINS = ["api.example.com//", "/v1", "https://api.example.com/v1", "api.example.com:443/v1", "api.example.com//v1"]
NO_DOMAINS += ["api.example.com/v1?x", " api.example.com/v1"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("STRIP_PREFIX", "forward", "/forward"),
        ("STRIP_PREFIX", "//forward", "/forward"),
        ("CUSTOM_DOMAIN", "api.example.com", "a name with a base path, such as api.example.com/v1"),
        *(("CUSTOM_DOMAIN", domain, "a name with a base path") for domain in NO_DOMAINS),
        ("TIMEOUT_SECONDS", "soon", "900"),
        ("TIMEOUT_SECONDS", "0", "more than 0"),
        ("TIMEOUT_SECONDS", "-1", "more than 0"),
        ("TIMEOUT_SECONDS", "nan", "more than 0"),
        ("TIMEOUT_SECONDS", "inf", "900"),
        ("TIMEOUT_SECONDS", "901", "900"),
        ("FORWARD_HOST", "both", "backend, client"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("WEBHOOK_SCHEME", "gitea", "github, stripe, slack, gitlab"),
        ("WEBHOOK_TOLERANCE_SECONDS", "0", "more than 0"),
        ("WEBHOOK_TOLERANCE_SECONDS", "3601", "3600"),
    ],
)
def test_a_mistake_names_variable_value_and_what_is_wanted(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Configuration({**URL, name: value})
    assert words in str(refused.value)
    assert name in str(refused.value)
    assert repr(value) in str(refused.value)


SIGNED = {"WEBHOOK_SCHEME": "github", "WEBHOOK_SECRET": "hush"}
WITHOUT_A_SECRET: list[dict[str, str]] = [
    {"WEBHOOK_SCHEME": "github"},
    {"WEBHOOK_SCHEME": ""},
    {"WEBHOOK_SECRET": ""},
    {"WEBHOOK_TOLERANCE_SECONDS": "300"},
    {"WEBHOOK_PREVIOUS_SECRET": "hush"},
    {"WEBHOOK_SECRETS": "hush"},
    *({**SIGNED, "WEBHOOK_SECRET": blank} for blank in ("", " ", "\n", "\t \u00a0")),
    *(
        {**SIGNED, "WEBHOOK_SCHEME": scheme, "WEBHOOK_SECRET": ""}
        for scheme in ("stripe", "slack", "gitlab", "standard", "hmac")
    ),
]


@pytest.mark.parametrize("variables", WITHOUT_A_SECRET)
def test_a_signature_without_a_secret_starts_no_function(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"^WEBHOOK_SECRET: got (nothing|only spaces); want") as refused:
        Configuration({**URL, **variables})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "WEBHOOK_HEADER: got nothing; want the name of a header"),
        ({"HEADER": "X S"}, "WEBHOOK_HEADER: got 'X S'"),
        ({"HEADER": "X-S", "ALGORITHM": "md5"}, "WEBHOOK_ALGORITHM: got 'md5'; want one of sha256, sha512"),
        ({"HEADER": "X-S", "ENCODING": "raw"}, "WEBHOOK_ENCODING: got 'raw'; want one of hex, base64"),
        ({"HEADER": "X-S", "SIGNED": "{timestamp}"}, "WEBHOOK_SIGNED: got '{timestamp}'; want a text that ends"),
        ({"HEADER": "X-S", "SIGNED": "{body}{body}"}, "WEBHOOK_SIGNED"),
        ({"HEADER": "X-S", "SIGNED": "{url}{body}"}, "WEBHOOK_SIGNED"),
        ({"HEADER": "X-S", "SIGNED": "{id}{body}"}, "WEBHOOK_SIGNED: got '{id}{body}'; want a text between"),
        ({"HEADER": "X-S", "SIGNED": "{timestamp}.{body}"}, "WEBHOOK_TIMESTAMP_HEADER: got nothing"),
        ({"HEADER": "X-S", "TIMESTAMP_HEADER": "X-T"}, "WEBHOOK_TIMESTAMP_HEADER: got 'X-T'; want no variable"),
        ({"HEADER": "X-S", "ID_HEADER": "X-I"}, "WEBHOOK_ID_HEADER: got 'X-I'; want no variable"),
    ],
)
def test_a_description_that_protects_no_body_starts_no_function(variables: dict[str, str], words: str) -> None:
    described = {f"WEBHOOK_{name}": value for name, value in variables.items()}
    with pytest.raises(ConfigurationError) as refused:
        Configuration({**URL, "WEBHOOK_SCHEME": "hmac", "WEBHOOK_SECRET": "hush", **described})
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_ ", "whsec_not base64", "whsec_YQ"])
def test_a_secret_of_standard_webhooks_without_a_key_starts_no_function(secret: str) -> None:
    for name in ("WEBHOOK_SECRET", "WEBHOOK_PREVIOUS_SECRET"):
        with pytest.raises(ConfigurationError, match="whsec_ and the key in base64") as refused:
            Configuration({**URL, **SIGNED, "WEBHOOK_SCHEME": "standard", name: secret})
        assert secret not in str(refused.value).replace("whsec_ and", "") or secret == "whsec_"


@pytest.mark.parametrize("previous", ["", " ", "\r\n"])
def test_a_previous_secret_that_is_blank_starts_no_function(previous: str) -> None:
    mistake = r"^WEBHOOK_PREVIOUS_SECRET: got (nothing|only spaces); want"
    with pytest.raises(ConfigurationError, match=mistake) as refused:
        Configuration({**URL, **SIGNED, "WEBHOOK_PREVIOUS_SECRET": previous})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("variables", [{"WEBHOOK_SECRET": "hush"}, SIGNED, {**SIGNED, "WEBHOOK_SCHEME": ""}])
def test_a_secret_makes_a_check(variables: dict[str, str]) -> None:
    assert Configuration({**URL, **variables}).check_signature is not None


def imported(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own whose imports begin in the forwarder's folder, as Lambda's do."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(FOLDER), "PYTHONDONTWRITEBYTECODE": "1", **variables}
    command = [sys.executable, "-S", "-W", "error", "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_entry_point_reads_the_environment_and_answers() -> None:
    script = "import handler, json; print(json.dumps(handler.handler({}, None)))"
    done = imported(script, BACKEND_URL="http://backend.invalid")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["statusCode"] == 400


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"BACKEND_URL": "x"},
        {"BACKEND_URL": "http://a.invalid", "TIMEOUT_SECONDS": "x"},
        {"BACKEND_URL": "http://a.invalid", "WEBHOOK_SCHEME": "github", "WEBHOOK_SECRET": ""},
    ],
)
def test_a_mistake_fails_the_import(variables: dict[str, str]) -> None:
    done = imported("import handler", **variables)
    assert done.returncode == 1
    assert "ConfigurationError: " in done.stderr.splitlines()[-1]
    assert ": got " in done.stderr.splitlines()[-1]


def test_the_import_loads_nothing_that_is_slow_to_load_and_the_standard_library_alone() -> None:
    slow = "asyncio base64 dataclasses email hashlib hmac http inspect ipaddress logging socket ssl threading"
    slow += " typing urllib"
    # Parts of the forwarder that most routes never use.
    rare = "chunks dots failure identity location resolver runtime_loop stream tls webhook json_size"
    names = [*slow.split(), *(f"forwarder.{name}" for name in rare.split())]
    script = f"""
import json, os, sys, handler
print([name for name in {names!r} if name in sys.modules])
import forwarder.tls, forwarder.webhook
print(sorted({{name.partition('.')[0] for name in sys.modules}} - sys.stdlib_module_names - {{'__main__'}}))
"""
    assert imported(script, BACKEND_URL="http://backend.invalid").stdout == "[]\n['forwarder', 'handler']\n"


def test_tls_and_hashing_are_loaded_before_the_first_request_where_they_are_needed() -> None:
    script = "import handler, sys; print('ssl' in sys.modules, 'hmac' in sys.modules)"
    assert imported(script, BACKEND_URL="https://a.invalid", WEBHOOK_SECRET="x").stdout == "True True\n"
