"""Distributions that take a number of random bits nobody knows beforehand, on the host by NumPy's samplers.

A draw takes one block of its generator, and the block is the key of the stream that the sampler then consumes: the
state of the generator does not depend on what was rejected, and the values are the same for every backend.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xpgrad.backends.numpy_kernels import philox as host
from xpgrad.backends.philox import Philox

__all__ = ["binomial", "poisson"]

Floats = NDArray[Any]


def poisson(generator: Philox, rate: Floats) -> NDArray[np.int64]:
    """Counts of the Poisson distributions of the given rates, which are not negative."""
    return np.asarray(_stream(generator).poisson(rate.astype(np.float64)))


def binomial(generator: Philox, count: Floats, p: Floats) -> NDArray[np.int64]:
    """How many of ``count`` trials succeed, each with probability ``p``; both are clipped to what makes sense."""
    trials = np.nan_to_num(np.maximum(np.floor(count.astype(np.float64)), 0.0))
    chance = np.clip(np.nan_to_num(p.astype(np.float64)), 0.0, 1.0)
    return np.asarray(_stream(generator).binomial(trials.astype(np.int64), chance))


def _stream(generator: Philox) -> np.random.Generator:
    key, counter = generator.take(1)
    low, high = host.philox_bits(np, key=key, counter=counter, blocks=1, dtype=np.int64).view(np.uint64)[:2]
    return np.random.Generator(np.random.Philox(key=int(low) | int(high) << 64))
