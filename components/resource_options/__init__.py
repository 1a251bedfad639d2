"""Options of the resources that a component declares: parent, names, tags, and their order."""
