"""The column, band and row of each box of a diagram.

Columns follow the traffic from left to right. Bands, one below the other, keep apart what is outside the VPC and each
kind of its subnets. Boxes beside the VPC share its rows, so that no corner of the picture is empty.
"""

from collections import defaultdict

from ...graph.graph import grouped
from ...reach.path import Kind
from ..diagram import Area, Diagram, Node


class Grid:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.ranks = diagram.ranks()
        self.columns = max(self.ranks.values()) + 1
        self.inside = [self.ranks[node.id] for node in diagram.nodes.values() if node.place is Area.VPC]
        """Columns of the boxes in the VPC."""
        self.bands = self._bands()
        self.rows: dict[str, int] = {}
        self.row_band: list[str] = []
        self._fill_rows()

    def _bands(self) -> dict[str, list[Node]]:
        """Nodes by band, from the top: what is outside the VPC, kinds of subnets, what the backend calls."""
        inward = [edge for edge in self.diagram.edges if edge.kind is not Kind.OUTBOUND]
        led_to = {name for edge in inward for name in (edge.source, edge.target)}
        called = {name for edge in inward if edge.kind is Kind.INBOUND for name in (edge.source, edge.target)}
        nodes = self.diagram.nodes.values()
        tiers = grouped((node.tier, node) for node in nodes if node.place is Area.VPC)
        # The tier that calls reach first is drawn first.
        entries = {
            tier: min(self.ranks[node.id] if node.id in called else self.columns for node in inside)
            for tier, inside in tiers.items()
        }
        outside = [node for node in nodes if node.place is not Area.VPC]
        below = [node for node in outside if node.id not in led_to] if tiers and inward else []
        bands = {"above": [node for node in outside if node not in below]}
        bands |= {f"vpc {tier}": tiers[tier] for tier in sorted(tiers, key=lambda tier: entries[tier])}
        return {band: members for band, members in {**bands, "below": below}.items() if members}

    def _fill_rows(self) -> None:
        beside: list[Node] = []
        for band, nodes in self.bands.items():
            beside += [node for node in nodes if self._distance(node) > 0]
            start = len(self.row_band)
            used: dict[int, int] = defaultdict(int)
            for node in nodes:
                if self._distance(node) > 0:
                    continue
                rank = self.ranks[node.id]
                self.rows[node.id] = start + used[rank]
                used[rank] += 1
            self.row_band += [band] * max(used.values(), default=0)
        # Straight arrows first: to the VPC, then from it. A node whose row is taken is drawn below them.
        inward = sorted((node for node in beside if node not in self.bands.get("below", ())), key=self._distance)
        late = [node for node in inward if not self._put_beside(node)]
        outward = [node for node in beside if node not in inward]
        for node in (*outward, *late):
            self._put_beside(node, anywhere=True)

    def _put_beside(self, node: Node, *, anywhere: bool = False) -> bool:
        """Give a box the row of the first box that it has an arrow to or from; `anywhere`, the next free row."""
        ends = ((edge.source, edge.target) for edge in self.diagram.edges)
        known = [self.rows[name] for pair in ends if node.id in pair for name in pair if name in self.rows]
        rank = self.ranks[node.id]
        taken = {row for name, row in self.rows.items() if self.ranks[name] == rank}
        row = min(known, default=self.row_band.index(next(band for band in self.row_band if band.startswith("vpc"))))
        if not anywhere and (row in taken or not known):
            return False
        while row in taken:
            row += 1
        self.rows[node.id] = row
        self.row_band += ["below"] * (row + 1 - len(self.row_band))
        return True

    def _distance(self, node: Node) -> int:
        """Columns between a box and those of the VPC; 0 or less for a box in them, or if there is no VPC."""
        rank = self.ranks[node.id]
        return max(min(self.inside) - rank, rank - max(self.inside)) if self.inside else 0
