"""What the environment variables say."""

import re
from collections.abc import Callable, Mapping

from .headers import Pairs
from .refusal import Refused
from .target import target

# Checks the headers and the exact body; raises Refused.
Check = Callable[[Pairs, bytes], None]

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_SCHEMES = ("github", "stripe", "slack")
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
_LONGEST_TIMEOUT_SECONDS = 900
_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986 3.2.2 and 3.3, without user information, which has no place in a URL that is logged and shown.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<base>(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*)"
)


class ConfigurationError(ValueError):
    """A variable that is missing or cannot be used. The function does not start with it."""

    def __init__(self, variable: str, got: str, want: str) -> None:
        super().__init__(f"{variable}: got {got}; want {want}")


class Backend:
    """Where every request goes."""

    __slots__ = ("authority", "base", "host", "port", "tls")

    def __init__(self, url: str) -> None:
        """Raises ConfigurationError for what is no `http(s)://host[:port][/base]`."""
        # A URL may hold a password by mistake: it is shown only if it cannot.
        shown = "something with an @" if "@" in url else repr(url)
        error = ConfigurationError("BACKEND_URL", shown, "http(s)://host[:port][/base] with no user, query or fragment")
        found = _URL.fullmatch(url)
        if found is None:
            raise error
        default = _DEFAULT_PORTS[found["scheme"]]
        self.tls = found["scheme"] == "https"
        self.port = int(found["port"] or default)
        if not 0 < self.port < 65536:
            raise error
        self.host = found["host"].strip("[]")
        # RFC 9110 7.2, and 4.2.3 for leaving out the scheme's own port.
        self.authority = found["host"] if self.port == default else f"{found['host']}:{self.port}"
        self.base = found["base"].rstrip("/")
        try:
            target(self.base, "", "", decoded=False)
        except Refused:
            raise error from None


class Configuration:
    """The variables, read and checked."""

    __slots__ = ("backend", "check_signature", "forwards_host", "level", "strip_prefix", "timeout_seconds")

    def __init__(
        self,
        *,
        backend: Backend,
        strip_prefix: str,
        timeout_seconds: float,
        forwards_host: bool,
        check_signature: Check | None,
        level: int,
    ) -> None:
        self.backend = backend
        self.strip_prefix = strip_prefix
        self.timeout_seconds = timeout_seconds
        self.forwards_host = forwards_host
        self.check_signature = check_signature
        self.level = level


def read(environment: Mapping[str, str]) -> Configuration:
    """The configuration; raises ConfigurationError naming the first variable that is wrong."""
    level = _one_of(environment, "LOG_LEVEL", "INFO", tuple(LEVELS))
    return Configuration(
        backend=Backend(environment.get("BACKEND_URL", "")),
        strip_prefix=_prefix(environment.get("STRIP_PREFIX", "")),
        timeout_seconds=_seconds(environment, "TIMEOUT_SECONDS", 1, _LONGEST_TIMEOUT_SECONDS),
        forwards_host=_one_of(environment, "FORWARD_HOST", "backend", ("backend", "client")) == "client",
        check_signature=_check(environment),
        level=LEVELS[level],
    )


def _prefix(given: str) -> str:
    if given and (not given.startswith("/") or given.startswith("//")):
        raise ConfigurationError("STRIP_PREFIX", repr(given), "a path such as /forward, or nothing")
    return given.rstrip("/")


def _seconds(environment: Mapping[str, str], name: str, default: float, most: float) -> float:
    given = environment.get(name) or str(default)
    try:
        found = float(given)
    except ValueError:
        found = 0.0
    # Also false for what is no number at all, `nan`.
    if not 0 < found <= most:
        raise ConfigurationError(name, repr(given), f"seconds, more than 0 and at most {most}")
    return found


def _one_of(environment: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    given = environment.get(name) or default
    if given not in allowed:
        raise ConfigurationError(name, repr(given), f"one of {', '.join(allowed)}")
    return given


def _check(environment: Mapping[str, str]) -> Check | None:
    scheme = _one_of(environment, "WEBHOOK_SCHEME", "github", _SCHEMES)
    tolerance = _seconds(environment, "WEBHOOK_TOLERANCE_SECONDS", 300, 3600)
    secrets = [environment[name] for name in ("WEBHOOK_SECRET", "WEBHOOK_PREVIOUS_SECRET") if environment.get(name)]
    if not secrets:
        return None
    if not environment.get("WEBHOOK_SECRET"):
        # Without this a slip in a rotation would open the door to the older secret alone.
        raise ConfigurationError("WEBHOOK_SECRET", "nothing", "the secret, since WEBHOOK_PREVIOUS_SECRET is set")
    # Hashing costs a cold start some milliseconds, and most forwarders check nothing.
    from .webhook import checker

    return checker(scheme, [secret.encode() for secret in secrets], tolerance)
