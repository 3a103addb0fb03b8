"""Portable random numbers: the same bits from the same seed on every backend, as raw arrays.

A generator is a key and a counter. Its stream is the sequence of blocks, each of 256 bits, that Philox4x64-10 makes of
key and counter alone, so any block can be reached at once on any device. Every draw takes whole blocks and moves the
counter past them; what a value becomes depends on its place in the draw and on nothing else. Hence

- the first draw from ``Philox(seed)`` is the stream of ``numpy.random.Philox(key=seed)``, and a draw at any counter is
  that of ``numpy.random.Philox(key=seed, counter=counter)``: `uniform` then gives the bits that NumPy's
  ``Generator.random`` gives, in ``float32`` and in ``float64``;
- a longer draw begins with the values of a shorter one (`permutation` excepted);
- `bernoulli`, `randint`, `permutation` and `uniform` are the same everywhere, bit for bit, and `normal` and
  `exponential` are equal to within the rounding of the library's logarithm, sine and cosine.

The functions take a namespace that has, beside the Array API standard, the extension functions ``philox_bits``,
``philox_uniform`` and ``philox_normal``, then the generator and the shape of the result; ``dtype`` and ``device`` are
spelt as the namespace spells them.
"""

from __future__ import annotations

import math
import operator
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from xpgrad.backends.limbs import Limbs
from xpgrad.backends.numpy_kernels import philox as host
from xpgrad.errors import ArgumentError, DtypeError

__all__ = ["Philox", "bernoulli", "exponential", "normal", "permutation", "randint", "uniform"]

_WORD = 1 << 64


class Philox:
    """A stream of random blocks and the place reached in it; four integers are the whole state.

    The seed and the stream are the two words of the key: generators that differ in either are independent. The counter
    is the number of blocks taken so far, modulo 2**128. No draw reaches its upper word, which thus numbers 2**64
    substreams of one key: sample ``i`` of epoch ``e`` may draw from ``Philox(seed, stream=e, counter=i << 64)``.

    One generator may be shared by threads: each draw takes its blocks in one step, so none is used twice.

    >>> generator = Philox(42)
    >>> generator.take(3), generator.take(1)
    ((42, 0), (42, 3))
    >>> generator
    Philox(42, stream=0, counter=4)
    """

    __slots__ = ("_counter", "_key", "_lock")

    def __init__(self, seed: int = 0, *, stream: int = 0, counter: int = 0) -> None:
        """Start at a place in a stream.

        Args:
            seed: an integer in [-2**63, 2**64); as in PyTorch, a negative one is read modulo 2**64.
            stream: an integer in [0, 2**64).
            counter: how many blocks are behind, in [0, 2**128).

        Raises:
            ArgumentError: an integer lies outside its range.
        """
        if not -_WORD // 2 <= seed < _WORD:
            raise ArgumentError(f"Philox: the seed must lie in [-2**63, 2**64), got {seed}; reduce it modulo 2**64")
        self._lock = threading.Lock()
        self._key: int
        self._counter: int
        self.set_state((seed % _WORD, stream, counter % _WORD, counter // _WORD))

    def take(self, blocks: int) -> tuple[int, int]:
        """Move past the next ``blocks`` blocks and return the key and counter from which ``philox_bits`` makes them."""
        with self._lock:
            key, counter = self._key, self._counter
            self._counter = (counter + blocks) % _WORD**2
        return key, counter

    def get_state(self) -> tuple[int, int, int, int]:
        """Return the seed, the stream, and the lower and upper word of the counter, each in [0, 2**64)."""
        with self._lock:
            key, counter = self._key, self._counter
        return key % _WORD, key // _WORD, counter % _WORD, counter // _WORD

    def set_state(self, state: Sequence[int]) -> None:
        """Go to the place that ``get_state`` returned.

        Raises:
            ArgumentError: ``state`` is not four integers in [0, 2**64).
        """
        if len(state) != 4 or not all(0 <= word < _WORD for word in state):
            raise ArgumentError(
                "Philox: a state is four integers in [0, 2**64) (seed, stream, lower and upper word of the counter), "
                f"got {tuple(state)}; pass what get_state() returned"
            )
        seed, stream, low, high = map(operator.index, state)
        with self._lock:
            self._key, self._counter = seed + stream * _WORD, low + high * _WORD

    def __repr__(self) -> str:
        seed, stream, low, high = self.get_state()
        return f"{type(self).__name__}({seed}, stream={stream}, counter={low + high * _WORD})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_state, (self.get_state(),)


def uniform(xp: Any, generator: Philox, shape: tuple[int, ...], /, *, dtype: Any, device: Any = None) -> Any:
    """Return uniform numbers in [0, 1): multiples of 2**-24 in ``float32``, of 2**-53 in ``float64``.

    They are the upper bits of a 32-bit half each in ``float32``, of a 64-bit word each in ``float64``.

    Raises:
        DtypeError: ``dtype`` is neither ``float32`` nor ``float64``.
    """
    return xp.reshape(_uniform(xp, generator, math.prod(shape), dtype, device), shape)


def normal(xp: Any, generator: Philox, shape: tuple[int, ...], /, *, dtype: Any, device: Any = None) -> Any:
    """Return standard normal numbers, computed in ``dtype``.

    Each pair of uniform numbers u, v becomes sqrt(-2 log(1 - u)) times the cosine and the sine of 2 pi v. None exceeds
    5.8 in magnitude in ``float32``, 8.6 in ``float64``.

    Raises:
        DtypeError: ``dtype`` is neither ``float32`` nor ``float64``.

    Source: Box and Muller 1958, *A note on the generation of random normal deviates*.
    """
    count = math.prod(shape)
    key, counter = generator.take(_blocks(xp, count + count % 2, dtype))
    values = xp.philox_normal(key=key, counter=counter, count=count, dtype=dtype, device=device)
    return xp.reshape(values, shape)


def exponential(xp: Any, generator: Philox, shape: tuple[int, ...], /, *, dtype: Any, device: Any = None) -> Any:
    """Return numbers of the exponential distribution of rate one, by inversion and, as in PyTorch, never zero.

    A uniform number of zero, which stands for all below 2**-24 (``float32``) or 2**-53, counts as half of that.

    Raises:
        DtypeError: ``dtype`` is neither ``float32`` nor ``float64``.
    """
    numbers = _uniform(xp, generator, math.prod(shape), dtype, device)
    numbers = xp.where(numbers == 0.0, 2.0**-25 if dtype == xp.float32 else 2.0**-54, numbers)
    return xp.reshape(-xp.log1p(-numbers), shape)


def bernoulli(xp: Any, generator: Philox, p: float, shape: tuple[int, ...], /, *, device: Any = None) -> Any:
    """Return a boolean mask, true with probability ``p`` rounded to a multiple of 2**-32.

    Each element is one comparison of 32 random bits, which is less work than `uniform` and a comparison.

    Raises:
        ArgumentError: ``p`` is not in [0, 1].
    """
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"bernoulli: the probability must lie in [0, 1], got {p}; clip what rounding took outside")
    patterns = _patterns(xp, generator, math.prod(shape), xp.int32, device)
    threshold = round(p * 2**32) - 2**31
    mask = patterns < threshold if threshold < 2**31 else xp.ones_like(patterns, dtype=xp.bool)
    return xp.reshape(mask, shape)


def randint(
    xp: Any, generator: Philox, low: int, high: int, shape: tuple[int, ...], /, *, dtype: Any, device: Any = None
) -> Any:
    """Return integers in [``low``, ``high``), of ``dtype``.

    A value is ``low`` plus the integer part of (``high`` - ``low``) * r, where r is a random fraction of 64 bits, or of
    128 where there are more than 2**32 integers to choose from: no integer is more likely than another by more than
    one part in 2**32.

    Args:
        xp: the namespace.
        generator: where the blocks come from.
        low: the least integer, at least -2**63.
        high: one past the greatest, at most 2**63. (On a device without 64-bit integers, -2**31 and 2**31.)
        shape: the shape of the result.
        dtype: an integer dtype that holds ``low`` and ``high - 1``.
        device: where to compute.

    Raises:
        ArgumentError: ``low`` is not below ``high``, or the device has no integers as wide.

    Source: Lemire 2019, *Fast random integer generation in an interval*, section 4, without its rejection step.
    """
    limbs = Limbs.on(xp, device)
    bound = 1 << (2 * limbs.bits - 1)
    if not low < high:
        raise ArgumentError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}; "
            "the upper bound is not itself drawn"
        )
    if low < -bound or high > bound:
        raise ArgumentError(
            f"randint: the bounds must lie in [{-bound}, {bound}] on this device, got low={low} and high={high}; "
            "draw a narrower range"
        )
    columns = (64 if high - low <= 2**32 else 128) // (2 * limbs.bits)
    fraction = _table(xp, generator, math.prod(shape), columns, limbs.dtype, device)
    product = limbs.multiply(limbs.split(fraction), high - low)
    return xp.reshape(xp.astype(limbs.join(product[2 * columns :]) + low, dtype), shape)


def permutation(xp: Any, generator: Philox, n: int, /, *, dtype: Any, device: Any = None) -> Any:
    """Return the integers below ``n`` in random order, of ``dtype`` and shape (n,): what sorts ``n`` random words.

    The sort is stable, so that a tie, of which the chance is below n**2 / 2**65, comes out the same everywhere. A
    device without 64-bit integers is given what the host has sorted.
    """
    if Limbs.on(xp, device).bits == 32:
        return xp.astype(xp.argsort(_patterns(xp, generator, n, xp.int64, device), stable=True), dtype)
    # Half words would take two sorts, and array_api_strict cannot argsort at all where its int64 is missing.
    blocks = -(-n // 4)
    key, counter = generator.take(blocks)
    order = np.argsort(host.philox_bits(np, key=key, counter=counter, blocks=blocks, dtype=np.int64)[:n], stable=True)
    return xp.asarray(order.astype(np.int32), dtype=dtype, device=device)


def _from_state(state: tuple[int, int, int, int]) -> Philox:
    generator = Philox()
    generator.set_state(state)
    return generator


def _uniform(xp: Any, generator: Philox, count: int, dtype: Any, device: Any) -> Any:
    key, counter = generator.take(_blocks(xp, count, dtype))
    return xp.philox_uniform(key=key, counter=counter, count=count, dtype=dtype, device=device)


def _blocks(xp: Any, count: int, dtype: Any) -> int:
    """How many blocks ``count`` numbers of ``dtype`` take."""
    if dtype == xp.float32:
        return -(-count // 8)
    if dtype == xp.float64:
        return -(-count // 4)
    raise DtypeError(f"the dtype of random numbers must be float32 or float64, got {dtype}; draw float32 and convert")


def _table(xp: Any, generator: Philox, rows: int, columns: int, dtype: Any, device: Any) -> list[Any]:
    """Return what `_patterns` returns for so many rows of so many columns, one array for each column."""
    table = xp.reshape(_patterns(xp, generator, rows * columns, dtype, device), (rows, columns))
    return [table[:, column] for column in range(columns)]


def _patterns(xp: Any, generator: Philox, count: int, dtype: Any, device: Any) -> Any:
    """Return ``count`` bit patterns of ``int32`` or ``int64``, from as many blocks as hold them, in a fresh array."""
    blocks = -(-count // (8 if dtype == xp.int32 else 4))
    key, counter = generator.take(blocks)
    return xp.philox_bits(key=key, counter=counter, blocks=blocks, dtype=dtype, device=device)[:count]
