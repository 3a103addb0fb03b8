"""Philox4x64-10 in one launch: a thread encrypts one counter and makes the numbers of its block."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Final

import cupy
import numpy as np

from xpgrad._typing import Array
from xpgrad.backends.cupy_kernels.launching import kernel, launch

# NumPy increments its counter before it generates: the first block encrypts the counter after the one given. The
# uniform numbers are exact, so that they are NumPy's bit for bit; of the normal ones each step is rounded to `Number`.
_SOURCE: Final = r"""
typedef unsigned long long Word;

struct Block { Word words[4]; };

__device__ inline Block philox(long long index, Word k0, Word k1, Word c0, Word c1, Word c2, Word c3) {
    Block block = {{c0, c1, c2, c3}};
    Word carry = static_cast<Word>(index) + 1;
    for (int i = 0; i < 4 && carry; ++i) {
        block.words[i] += carry;
        carry = block.words[i] < carry;
    }
    for (int round = 0; round < 10; ++round) {
        const Word high0 = __umul64hi(0xD2E7470EE14C6C93ull, block.words[0]);
        const Word low0 = 0xD2E7470EE14C6C93ull * block.words[0];
        const Word high2 = __umul64hi(0xCA5A826395121157ull, block.words[2]);
        const Word low2 = 0xCA5A826395121157ull * block.words[2];
        block = {{high2 ^ block.words[1] ^ k0, low2, high0 ^ block.words[3] ^ k1, low0}};
        k0 += 0x9E3779B97F4A7C15ull;
        k1 += 0xBB67AE8584CAA73Bull;
    }
    return block;
}

// Number `i` of a block: each half of a word, the lower first, makes a float of 24 digits, each word a double of 53.
__device__ inline float uniform(const Block& block, int i, float) {
    const unsigned int half = static_cast<unsigned int>(block.words[i / 2] >> 32 * (i % 2));
    return static_cast<float>(half >> 8) * (1.0f / (1 << 24));
}

__device__ inline double uniform(const Block& block, int i, double) {
    return static_cast<double>(block.words[i] >> 11) * (1.0 / (1ll << 53));
}

extern "C" __global__ void philox_bits(
    Word* out, long long count, Word k0, Word k1, Word c0, Word c1, Word c2, Word c3) {
    FOR_EACH(index, (count + 3) / 4) {
        const Block block = philox(index, k0, k1, c0, c1, c2, c3);
        for (int i = 0; i < 4; ++i) out[4 * index + i] = block.words[i];
    }
}

extern "C" __global__ void philox_uniform(
    Number* out, long long count, Word k0, Word k1, Word c0, Word c1, Word c2, Word c3) {
    constexpr int numbers = 32 / sizeof(Number);
    FOR_EACH(index, (count + numbers - 1) / numbers) {
        const Block block = philox(index, k0, k1, c0, c1, c2, c3);
        for (int i = 0; i < numbers && numbers * index + i < count; ++i) {
            out[numbers * index + i] = uniform(block, i, Number());
        }
    }
}

extern "C" __global__ void philox_normal(
    Number* out, long long count, Word k0, Word k1, Word c0, Word c1, Word c2, Word c3) {
    constexpr int numbers = 32 / sizeof(Number);
    FOR_EACH(index, (count + numbers - 1) / numbers) {
        const Block block = philox(index, k0, k1, c0, c1, c2, c3);
        for (int i = 0; i < numbers && numbers * index + i < count; i += 2) {
            const Number radius = sqrt(Number(-2) * log(Number(1) - uniform(block, i, Number())));
            const Number angle = uniform(block, i + 1, Number()) * Number(6.283185307179586);
            out[numbers * index + i] = radius * cos(angle);
            if (numbers * index + i + 1 < count) out[numbers * index + i + 1] = radius * sin(angle);
        }
    }
}
"""

_WORD: Final = (1 << 64) - 1
_BLOCK_BYTES: Final = 32


def philox_bits(xp: Any, /, *, key: int, counter: int, blocks: int, dtype: Any, device: Any = None) -> Array:
    """Return what the fallback of this name returns."""
    # Whatever `Number` is, this kernel makes words.
    return _launched("philox_bits", "float64", (4 * blocks, "uint64"), key, counter, device).view(dtype)


def philox_uniform(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> Array:
    """Return what the fallback of this name returns, bit for bit."""
    name = np.dtype(dtype).name
    return _launched("philox_uniform", name, (count, name), key, counter, device)


def philox_normal(xp: Any, /, *, key: int, counter: int, count: int, dtype: Any, device: Any = None) -> Array:
    """Return what the fallback of this name returns."""
    name = np.dtype(dtype).name
    return _launched("philox_normal", name, (count, name), key, counter, device)


def _launched(name: str, number: str, made: tuple[int, str], key: int, counter: int, device: Any) -> Array:
    """A vector of the length and dtype ``made``, filled by the kernel ``name``."""
    words = [np.uint64(key >> shift & _WORD) for shift in (0, 64)]
    words += [np.uint64(counter >> shift & _WORD) for shift in (0, 64, 128, 192)]
    count, dtype = made
    with contextlib.nullcontext() if device is None else cupy.cuda.Device(device):
        out = cupy.empty((count,), dtype=dtype)
        launch(kernel(_SOURCE, name, number), -(-count * out.itemsize // _BLOCK_BYTES), out, count, *words)
    return out


KERNELS: dict[str, Callable[..., Any]] = {
    "philox_bits": philox_bits,
    "philox_normal": philox_normal,
    "philox_uniform": philox_uniform,
}
