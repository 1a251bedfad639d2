"""Rules of what keeps abuse out."""

from collections.abc import Iterator

from ....facts.limits import ANY
from ..api import Api
from ..mistakes import NOTHING, Mistake
from ..protection import Protection
from .rule import make_mistake, register

_WITH_BODIES = {"POST", "PUT", "PATCH", ANY}


@register
def check_body_size(api: Api, protection: Protection) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html"""
    waf = protection.waf
    if waf is None:
        return
    common = "common" in waf.managed_rules
    takes_bodies = any(_WITH_BODIES & set(route.methods) for route in api.routes)
    if common and takes_bodies and waf.large_bodies is None:
        allowed = "true or false with the group common and a route that takes bodies: the group blocks those over 8 KB"
        remedy = "largeBodies: true lets them pass, false answers them with 403"
        yield make_mistake("protection.waf.largeBodies", NOTHING, allowed, remedy)
    if waf.large_bodies is not None and not common:
        allowed = "only with the group common, which looks at the size of bodies"
        remedy = "take it out, or add common to protection.waf.managedRules"
        yield make_mistake("protection.waf.largeBodies", waf.large_bodies, allowed, remedy)
