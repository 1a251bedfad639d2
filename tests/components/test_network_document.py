"""docs/network.md says of every move what the code says."""

from pathlib import Path

from components.network.egress import Interruption, interruption

DOCUMENT = Path(__file__).parents[2] / "docs" / "network.md"
WORDS = {
    "–": Interruption.NOTHING,
    "connections": Interruption.CONNECTIONS,
    "boot": Interruption.BOOT,
    "loss": Interruption.LOSS,
}


def ways(cell: str) -> list[str]:
    return [] if cell == "none" else cell.split(" + ")


def test_the_table_of_moves_is_right() -> None:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in DOCUMENT.read_text().partition("| from, to |")[2].partition("\n\n")[0].splitlines()
    ]
    columns, _rule, *lines = rows
    for before, *cells in lines:
        for after, cell in zip(columns, cells, strict=True):
            if before == after:
                assert cell == ""
            else:
                assert WORDS[cell] is interruption(ways(before), ways(after)), f"{before} to {after}"
    assert [before for before, *_ in lines] == columns
    assert len(columns) == 6
