"""Readers of files that the Pulumi CLI writes: the plan of a preview and the exported state, in any language."""
