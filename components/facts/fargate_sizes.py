"""Which amounts of memory go with which processor on Fargate.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from typing import Final

_GIB: Final = 1024

# CPU units (1024 are one vCPU) to MiB.
MEMORY_FOR_CPU: Final = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
    32768: (60 * _GIB, 120 * _GIB, 244 * _GIB),
}


def check(cpu: int, memory: int) -> None:
    """Raises ValueError, saying what would do, for a pair that AWS refuses."""
    if cpu not in MEMORY_FOR_CPU:
        raise ValueError(f"cpu is one of {', '.join(map(str, MEMORY_FOR_CPU))}")
    allowed = MEMORY_FOR_CPU[cpu]
    if memory not in allowed:
        nearest = min(allowed, key=lambda known: abs(known - memory))
        raise ValueError(f"with cpu {cpu}, memory is {allowed[0]} to {allowed[-1]} MiB; the nearest is {nearest}")
