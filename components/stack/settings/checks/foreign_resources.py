"""Resources of another region, account or partition than the stack's, which can never work."""

from collections.abc import Iterator, Sequence

from ....arguments.errors import HIDDEN_VALUE
from ....arguments.located import find_misplaced
from ..mistakes import HIDDEN, Mistake
from ..section import Section, fields_by_key
from .rule import make_mistake, register


@register
def check_backend_places(*, backend: Section, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    yield from _check("backend", backend, region, accounts)


@register
def check_places(
    *,
    network: Section,
    ingress: Section | None,
    api: Section,
    protection: Section,
    region: str | None,
    accounts: Sequence[str],
) -> Iterator[Mistake]:
    sections = {"network": network, "ingress": ingress, "api": api, "protection": protection}
    for key, section in sections.items():
        yield from _check(key, section, region, accounts)


def _check(key: str, section: Section | None, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    """One that is wrong as a whole is passed over, as is what is wrong in it."""
    if isinstance(section, Section):
        for fault in find_misplaced(section, region, accounts, fields_by_key):
            got = HIDDEN if fault.got == HIDDEN_VALUE else fault.got
            yield make_mistake(f"{key}.{fault.key}", got, fault.allowed, fault.remedy.replace("invoke_arn", "arn"))
