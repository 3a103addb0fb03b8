"""Philox4x64-10 in JAX: what the fallback says, compiled once for each power of two blocks."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

__all__ = ["philox_bits"]

_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_LOW = (1 << 32) - 1


def philox_bits(xp: Any, /, *, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> Any:
    """As the fallback `xpgrad.backends.fallbacks.philox.philox_bits`.

    That is a few hundred operations, of which XLA makes one that takes ten times as long as the loop here.
    """
    words = [
        (number >> shift) % 2**64 for number, count in ((key, 2), (counter, 4)) for shift in range(0, 64 * count, 64)
    ]
    state = jax.device_put(np.array(words, np.uint64), device)
    enough = 1 << max(blocks - 1, 0).bit_length()
    words = _encrypted(state, blocks=enough)[: 4 * blocks]
    return jnp.reshape(lax.bitcast_convert_type(words, dtype), (-1,))


@functools.partial(jax.jit, static_argnames="blocks")
def _encrypted(state: Any, *, blocks: int) -> Any:
    """The words of the ``blocks`` blocks after a counter, (4 * blocks,), from the words of the key and of that."""
    carry = jnp.arange(1, blocks + 1, dtype=jnp.uint64)
    counter = []
    for word in state[2:]:
        carry, before = word + carry, carry
        counter.append(carry)
        carry = (carry < before).astype(jnp.uint64)

    def rounds(_: int, words: Any) -> Any:
        a, b, c, d, i, k = words
        m, n = (jnp.uint64(multiplier) for multiplier in _MULTIPLIERS)
        steps = (jnp.uint64(step) for step in _KEY_STEPS)
        return _upper(c, n) ^ b ^ i, c * n, _upper(a, m) ^ d ^ k, a * m, i + next(steps), k + next(steps)

    words = lax.fori_loop(0, 10, rounds, (*counter, state[0], state[1]))
    return jnp.reshape(jnp.stack(words[:4], axis=-1), (-1,))


def _upper(x: Any, y: Any) -> Any:
    """The upper 64 bits of the product."""
    low, high, low_y, high_y = x & _LOW, x >> 32, y & _LOW, y >> 32
    middle = high * low_y + (low * low_y >> 32)
    return high * high_y + (middle >> 32) + ((middle & _LOW) + low * high_y >> 32)
