"""The ledger: what the answers of a report do not rest on. Each sentence that vouches for something asks it first."""
