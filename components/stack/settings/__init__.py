"""Stack config as one typed, validated value. `load` is the only reader of settings from pulumi.Config."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, get_config_env

from ...arguments.schema import OFF
from ...arguments.tags import find_tag_fault
from ...aws_lookups.account import find_stated_region, read_allowed_accounts
from ...facts import limits
from ...facts.instance_types import IMAGE_PLATFORM_TAG
from ...facts.regions import find_refusal, is_region, suggest_region
from ...resource_options.scope import read_default_tags
from . import backend, network
from .api import Api, Route
from .backend import Backend, Container, Ec2, NoBackend, Url
from .checks import find_mistakes
from .checks.proxy import is_forwarded, uses_link
from .consumer import Consumer
from .egress import Choice, choose, list_needed_endpoints
from .ingress import Ingress
from .mistakes import ENCRYPTED, HIDDEN, NOTHING, ConfigError, Mistake, did_you_mean, find_near_key, qualify
from .namespaces import find_unknown_keys
from .network import AdoptedNetwork, NewNetwork
from .protection import Protection
from .proxy import Proxy
from .reading import read
from .section import Section
from .sections import KEYS, SECTIONS
from .services import Services, find_place, list_services, merge_routes, read_services, select_routes
from .topology import Topology
from .unknown import Unknown, as_far_as_known

__all__ = ["ConfigError", "Settings", "Topology", "load"]


@dataclass(frozen=True)
class Settings:
    """A stack's whole config. A section that a topology does not need may be None."""

    topology: Topology
    network: NewNetwork | AdoptedNetwork
    backend: Backend
    ingress: Ingress | None
    proxy: Proxy
    api: Api
    protection: Protection
    consumer: Consumer | None
    egress_reason: str = ""
    """Why `egress: auto` took what it did; empty if the stack file names its egress."""
    region: str | None = None
    """The region of `aws:region` or of the environment. None if a profile decides it."""
    accounts: tuple[str, ...] = ()
    """The accounts of `aws:allowedAccountIds`. Empty if the stack does not limit them."""
    services: Services = field(default_factory=dict)
    """Services besides `backend`, by name."""
    service: str = ""
    """The name of the service whose settings these are. Empty for those of the stack."""
    encrypted: frozenset[str] = frozenset()
    """Sections with an encrypted key anywhere in them; the CLI does not name the key."""

    def keep(self, section: str, value: Any) -> Any:
        """Texts of a section, in lists and mappings too, as a resource may have them: secret if it is encrypted."""
        if isinstance(value, dict):
            return {name: self.keep(section, part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.keep(section, part) for part in value]
        return pulumi.Output.secret(value) if section in self.encrypted else value

    @property
    def uses_link(self) -> bool:
        """Whether any request goes through a VPC link."""
        return uses_link(self.topology, self.backend, self.ingress, merge_routes(self.api, self.services))

    @property
    def backends(self) -> dict[str, Backend]:
        """The backend of each service, by its place in the stack file."""
        return {find_place(name): one for name, one in list_services(self.backend, self.services).items()}

    @property
    def called_services(self) -> dict[str, tuple[str, ...]]:
        """The services that each service may call, by its name. Each has a container."""
        return {
            name: tuple(dict.fromkeys(one.calls_services))
            for name, one in list_services(self.backend, self.services).items()
            if isinstance(one, Container) and one.calls_services
        }

    def find_container(self, name: str) -> Container:
        """Returns the settings of a service that others may call."""
        found = self.services[name].backend if name in self.services else self.backend
        assert isinstance(found, Container), "a rule of the settings demands one"
        return found

    def select(self, name: str) -> "Settings":
        """The settings of one service, as if it were the stack's only one."""
        service = self.services[name]
        return replace(
            self,
            backend=service.backend,
            ingress=None if isinstance(service.backend, Url) else self.ingress,
            proxy=service.configure_proxy(self.proxy),
            api=select_routes(self.api, self.services, name),
            services={},
            service=name,
            encrypted=self.encrypted | ({"backend"} if "backends" in self.encrypted else set()),
        )

    def select_first(self) -> "Settings":
        """The settings of the service `backend`."""
        return replace(self, api=select_routes(self.api, self.services), services={})

    def name(self, part: str) -> str:
        """The name of a component: with the service's name in front, if it is not `backend`."""
        return f"{self.service}-{part}" if self.service else part

    @property
    def passes_identity(self) -> bool:
        """Whether backends receive identity headers. Callers could write them through a REST API's VPC link."""
        return self.api.spec.passes_identity and not (self.uses_link and self.api.kind == "rest")

    def is_forwarded(self, route: Route) -> bool:
        """Whether the route leads through the Lambda forwarder."""
        return is_forwarded(self.topology, self.backend, self.ingress, route)


OPTIONAL = ("ingress", "consumer")
_OWN_TAGS = ("Name", IMAGE_PLATFORM_TAG)


def load() -> Settings:
    """The stack's settings. Raises ConfigError with every mistake in them, before anything is declared."""
    mistakes = list(find_unknown_keys({**get_config_env(), **CONFIG.get()}))
    values: dict[str, Any] = {"topology": _read_topology(mistakes)}
    for key in SECTIONS:
        values[key] = _read_section(key, mistakes)
    values["services"] = _read_services(mistakes)
    _omit_backend(values)
    mistakes += _read_region(values)
    mistakes += [*_find_tag_mistakes(), *_find_account_mistakes()]
    values["accounts"] = read_allowed_accounts()
    reason = _choose_egress(values)
    _add_endpoints(values)
    mistakes += find_mistakes(values)
    if mistakes:
        raise ConfigError(pulumi.get_stack(), mistakes)
    return Settings(**values, egress_reason=reason, encrypted=frozenset(key for key in KEYS if _is_encrypted(key)))


def _omit_backend(values: dict[str, Any]) -> None:
    """Put `NoBackend` among the values if `backend` is omitted and no route needs one."""
    behind, api = values["backend"], values["api"]
    if isinstance(behind, Ec2) and not behind.fields_in_file:
        # Whether a route needs one may not be known.
        values["backend"] = Unknown()
        with as_far_as_known():
            needed = any(route.target in ("backend", "proxy") for route in api.routes)
            values["backend"] = behind if needed else NoBackend()


def _choose_egress(values: dict[str, Any]) -> str:
    """Put a network with the egress that `auto` takes among the values, and return why it takes it."""
    declared, behind, consumer = values["network"], values["backend"], values["consumer"]
    if not isinstance(declared, NewNetwork) or isinstance(declared.egress, Unknown) or declared.egress != ("auto",):
        return ""
    # One that serves everything: its rules then name no mistakes that follow from another.
    choice = Choice("nat-instance", "")
    with as_far_as_known():
        backends = {find_place(name): one for name, one in list_services(behind, values["services"]).items()}
        choice = choose(backends, declared, consumer, values["api"].functions_in_vpc, values["region"])
    values["network"] = declared.copy_with(egress=(choice.egress,))
    return choice.reason


def _add_endpoints(values: dict[str, Any]) -> None:
    """Give a network without internet access the endpoints that permissions and secrets in it need."""
    declared, behind, api = values["network"], values["backend"], values["api"]
    if isinstance(declared, NewNetwork):
        with as_far_as_known():
            needed = [
                endpoint
                for one in (behind, *(service.backend for service in values["services"].values()))
                for endpoint in list_needed_endpoints(one, declared, api.functions_in_vpc)
            ]
            endpoints = (*declared.endpoints, *dict.fromkeys(needed))
            values["network"] = declared.copy_with(endpoints=endpoints)


def _read_region(values: dict[str, Any]) -> list[Mistake]:
    """Put the region among the values that rules read: None if the environment or a profile decides it."""
    region = find_stated_region()
    values["region"] = region
    if region and (refused := find_refusal(region)):
        # All other mistakes may follow from this one: names, zones and images are others there.
        raise ConfigError(pulumi.get_stack(), [Mistake("aws:region", region, *refused)])
    # AWS's own SDK lists more regions than the provider's, but its import takes longer than all other settings.
    if region is None or region in {region.value for region in aws.Region} or is_region(region):
        return []
    if pulumi.runtime.is_config_secret("aws:region"):
        return [Mistake("aws:region", ENCRYPTED, "a region of AWS such as eu-west-1", "write it in plain")]
    values["region"] = None  # a region that does not exist has no quotas of its own
    return [Mistake("aws:region", region, "a region of AWS such as eu-west-1", suggest_region(region))]


def _find_account_mistakes() -> Iterator[Mistake]:
    """The provider refuses anything else, at the deployment."""
    text = pulumi.Config("aws").get("allowedAccountIds")
    if text and not pulumi.runtime.is_config_secret("aws:allowedAccountIds"):
        accounts = read_allowed_accounts()
        wrong = [account for account in accounts if not re.fullmatch(r"\d{12}", account)]
        if not accounts or wrong:
            remedy = 'write ["111122223333"]: quoted, since YAML reads leading zeros as another number'
            yield Mistake("aws:allowedAccountIds", wrong[0] if wrong else text, "a list of IDs of 12 digits", remedy)


def _find_tag_mistakes() -> Iterator[Mistake]:
    """The provider adds these tags to those of the components."""
    tags = read_default_tags()
    if not tags and (text := pulumi.Config("aws").get("defaultTags")) not in (None, "", "{}", '{"tags":{}}'):
        got = HIDDEN if pulumi.runtime.is_config_secret("aws:defaultTags") else text
        yield Mistake(
            "aws:defaultTags", got, "a map with the key tags, whose value is a map of texts", "write {tags: …}"
        )
    most = limits.TAGS - len(_OWN_TAGS)
    if len(tags) > most:
        allowed = f"at most {most} tags: a resource has {limits.TAGS}, and Gatehouse adds {' and '.join(_OWN_TAGS)}"
        yield Mistake("aws:defaultTags", f"{len(tags)} tags", allowed, "take some out")
    for key, value in tags.items():
        if allowed := find_tag_fault(key, value):
            hidden = pulumi.runtime.is_config_secret("aws:defaultTags")
            yield Mistake("aws:defaultTags", HIDDEN if hidden else key, f"a tag of {allowed}", "correct it")


def _read_topology(mistakes: list[Mistake]) -> object:
    name = pulumi.Config().get("topology")
    meant = [f"did you mean {key}?" for key in ("topology", qualify("topology"))]
    if misspelt := next((mistake for mistake in mistakes if not name and mistake.remedy in meant), None):
        # One mistake. A topology that it names serves to find the others.
        return next((one for one in Topology if one.value == misspelt.got), Unknown())
    try:
        return Topology(name)
    except ValueError:
        known = [topology.value for topology in Topology]
        encrypted = _is_encrypted("topology")
        remedy = did_you_mean(name, known) if name and not encrypted else ""
        got = ENCRYPTED if encrypted else name or NOTHING
        mistakes.append(Mistake(qualify("topology"), got, f"one of {', '.join(known)}", remedy))
        return Unknown()


def _read_section(key: str, mistakes: list[Mistake]) -> object:
    """Returns the section, with Unknown in place of what is wrong in it; None if it is absent and may be."""
    raw = _read_map(key, mistakes)
    if raw is None:
        return Unknown()
    if key in OPTIONAL and not raw:
        return None
    model = _choose_model(key, raw)
    if model is None:
        encrypted, kind = _is_encrypted(key), raw.pop("kind")
        meant = find_near_key(str(kind), backend.KINDS)
        remedy = f"did you mean {meant}?" if meant and not encrypted else ""
        got = ENCRYPTED if encrypted else kind if isinstance(kind, str) else HIDDEN
        mistakes.append(Mistake(qualify(f"{key}.kind"), got, f"one of {', '.join(backend.KINDS)}", remedy))
        if meant:
            mistakes += read(key, backend.KINDS[meant], {"kind": meant, **raw}, secret=encrypted)[1]
        return Unknown()
    section, wrong = read(key, model, raw, secret=_is_encrypted(key))
    mistakes += wrong
    # Without a key that is known, the kind of the backend is not known either.
    return Unknown() if isinstance(section, Backend) and wrong and not section.fields_in_file else section


def _read_services(mistakes: list[Mistake]) -> Services:
    raw = _read_map("backends", mistakes) or {}
    services, wrong = read_services(raw, secret=_is_encrypted("backends"))
    mistakes += wrong
    return services


def _choose_model(key: str, raw: Mapping[str, Any]) -> type[Section] | None:
    match key:
        case "network":
            return network.choose_model(raw)
        case "backend":
            return backend.choose_model(raw)
    return next(iter(SECTIONS[key][1].values()))


def _read_map(key: str, mistakes: list[Mistake]) -> dict[str, Any] | None:
    text = pulumi.Config().get(key)
    if text is None:
        return {}
    try:
        raw = json.loads(text)
    except ValueError:
        raw = text
    if isinstance(raw, dict):
        return raw
    if key in OPTIONAL and (raw is False or raw == OFF):  # YAML reads a bare off as false
        return {}
    empty = raw in (None, "")
    shown = raw if isinstance(raw, bool) else HIDDEN
    got = ENCRYPTED if _is_encrypted(key) else NOTHING if empty else shown
    remedy = "take it out, or write its keys below it" if empty else "write its keys below it"
    mistakes.append(Mistake(qualify(key), got, "a map of keys and values", f"{remedy}: see docs/settings.md"))
    return None


def _is_encrypted(key: str) -> bool:
    return pulumi.runtime.is_config_secret(qualify(key))
