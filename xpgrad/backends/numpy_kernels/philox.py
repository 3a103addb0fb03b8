"""Philox4x64-10 by NumPy's own bit generator, and what is made of its bits in few passes."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["KERNELS", "philox_bits", "philox_normal", "philox_uniform"]

_WORD = (1 << 64) - 1
_NO_WORDS = np.zeros(4, dtype=np.uint64)
_INT64, _UINT32, _FLOAT32 = np.dtype(np.int64), np.dtype(np.uint32), np.dtype(np.float32)
# 0-d arrays, since a Python number beside a small array costs more than the operation.
_EIGHT, _ELEVEN = np.array(8, np.uint32), np.array(11, np.uint64)
_FLOAT32_STEP, _FLOAT64_STEP = np.array(2.0**-24, np.float32), np.array(2.0**-53)
_CONSTANTS = {
    np.dtype(dtype): tuple(np.array(n, dtype) for n in (1.0, -2.0, 2.0 * math.pi)) for dtype in (np.float32, np.float64)
}
_LITTLE = sys.byteorder == "little"


class _Source(threading.local):
    """This thread's bit generator, made when first needed, and the place it has reached."""

    generator: Any = None
    key = counter = -1


_source = _Source()


def philox_bits(xp: Any, /, *, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> NDArray[Any]:
    """Return what the fallback of this name returns, 15 to 150 times faster; ``xp`` and ``device`` are not used."""
    words = _words(key, counter, blocks)
    return words.view(np.int64) if dtype == _INT64 else _halves(words).view(np.int32)


def philox_uniform(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> NDArray[Any]:
    """Return what the fallback of this name returns, bit for bit."""
    if dtype == _FLOAT32:
        halves = _halves(_words(key, counter, -(-count // 8)))[:count]
        return np.asarray(np.multiply(np.right_shift(halves, _EIGHT, halves).astype(_FLOAT32), _FLOAT32_STEP))
    words = _words(key, counter, -(-count // 4))[:count]
    return np.asarray(np.multiply(np.right_shift(words, _ELEVEN, words).astype(np.float64), _FLOAT64_STEP))


def philox_normal(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> NDArray[Any]:
    """Return what the fallback of this name returns, in half the passes over memory."""
    numbers = philox_uniform(xp, key=key, counter=counter, count=count + count % 2, dtype=dtype)
    one, minus_two, two_pi = _CONSTANTS[numbers.dtype]
    radius = np.subtract(one, numbers[0::2])
    np.log(radius, radius)
    np.multiply(radius, minus_two, radius)
    np.sqrt(radius, radius)
    angle = np.multiply(numbers[1::2], two_pi)
    np.multiply(np.cos(angle), radius, numbers[0::2])
    np.multiply(np.sin(angle, angle), radius, numbers[1::2])
    return numbers[:count]


def _words(key: int, counter: int, blocks: int) -> NDArray[np.uint64]:
    """The words of the ``blocks`` blocks after ``counter``, in a fresh array."""
    source = _source
    if source.counter != counter or source.key != key:
        if source.generator is None:
            source.generator = np.random.Philox(0)
        # Setting a state takes ten times as long as a small draw: one that goes on where the last ended does not.
        source.generator.state = {
            "bit_generator": "Philox",
            "state": {
                "counter": np.array([(counter >> shift) & _WORD for shift in range(0, 256, 64)], dtype=np.uint64),
                "key": np.array([(key >> shift) & _WORD for shift in range(0, 128, 64)], dtype=np.uint64),
            },
            "buffer": _NO_WORDS,
            "buffer_pos": len(_NO_WORDS),
            "has_uint32": 0,
            "uinteger": 0,
        }
        source.key = key
    source.counter = counter + blocks
    words: NDArray[np.uint64] = source.generator.random_raw(4 * blocks)
    return words


def _halves(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The halves of ``words``, the lower first, in their memory if that is how they lie."""
    return words.view(_UINT32) if _LITTLE else words.byteswap().view(_UINT32).byteswap()


KERNELS: dict[str, Callable[..., Any]] = {
    "philox_bits": philox_bits,
    "philox_normal": philox_normal,
    "philox_uniform": philox_uniform,
}
