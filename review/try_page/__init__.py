"""The command `gatehouse try`: the local gateway with a page that shows calls, findings and costs."""
