"""Settings of the function, from its environment variables."""

# Saves loading the file of `collections.abc`.
from _collections_abc import Callable, Mapping

from .backend_url import is_bracketed, parse_url
from .headers import Fields, is_token
from .percent import UNRESERVED

# Checks the headers and the exact body; raises Refused.
Check = Callable[[Fields, bytes], None]

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_FLAGS = ("true", "false")
# API Gateway waits no longer, also for a stream: response-transfer-mode.
_LONGEST_TIMEOUT_SECONDS = 900
_WANTED_URL = "http(s)://host[:port][/base] with no user, query or fragment"
# A name or a wildcard, and a base path as API Gateway accepts it.
_DOMAIN = frozenset(UNRESERVED.decode() + "$+!*'()/")


class ConfigurationError(ValueError):
    """A variable is missing or invalid. The function does not start."""

    def __init__(self, variable: str, got: str, want: str) -> None:
        super().__init__(f"{variable}: got {got}; want {want}")


class Backend:
    """The backend that receives every request."""

    __slots__ = ("authority", "authority_pem", "base", "host", "port", "tls")

    def __init__(self, url: str) -> None:
        """Raises ConfigurationError if `url` is not `http(s)://host[:port][/base]`."""
        found = parse_url(url)
        if found is None:
            # A URL with an @ may contain a password, so it is not shown.
            shown = "something with an @" if "@" in url else repr(url)
            raise ConfigurationError("BACKEND_URL", shown, _WANTED_URL)
        self.tls, host, self.port, self.base = found
        self.host = host[1:-1] if is_bracketed(host) else host
        # RFC 9110 7.2. The scheme's default port is left out (4.2.3).
        self.authority_pem = ""
        """Certificates of the only authorities to trust, as PEM. Empty: the public ones."""
        self.authority = host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


class Domain:
    """A custom domain with a base path, `api.example.com/v1`. Events of HTTP APIs name the domain only."""

    __slots__ = ("_base", "_name")

    def __init__(self, value: str) -> None:
        """Raises ConfigurationError if `value` is neither empty nor a name with a base path."""
        self._name, slash, base = value.partition("/")
        self._base = slash + base.rstrip("/")
        wrong = "//" in value or not _DOMAIN.issuperset(value)
        if value and (wrong or not (self._name and self._base.strip("/"))):
            raise ConfigurationError(
                "CUSTOM_DOMAIN", repr(value), "a name with a base path, such as api.example.com/v1"
            )

    def find_base(self, name: str) -> str:
        """Returns the base path if the caller used this domain, else an empty string."""
        own, name = self._name.lower(), name.lower()
        return self._base if name == own or (own.startswith("*.") and name.endswith(own[1:])) else ""


class Configuration:
    """The validated settings."""

    __slots__ = (
        "backend",
        "check_signature",
        "domain",
        "forwards_host",
        "forwards_identity",
        "level",
        "rewrites_redirects",
        "strip_prefix",
        "timeout_seconds",
    )

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises ConfigurationError with the name of the first invalid variable."""
        self.backend = Backend(environment.get("BACKEND_URL", ""))
        self.backend.authority_pem = _read_certificates(environment, tls=self.backend.tls)
        self.strip_prefix = _read_prefix(environment.get("STRIP_PREFIX", ""))
        self.domain = Domain(environment.get("CUSTOM_DOMAIN", ""))
        self.timeout_seconds = read_seconds(environment, "TIMEOUT_SECONDS", 1, _LONGEST_TIMEOUT_SECONDS)
        self.forwards_host = read_choice(environment, "FORWARD_HOST", "backend", ("backend", "client")) == "client"
        self.forwards_identity = read_choice(environment, "IDENTITY", "false", _FLAGS) == "true"
        self.rewrites_redirects = read_choice(environment, "REWRITE_REDIRECTS", "true", _FLAGS) == "true"
        self.check_signature: Check | None = None
        # Also if a value is empty: a secret that was lost on its way must not open the backend to everybody.
        if any(name.startswith("WEBHOOK_") for name in environment):
            self.check_signature = _build_signature_check(environment)
        self.level = LEVELS[read_choice(environment, "LOG_LEVEL", "INFO", tuple(LEVELS))]


def _read_certificates(environment: Mapping[str, str], *, tls: bool) -> str:
    pem = environment.get("CERTIFICATE_AUTHORITY", "")
    # Also if it is blank: a lost value must not open the function to all public authorities.
    if "CERTIFICATE_AUTHORITY" in environment and not (tls and "-----BEGIN CERTIFICATE-----" in pem):
        got = "a text" if pem.strip() else "nothing"
        raise ConfigurationError("CERTIFICATE_AUTHORITY", got, "certificates as PEM, and a BACKEND_URL with https")
    return pem


def _build_signature_check(environment: Mapping[str, str]) -> Check:
    """Returns the check that the variables describe. Raises ConfigurationError, also if there is no secret."""
    # Hash functions add milliseconds to a cold start, and most forwarders check no signature.
    from .webhook import SCHEMES, Hmac, build_check

    scheme = read_choice(environment, "WEBHOOK_SCHEME", "github", (*SCHEMES, "hmac"))
    tolerance = read_seconds(environment, "WEBHOOK_TOLERANCE_SECONDS", 300, 3600)
    secrets = [_read_secret(environment, "WEBHOOK_SECRET", "the secret that the sender has")]
    if "WEBHOOK_PREVIOUS_SECRET" in environment:
        secrets.append(
            _read_secret(environment, "WEBHOOK_PREVIOUS_SECRET", "the secret before this one, or no variable")
        )
    sender = Hmac(**_read_hmac(environment)) if scheme == "hmac" else SCHEMES[scheme]
    try:
        return build_check(sender, secrets, tolerance)
    except ValueError:
        raise ConfigurationError("WEBHOOK_SECRET", "another text", "whsec_ and the key in base64") from None


def _read_hmac(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the arguments of a sender with the scheme `hmac`. Raises ConfigurationError."""
    from .webhook import BODY, ID, TIMESTAMP, find_template_fault

    signed = environment.get("WEBHOOK_SIGNED") or BODY
    if wrong := find_template_fault(signed):
        raise ConfigurationError("WEBHOOK_SIGNED", repr(signed), wrong)
    return {
        "header": _read_header(environment, "WEBHOOK_HEADER", needed=True),
        "algorithm": read_choice(environment, "WEBHOOK_ALGORITHM", "sha256", ("sha256", "sha512")),
        "encoding": read_choice(environment, "WEBHOOK_ENCODING", "hex", ("hex", "base64")),
        "prefix": environment.get("WEBHOOK_PREFIX", ""),
        "signed": signed,
        "timestamp_header": _read_header(environment, "WEBHOOK_TIMESTAMP_HEADER", needed=TIMESTAMP in signed),
        "id_header": _read_header(environment, "WEBHOOK_ID_HEADER", needed=ID in signed),
    }


def _read_header(environment: Mapping[str, str], name: str, *, needed: bool) -> str:
    """Returns the name of a header, empty if none is needed. Raises ConfigurationError, also for one that is not
    signed: its value proves nothing."""
    value = environment.get(name, "")
    if is_token(value) if needed else not value:
        return value
    want = "the name of a header" if needed else "no variable: WEBHOOK_SIGNED has no place for its value"
    raise ConfigurationError(name, repr(value) if value else "nothing", want)


def _read_secret(environment: Mapping[str, str], name: str, want: str) -> str:
    """Returns a secret. Raises ConfigurationError if it is missing, empty or blank, as anybody can sign with that."""
    secret = environment.get(name, "")
    if not secret.strip():
        raise ConfigurationError(name, "only spaces" if secret else "nothing", want)
    return secret


def _read_prefix(value: str) -> str:
    if value and (not value.startswith("/") or value.startswith("//")):
        raise ConfigurationError("STRIP_PREFIX", repr(value), "a path such as /forward, or nothing")
    return value.rstrip("/")


def read_seconds(environment: Mapping[str, str], name: str, default: float, most: float) -> float:
    """Returns a variable in seconds. Raises ConfigurationError if it is not more than 0 and at most `most`."""
    value = environment.get(name) or str(default)
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    # Also false for `nan`.
    if not 0 < number <= most:
        raise ConfigurationError(name, repr(value), f"seconds, more than 0 and at most {most}")
    return number


def read_choice(environment: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Returns a variable. Raises ConfigurationError if it is not in `allowed`."""
    value = environment.get(name) or default
    if value not in allowed:
        raise ConfigurationError(name, repr(value), f"one of {', '.join(allowed)}")
    return value
