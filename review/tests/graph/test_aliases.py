"""A few aliases of YAML stand for more values than anybody can walk."""

import pytest
import yaml

from review.graph.aliases import is_too_large


@pytest.mark.parametrize(("text", "expected"), [("aliases", True), ("&own [*own]", True), ("[a, {b: c}]", False)])
def test_what_is_too_large_to_be_walked_is_known(text: str, expected: bool) -> None:
    if text == "aliases":
        lists = (f"a{number}: &a{number} [{f'*a{number - 1},' * 10}]" for number in range(1, 10))
        text = "\n".join(["a0: &a0 [x]", *lists])
    node = yaml.compose(text)
    assert node is not None
    found = is_too_large(node)
    assert found is expected
