"""What each component states of its reach: who may call it and with what, whom it admits, and where it leads.

A statement is plain data that a component registers as its input `reach`, so that the engine shows a change of it in
every preview, and a review joins statements in place of AWS resources. `docs/reach.md` describes the shape.
"""
