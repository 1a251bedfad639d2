"""What is withheld, and because of whom."""

from review.ledger.ledger import Claim, Entry, Ledger, Withheld
from review.ledger.ways import Way


def test_causes_are_named_in_the_order_of_the_ledger_whatever_the_order_of_a_claim() -> None:
    """The effects of a claim come from a set, whose order differs in each run."""
    first, second = (
        Entry("first", frozenset({Way.CALLS}), {"f": "f"}),
        Entry("second", frozenset({Way.ADMITS}), {"f": "f"}),
    )
    claim = Claim("no way in", {Way.ADMITS: None, Way.CALLS: None})
    withheld = Ledger.collect([first, second]).vouch(claim)
    assert isinstance(withheld, Withheld)
    assert [cause.partition(" ")[0] for cause in withheld.because] == ["first", "second"]
