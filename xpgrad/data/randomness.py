"""Where the random numbers of a sample come from, so that no choice about how data is loaded changes the data.

Every pass over a loader takes one seed from its generator. The sample at place ``j`` of batch ``i`` has a stream of its
own, reached from (seed, i, j): how many workers there are, and where a pass was taken up again, do not matter.
"""

from __future__ import annotations

from typing import final

from xpgrad.backends import philox
from xpgrad.backends.selection import host_place
from xpgrad.functions.generator import Generator, generator_at, generator_or_default


@final
class SampleRandomness:
    """The random numbers of one batch after the other, each sample's made when they are first asked for."""

    __slots__ = ("_batch", "_generator", "_place", "_seed")

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.move_to(0, 0)

    def move_to(self, batch: int, place: int) -> None:
        """Go to the sample at ``place`` of ``batch``."""
        self._batch, self._place = batch, place
        self._generator: Generator | None = None

    def generator(self) -> Generator:
        """The sample's generator."""
        if self._generator is None:
            self._generator = generator_at((self._seed, self._batch, 0, self._place))
        return self._generator


def sample_generator() -> Generator:
    """The generator for what a dataset or a transform draws: while a loader loads a sample, that sample's own.

    Outside of loaders it is the default generator.
    """
    return generator_or_default(None)


def draw_seed(generator: Generator | None = None) -> int:
    """A seed in [0, 2**63) from ``generator``, by default the default one."""
    host = host_place()
    source = generator_or_default(generator)._philox
    drawn = philox.randint(host.xp, source, 0, 2**63, (1,), dtype=host.xp.int64, device=host.handle)
    return int(drawn[0])
