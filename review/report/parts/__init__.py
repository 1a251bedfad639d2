"""Parts of a report that comparisons read too: rows of components, the diagram, and limitations."""
