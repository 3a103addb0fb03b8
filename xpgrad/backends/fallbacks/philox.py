"""Philox4x64-10 written over the Array API standard alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad.backends.limbs import Limbs

__all__ = ["FALLBACKS", "philox_bits", "philox_normal", "philox_uniform"]

_ROUNDS = 10
_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def philox_bits(xp: Any, /, *, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> Any:
    """Return ``blocks`` blocks of random bits, the first of ``numpy.random.Philox(key=key, counter=counter)``.

    A block is four 64-bit words. They come as bit patterns in ``int64``, or, each as its lower and then its upper half,
    in ``int32``: the order in which NumPy uses them up. Signed integers are what every library computes with (PyTorch
    cannot shift unsigned ones), and ``int32`` what every device has (JAX has no 64 bits unless told to).

    NumPy increments its counter before it generates, and so does this: the first block encrypts ``counter + 1``.

    Args:
        xp: an Array API namespace.
        key: 128 bits, the first word lowest.
        counter: 256 bits, the first word lowest; blocks count on from it, modulo 2**256.
        blocks: how many blocks, below 2**30.
        dtype: ``int32`` or ``int64``.
        device: where to compute them.

    Returns:
        An array of shape (8 * blocks,) for ``int32``, (4 * blocks,) for ``int64``.

    Source: Salmon et al. 2011, *Parallel random numbers: as easy as 1, 2, 3*, section 3.3.
    """
    limbs = Limbs.on(xp, device)
    size = 64 // limbs.bits
    block = limbs.add(xp.arange(blocks, dtype=limbs.dtype, device=device), counter + 1, 256)
    a, b, c, d = (block[start : start + size] for start in range(0, 4 * size, size))
    for round_ in range(_ROUNDS):
        ka, kc = (limbs.digits((key >> 64 * i) + round_ * step, 64) for i, step in enumerate(_KEY_STEPS))
        pa, pc = (limbs.multiply(word, factor) for word, factor in zip((a, c), _MULTIPLIERS, strict=True))
        a, b = [x ^ y ^ k for x, y, k in zip(pc[size:], b, ka, strict=True)], pc[:size]
        c, d = [x ^ y ^ k for x, y, k in zip(pa[size:], d, kc, strict=True)], pa[:size]
    block = [*a, *b, *c, *d]
    if dtype == limbs.dtype:
        patterns = [limbs.join(block[start : start + 2]) for start in range(0, len(block), 2)]
    else:
        patterns = [xp.astype((limb ^ 2**31) - 2**31, dtype) for limb in block]
    return xp.reshape(xp.stack(patterns, axis=-1), (len(patterns) * blocks,))


def philox_uniform(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> Any:
    """Return ``count`` uniform numbers in [0, 1) from the blocks after ``counter``, of ``float32`` or ``float64``.

    Every step is exact, so that no rounding can differ.
    """
    narrow = dtype == xp.float32
    per_block, width, digits, pattern = (8, 32, 24, xp.int32) if narrow else (4, 64, 53, xp.int64)
    blocks = -(-count // per_block)
    patterns = xp.philox_bits(key=key, counter=counter, blocks=blocks, dtype=pattern, device=device)[:count]
    # Out of place: a library's arrays may be read-only though nobody else holds them.
    return xp.astype((patterns >> (width - digits)) & ((1 << digits) - 1), dtype) * 2.0**-digits


def philox_normal(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> Any:
    """Return ``count`` standard normal numbers: of each pair of uniform ones the two of Box and Muller 1958."""
    pairs = -(-count // 2)
    numbers = xp.philox_uniform(key=key, counter=counter, count=2 * pairs, dtype=dtype, device=device)
    numbers = xp.reshape(numbers, (pairs, 2))
    radius = xp.sqrt(-2.0 * xp.log(1.0 - numbers[:, 0]))
    angle = numbers[:, 1] * (2.0 * math.pi)
    values = xp.stack([radius * xp.cos(angle), radius * xp.sin(angle)], axis=-1)
    return xp.reshape(values, (2 * pairs,))[:count]


FALLBACKS: dict[str, Callable[..., Any]] = {
    "philox_bits": philox_bits,
    "philox_normal": philox_normal,
    "philox_uniform": philox_uniform,
}
