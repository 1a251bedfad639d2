"""The offline review of a Pulumi program: what it would build, cost and expose, without asking AWS.

evaluate  runs the program as a dry run against a recorder, and records what it declares
graph     is that record: resources with inputs and outputs, lookups, exports, config
aws       is the model of AWS over a graph: networks, load balancers, APIs, roles, the catalog of resource types
paths     traces every path through the model: who can reach what, and what blocks it
rules     judge model and paths: passed, failed, waived, or cannot tell
cost      prices what the model holds: fixed, by usage, at most
compare   finds what differs between two evaluations, and what a change cuts or replaces
report    joins all of it as plain data, and renders text, Markdown, JSON and HTML
cli       is the command that does this for each stack
local_gateway  serves the APIs on this machine, for tests and for try_page
"""
