"""Kinds of value that several sections share, each with the words for what it allows."""

import functools
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import pulumi

from ..facts.address_lists import ADDRESS_LISTS
from ..facts.limits import API_KEY_CHARACTERS
from ..facts.route_paths import check_path
from .faults import did_you_mean
from .marks import After, RefusedError, Sized
from .types import SECRET, has_url_characters


def _id(prefix: str, kind: str) -> Any:
    """A type for the ids of one kind of EC2 resource."""
    return _text(rf"{prefix}-[0-9a-f]{{8,17}}", f"the id of {kind}, {prefix}- and 8 to 17 hexadecimal digits")


def _text(pattern: str, allowed: str, remedy: str = "", *marks: str) -> Any:
    """A string type that matches `pattern` whole, and reports `allowed` if it does not."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise RefusedError(allowed, remedy)
        return value

    return Annotated[(str, After(check, allowed), *marks)]


def _checked(check: Callable[..., str], allowed: str, *, in_context: bool = False) -> Any:
    return Annotated[str, After(check, allowed, in_context)]


def _cidr(version: int | None, allowed: str, value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise RefusedError(allowed) from None
    if "/" not in value:
        raise RefusedError(allowed, f"a single address is {network}")
    if str(network) != value and ipaddress.ip_interface(value).ip != network.network_address:
        raise RefusedError(f"{allowed}, beginning at its first address", f"did you mean {network}?")
    if version not in (None, network.version):
        raise RefusedError(allowed)
    return str(network)


_API_KEY = f"{min(API_KEY_CHARACTERS)} to {max(API_KEY_CHARACTERS)} letters and digits"

_IPV4 = "an IPv4 range such as 10.0.0.0/16"
_RANGE = "an IPv4 or IPv6 range such as 203.0.113.0/24"
IPv4Cidr = _checked(functools.partial(_cidr, 4, _IPV4), _IPV4)
Cidr = _checked(functools.partial(_cidr, None, _RANGE), _RANGE)


def _range_or_list(value: str) -> str:
    if value in ADDRESS_LISTS:
        return value
    if re.fullmatch(r"[A-Za-z][A-Za-z_-]*", value):
        raise RefusedError(
            f"a range, or one of the lists {', '.join(ADDRESS_LISTS)}", did_you_mean(value, ADDRESS_LISTS)
        )
    return _cidr(None, _RANGE, value)


CidrOrList = _checked(_range_or_list, f"a range such as 203.0.113.0/24, or one of {', '.join(ADDRESS_LISTS)}")

VpcId = _id("vpc", "a VPC")
SubnetId = _id("subnet", "a subnet")
RouteTableId = _id("rtb", "a route table")
SecurityGroupId = _id("sg", "a security group")
PrefixListId = _id("pl", "a prefix list")
VpcEndpointId = _id("vpce", "a VPC endpoint")
AccountId = _text(
    r"\d{12}", "the id of an AWS account, 12 digits", "quote it: YAML reads leading zeros as another number"
)
ImageId = _id("ami", "a machine image")


BucketName = _text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket, not its ARN or URL")
ZoneName = _text(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "the name of a zone such as eu-west-1a")
EmailAddress = _text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")
_DOMAIN_NAME = "a domain name such as api.example.com"


def _domain_name(value: str) -> str:
    if not re.fullmatch(r"(?=.{4,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+", value):
        raise RefusedError(_DOMAIN_NAME)
    return value


def _api_domain_name(value: str) -> str:
    try:
        _domain_name(value.removeprefix("*."))
    except RefusedError:
        host = urlsplit(value).hostname if "://" in value else ""
        raise RefusedError(_API_DOMAIN_NAME, f"did you mean {host}?" if host else "") from None
    return value


_API_DOMAIN_NAME = f"{_DOMAIN_NAME} or *.example.com"
DomainName = _checked(_domain_name, _DOMAIN_NAME)
ApiDomainName = _checked(_api_domain_name, _API_DOMAIN_NAME)
_NAME = r"[a-z][a-zA-Z0-9-]{0,31}"
_NAME_WORDS = "a name of at most 32 letters, digits and hyphens that begins with a small letter"
Name = _text(_NAME, _NAME_WORDS)
AuthorizationName = _text(
    _NAME, f"none, iam, or {_NAME_WORDS}", "iam is AWS_IAM; of api.authorizers, write the name that it has there"
)
EnvironmentText = Annotated[str, SECRET]
EnvironmentName = _text(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")
FilePath = _text(
    r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._-]+)+", "an absolute path of letters, digits, . _ and -, with no part . or .."
)
HandlerName = _text(r"[\w./:-]+", "module and function, such as handler.handler, or index.handler of Node")
_ISSUER = "the `iss` claim of the tokens: an https:// URL without query"
_DISCOVERY = "/.well-known/openid-configuration"
_AMAZON = r"amazonaws\.com(\.cn)?"


def _issuer(value: str) -> str:
    """The authorizer compares the claim letter by letter, so a slash at the end counts."""
    if not re.fullmatch(r"https://[^\s?#]+", value):
        raise RefusedError(_ISSUER)
    bare = value.rstrip("/")
    host = urlsplit(value).hostname or ""
    if bare.endswith(_DISCOVERY):
        raise RefusedError(_ISSUER, f"open {bare}, and write its `issuer`")
    if host.endswith(".auth0.com") and value != f"{bare}/":
        raise RefusedError(_ISSUER, f"Auth0's ends with a slash: {bare}/")
    if host.endswith(".amazoncognito.com"):
        raise RefusedError(_ISSUER, f"{host} is where people sign in; {_COGNITO}")
    pool = rf"https://cognito-idp\.([a-z0-9-]+)\.{_AMAZON}/\1_[A-Za-z0-9]+"
    if re.match(rf"cognito-idp\..*{_AMAZON}$", host) and not re.fullmatch(pool, value):
        raise RefusedError(_ISSUER, _COGNITO)
    return value


_COGNITO = "Cognito's is https://cognito-idp.REGION.amazonaws.com/POOL_ID, without a slash at the end"
Issuer = _checked(_issuer, _ISSUER)
HostedZoneId = _text(r"Z[A-Z0-9]{5,31}", "the id of a Route 53 zone, which begins with Z")
HealthCheckId = _text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "the ID of a Route 53 health check")
RuleId = _text(r"[A-Z]+-\d+", "the id of a rule, such as LOG-03")
ServiceName = _text(r"[a-z0-9]+([.-][a-z0-9]+)*", "the short name of an AWS service, such as ecr.api or logs")
S3Version = _text(r"[A-Za-z0-9._-]{1,1024}", "the version ID of an S3 object")
HeaderName = _text(r"[A-Za-z0-9._-]+", "the name of a header: letters, digits, . _ and -")
CorsHeader = _text(r"\*|[A-Za-z0-9._-]+", "the name of a header, or *")
RuntimeName = _text(
    r"(python3\.\d{1,2}|nodejs\d{2}\.x|java\d{1,2}(\.al2)?|dotnet\d{1,2}|ruby\d\.\d|provided\.al2(023)?)",
    "a Lambda runtime such as python3.13 or nodejs22.x",
)
S3Object = _text(r"s3://[a-z0-9.-]{3,63}/.+", "s3://bucket/key")


def Arn(service: str, example: str) -> Any:  # noqa: N802 # it reads as a type where it is used
    """A type for ARNs of one service."""
    return _text(rf"arn:aws[a-z-]*:{service}:[^:]*:[^:]*:.+", f"an ARN such as {example}")


CertificateArn = Arn("acm", "arn:aws:acm:eu-west-1:111122223333:certificate/…")
UserPoolArn = Arn("cognito-idp", "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/…")
KeyArn = Arn("kms", "arn:aws:kms:eu-west-1:111122223333:key/…")
PolicyArn = _text(
    r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+",
    "an ARN such as arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess",
)
ListenerArn = _text(
    r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/(app|net)/[A-Za-z0-9-]+/[0-9a-f]+/[0-9a-f]+",
    "the ARN of a listener of an ALB or NLB,"
    " arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051",
)
VpcLinkId = _text(r"[a-z0-9]{6,12}", "the ID of a VPC link of the second version, such as a1b2c3")
FunctionArn = _text(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?",
    "an ARN such as arn:aws:lambda:eu-west-1:111122223333:function:greeter",
)
LayerArn = _text(
    r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[A-Za-z0-9_-]+:\d+",
    "the ARN of a layer's version, arn:aws:lambda:eu-west-1:111122223333:layer:tools:3",
    "`aws lambda list-layer-versions --layer-name …` lists them",
)
SecretReference = _text(
    r"arn:aws[a-z-]*:(secretsmanager|ssm):.+",
    "the ARN of a Secrets Manager secret or of an SSM parameter",
    "keep the value there: `aws ssm put-parameter --type SecureString …`",
    SECRET,
)


_REQUEST_PATH = "a path that begins with /"


def _request_path(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", value):
        raise RefusedError(_REQUEST_PATH, f"did you mean /{value}?" if re.fullmatch(r"[\w./-]+", value) else "")
    return value


RequestPath = _checked(_request_path, _REQUEST_PATH)


def taken(mark: After, value: object, section: Mapping[str, Any] | None = None, *, encrypted: bool = False) -> Any:
    """A value that a mark takes, which is in a section. Raises RefusedError."""
    return mark.run(value, section or {}, encrypted) if mark.in_context else mark.run(value)


def accepts(check: Callable[[Any], object], value: object) -> bool:
    """Whether a check, which raises ValueError for what is wrong, takes a value."""
    try:
        check(value)
    except ValueError:
        return False
    return True


def _without_slash(value: str, path: str, paths: list[object], *, rest: bool) -> str:
    if path in paths:
        return f"take it out, or put its methods into the route of {path}, which {value} would repeat"
    same = "; on a REST API, calls with a slash at the end take the same route" if rest else ""
    return f"write {path}: a path ends without a slash{same}"


def _route_path(value: str, api: Mapping[str, Any], _encrypted: bool) -> str:
    below = "everything under a path is included already: see `includeSubpaths`" if "+" in value or "*" in value else ""
    if len(value) > 1 and value.endswith("/"):
        paths = [route.get("path") for route in api.get("routes", ()) if isinstance(route, dict)]
        below = _without_slash(value, value.rstrip("/") or "/", paths, rest=api.get("kind") != "http")
    try:
        check_path(value)
    except ValueError as error:
        meant = f"did you mean /{value}?" if accepts(check_path, f"/{value}") else ""
        raise RefusedError(str(error), below or meant) from None
    if below:
        raise RefusedError(_ROUTE_PATH, below)
    return value


_ROUTE_PATH = "a path such as /forward or /orders/{id}"
RoutePath = _checked(_route_path, _ROUTE_PATH, in_context=True)


def _backend_url(value: str) -> str:
    allowed = "http(s)://host[:port][/base]"
    if not has_url_characters(value):
        raise RefusedError(allowed, "take out every character that is not printable ASCII, and spaces")
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        raise RefusedError(allowed, "the port is a number from 1 to 65535") from None
    if url.scheme not in ("http", "https"):
        raise RefusedError(allowed, f"did you mean http://{value}?" if "://" not in value else "")
    if not url.hostname or url.port == 0:
        raise RefusedError(allowed, "name the host, and a port from 1 to 65535 if it is not the scheme's own")
    if not re.fullmatch(r"[A-Za-z0-9._:%-]+", url.hostname):
        raise RefusedError(allowed, "the host has characters that no host name has")
    if "@" in url.netloc or url.query or url.fragment or "?" in value or "#" in value:
        raise RefusedError(
            allowed, "take out user name, query and fragment: headers carry credentials, requests their query"
        )
    _check_address(url.hostname, allowed)
    return value


def _check_address(host: str, allowed: str) -> None:
    """Refuse hosts that are no private backend: this machine, AWS's link-local services, the internet."""
    if host == "localhost" or host.endswith(".localhost"):
        raise RefusedError(allowed, f"{host} is the forwarder itself: name the backend's address inside the VPC")
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return
    if address.is_loopback or address.is_unspecified:
        raise RefusedError(allowed, f"{address} is the forwarder itself: name the backend's address inside the VPC")
    if address.is_link_local or address.is_multicast:
        raise RefusedError(allowed, f"{address} is no backend: name its address inside the VPC")
    if address.is_global:
        raise RefusedError(allowed, f"{address} is on the internet: name the backend's private address")


BackendUrl = _checked(_backend_url, "http(s)://host[:port][/base]")


def _secret(value: object, _section: Mapping[str, Any], encrypted: bool) -> pulumi.Output[str]:
    """Text from an encrypted key, as a secret Output; text in plain is refused."""
    if not isinstance(value, str) or not encrypted:
        raise RefusedError(IN_PLAIN)
    if not value.strip():
        raise RefusedError(BLANK)
    return pulumi.Output.secret(value)


def _api_key(value: object, section: Mapping[str, Any], encrypted: bool) -> pulumi.Output[str]:
    """An API key's value; AWS takes 20 to 128 characters."""
    if isinstance(value, str) and (len(value) not in API_KEY_CHARACTERS or not value.isalnum()):
        raise RefusedError(f"an encrypted text of {_API_KEY}")
    return _secret(value, section, encrypted)


SecretText = Annotated[
    Any, SECRET, After(_secret, "an encrypted text (`pulumi config set --secret --path …`)", in_context=True)
]
ApiKeyText = Annotated[Any, SECRET, After(_api_key, f"an encrypted text of {_API_KEY}", in_context=True)]
NotEmpty = Annotated[str, Sized(1)]
IN_PLAIN: Final = "an encrypted text, not one in plain"
"""What is allowed in place of a secret that anybody can read in the file."""
BLANK: Final = "an encrypted text that is neither empty nor blank"
"""What is allowed in place of a secret that anybody can guess."""
