"""Comparisons of drawn configs keep the properties of every comparison."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.tests.compare.properties import faults
from review.tests.updates import compared
from tests.helpers.draws import draws
from tests.integration.topologies.built import built
from tests.topologies.drawn_configs import configs


@settings(max_examples=draws(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(configs(), st.data())
def test_drawn_settings_keep_the_properties(config: dict[str, Any], data: st.DataObject) -> None:
    """A config, and one in which a section is that of another one."""
    other = data.draw(configs())
    section = data.draw(st.sampled_from(sorted(other)))
    before, after = built(config, known=True), built({**config, section: other[section]}, known=True)
    if before is not None:
        assert compared(before, before).lines == ()
        if after is not None:
            assert faults(before, after) == []
