"""Random number generators and seeds. Mirrors ``torch.random``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from xpgrad.functions.generator import (
    Generator,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
    substitute,
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
    "thread_safe_generator",
]


@contextmanager
def fork_rng(
    devices: Iterable[object] | None = None, enabled: bool = True, *, device_type: str | None = None
) -> Iterator[None]:
    """Put the default generator back, at the end of the block, where it was at its start.

    Mirrors ``torch.random.fork_rng``. One generator serves all devices, so that ``devices`` and ``device_type`` are
    accepted for its sake only.

    Args:
        devices: Ignored.
        enabled: False for a block that does nothing.
        device_type: Ignored.
    """
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)


def thread_safe_generator() -> Generator | None:
    """What to draw from in a transform: the sample's own generator while a loader loads one, else None.

    Mirrors ``torch.random.thread_safe_generator``. Functions that are given no generator do the same by themselves.
    """
    own = substitute.get()
    return None if own is None else own()
