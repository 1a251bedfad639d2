#!/bin/bash
# All that an instance without a service of its own does at boot in a network that leads out over IPv6 alone.
use_dual_stack_names
