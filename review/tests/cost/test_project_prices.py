"""`prices.yaml` of a project: read before the review's table, and written from a price API that is played by a stub."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from review.cost.prices import TABLE, load_prices, set_project_prices
from review.cost.project_prices import main, read_project_prices
from review.evaluate.problems import StackFileError
from review.tests.cost.test_refresh import API


@pytest.fixture(autouse=True)
def _no_prices_stay() -> Iterator[None]:
    yield
    set_project_prices({})


def test_a_price_of_the_project_comes_before_ours_and_says_whose_it_is(tmp_path: Path) -> None:
    before = load_prices().describe("alb")
    assert load_prices().find_price("alb-capacity", "sa-east-1") is None
    (tmp_path / "prices.yaml").write_text(
        "source: our contract\nread: 2026-11\n"
        "items:\n  alb: {us-east-1: 0.01}\n  alb-capacity: {sa-east-1: [[10, 0.02], [null, 0.01]]}\n"
        "  ec2-x9.huge: {eu-west-1: 3}\n"
    )
    set_project_prices(read_project_prices(tmp_path))
    price = load_prices().find_price("alb", "us-east-1")
    assert price is not None
    assert (price.first, price.source, price.read) == (0.01, "our contract", "2026-11")
    assert load_prices().describe("alb") == before
    tiers = load_prices().find_price("alb-capacity", "sa-east-1")
    assert tiers is not None
    assert tiers.compute_amount(20) == pytest.approx(0.3)
    assert load_prices().find_price("ec2-x9.huge", "eu-west-1") is not None
    assert load_prices().find_price("alb", "eu-west-1") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items: {albb: {eu-west-1: 1}}", "items: got 'albb'; no such item; did you mean alb?"),
        ("items: {alb: {eu-wset-1: 1}}", "items.alb: got 'eu-wset-1'; no such region"),
        ("items: {alb: {eu-west-1: x}}", "want dollars, or tiers"),
        ("items: {alb: {eu-west-1: -1}}", "want dollars, or tiers"),
        ("items: {alb: {eu-west-1: [[10, 1]]}}", "want dollars, or tiers"),
        ("items: {alb: 3}", "want regions with a number of dollars"),
        ("prices: {}", "got 'prices'; not read here"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "prices.yaml").write_text(text)
    with pytest.raises(StackFileError) as refused:
        read_project_prices(tmp_path)
    assert message in str(refused.value)


def test_the_command_writes_what_the_price_list_has_and_keeps_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {aws:region: eu-west-1}\n")
    (tmp_path / "prices.yaml").write_text("items: {alb: {eu-west-1: 0.01}}\n")
    table = TABLE.read_bytes()
    assert main(["--project", str(tmp_path)], client=API) == 0
    written = yaml.safe_load((tmp_path / "prices.yaml").read_text())
    assert written["items"]["alb"] == {"eu-west-1": 0.01}
    assert written["items"]["nat-gateway-data"] == {"eu-west-1": 0.048}
    assert "prices.yaml has" in capsys.readouterr().out
    set_project_prices(read_project_prices(tmp_path))
    assert TABLE.read_bytes() == table
    (tmp_path / "Pulumi.dev.yaml").unlink()
    assert main(["--project", str(tmp_path)], client=API) == 2
    assert "no stack file here names a region" in capsys.readouterr().err
