"""Random number generators and seeds, under ``torch.random``'s names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xpgrad.functions.random import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]


@contextmanager
def fork_rng(devices: object = None, enabled: bool = True) -> Iterator[None]:
    """Put the default generator back, at the end of the block, where it was at its start.

    Mirrors ``torch.random.fork_rng``; ``devices`` is accepted for its sake, since one generator serves all devices.
    """
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)
