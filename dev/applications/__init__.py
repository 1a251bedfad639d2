"""Applications in six frameworks behind the topologies that `gatehouse try` serves."""
