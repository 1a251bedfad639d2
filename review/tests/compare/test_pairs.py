"""The comparison of each pair of pairs.yaml states the fact that the pair names."""

import pytest

from review.compare.lines import Group
from review.tests.compare.pairs import PAIRS, comparison


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_has_its_line(name: str) -> None:
    wanted = PAIRS[name]["line"]
    lines = [f"{line.group.name.lower()} {line.sign.value} {line.text}" for line in comparison(name).lines]
    if wanted == "nothing":
        assert lines == []
    elif wanted.upper() in Group.__members__:
        assert not [line for line in lines if line.startswith(f"{wanted} ")]
    else:
        assert any(wanted in line for line in lines), "\n".join(lines)
