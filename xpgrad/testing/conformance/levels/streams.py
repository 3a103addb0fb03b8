"""The stream behind random numbers, against NumPy's own generator: its bits, and what kinds of numbers make of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from scipy import special

import xpgrad
from xpgrad.backends import philox
from xpgrad.backends.dtypes import BY_NAME
from xpgrad.backends.philox import Philox
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.arrays.creation import host_dtype
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical

LEVEL = Level("randomness")

SEED: Final = 20_240_607

# Where a sum carries: between the words of the counter, between the halves of a word, round all of it.
PLACES: Final = {
    "start": (0, 0),
    "counter": (SEED, 3),
    "carry-into-second-word": (2**128 - 1, 2**64 - 3),
    "carry-into-third-word": ((77 << 64) + 2**63, 2**128 - 2),
    "carry-into-fourth-word": (1, 2**192 - 1),
    "around": (2, 2**256 - 3),
    "carry-into-upper-half": (3, 2**32 - 3),
    "carry-into-quarter": (3, 2**16 - 3),
    "key-of-two-words": ((7 << 64) + SEED, 5),
}


@LEVEL.each({f"philox_bits/{name}": place for name, place in PLACES.items()})
def bits_are_those_of_numpys_generator(subject: Subject, place: tuple[int, int]) -> None:
    """Blocks at any key and counter are those of ``numpy.random.Philox``, as words and as halves of words."""
    key, counter = place
    words = np.random.Philox(key=key, counter=counter).random_raw(4 * 6)
    for name in ("int32", "int64"):
        if subject.lacks(frozenset({name})):
            continue
        raw = subject.place.raw_dtype(BY_NAME[name])
        got = subject.xp.philox_bits(key=key, counter=counter, blocks=6, dtype=raw, device=subject.place.handle)
        identical(subject.host(got), words.view(name), f"philox_bits(key={key}, counter={counter}, dtype={name})")


@LEVEL.each({f"philox_bits/blocks={n}": n for n in (0, 1, 2, 1000, 65_537)})
def any_number_of_blocks_is_the_beginning_of_more(subject: Subject, blocks: int) -> None:
    """Few blocks or very many are one stream, without a seam where a library splits its work."""
    raw = subject.place.raw_dtype(xpgrad.int32)
    got = subject.xp.philox_bits(key=SEED, counter=1, blocks=blocks, dtype=raw, device=subject.place.handle)
    words = np.random.Philox(key=SEED, counter=1).random_raw(4 * blocks)
    identical(subject.host(got), np.asarray(words, np.uint64).view(np.int32), f"philox_bits of {blocks} blocks")


# Uniform numbers of each dtype: so many upper bits of a half or a whole word.


@LEVEL.each({f"uniform/{name}": name for name in ("float32", "float64")}, needs=lambda name: {name})
def uniform_numbers_are_numpys(subject: Subject, name: str) -> None:
    """Numbers in turn, of lengths that leave parts of blocks unused, are those of NumPy's ``Generator.random``."""
    source, counter = _generator(), 0
    for length in (1, 7, 8, 9, 100, 4097):
        with subject.using():
            got = xpgrad.rand(length, dtype=BY_NAME[name], generator=source)
        expected = _numpys(counter).random(length, dtype=name)  # type: ignore[call-overload]
        identical(subject.host(got), expected, f"rand({length}) of {name} after {counter} blocks")
        counter += -(-length // (8 if name == "float32" else 4))
        assert source.get_offset() == counter, f"blocks drawn: expected {counter}, got {source.get_offset()}"


@LEVEL.each({f"uniform/{name}": name for name in ("float16", "bfloat16")}, needs=lambda name: {name})
def narrow_uniform_numbers_are_rounded_down(subject: Subject, name: str) -> None:
    """Half precision has as many of the upper bits as it holds, so that no number rounds up to 1."""
    steps = 2.0**8 if name == "bfloat16" else 2.0**11
    expected = np.floor(_numpys().random(500, dtype=np.float32) * steps) / steps
    with subject.using():
        got = xpgrad.rand(500, dtype=BY_NAME[name], generator=_generator())
    identical(subject.host(got), expected.astype(host_dtype(subject, name)), f"rand(500) of {name}")


@LEVEL.check("uniform/complex64", needs={"complex64"})
def complex_uniform_numbers_have_two_parts(subject: Subject) -> None:
    """Real and imaginary parts are two uniform numbers in turn."""
    parts = _numpys().random((50, 2), dtype=np.float32)
    with subject.using():
        got = xpgrad.rand(50, dtype=xpgrad.complex64, generator=_generator())
    identical(subject.host(got), parts[:, 0] + 1j * parts[:, 1], "rand(50) of complex64")


@LEVEL.each({f"normal/{name}": name for name in ("float32", "float64")}, needs=lambda name: {name})
def normal_numbers_are_made_of_pairs(subject: Subject, name: str) -> None:
    """Two uniform numbers make two normal ones, by Box and Muller, equal to rounding on every device."""
    u, v = _numpys().random((501, 2), dtype=name).astype(np.float64).T  # type: ignore[call-overload]
    radius = np.sqrt(-2 * np.log1p(-u))
    expected = np.stack([radius * np.cos(2 * math.pi * v), radius * np.sin(2 * math.pi * v)], axis=1).ravel()[:1001]
    with subject.using():
        got = xpgrad.randn(1001, dtype=BY_NAME[name], generator=_generator())
    agree(subject.host(got), expected, 5e-6 if name == "float32" else 1e-13, f"randn(1001) of {name}")


@LEVEL.check("exponential/float32")
def exponential_numbers_are_inverted(subject: Subject) -> None:
    """A uniform number u makes -log(1 - u)."""
    u = _numpys().random(1000, dtype=np.float32).astype(np.float64)
    with subject.using():
        got = xpgrad.empty(1000).exponential_(2.0, generator=_generator())
    agree(subject.host(got), -np.log1p(-u) / 2, 2e-6, "exponential_(2.0)")


RANGES: Final = [(0, 10), (-3, 4), (5, 6), (0, 2**31 - 1)]
WIDE: Final = [(0, 2**32 + 1), (-(2**63), 2**63), (-(2**63), 2**62), (2**63 - 2, 2**63), (-(2**40), 2**41)]


@LEVEL.each({f"randint/{low}-to-{high}": (low, high) for low, high in RANGES + WIDE}, needs={"int64"})
def integers_are_parts_of_a_multiple(subject: Subject, row: tuple[int, int]) -> None:
    """An integer is that part of the range which 64 bits say, 128 for wide ranges: exact in integers of any size."""
    low, high = row
    words = [int(word) for word in np.random.Philox(key=SEED).random_raw(400)]
    if high - low <= 2**32:
        expected = [low + ((high - low) * word >> 64) for word in words[:200]]
    else:
        pairs = zip(words[::2], words[1::2], strict=True)
        expected = [low + ((high - low) * (first + (second << 64)) >> 128) for first, second in pairs]
    place = subject.place
    raw = place.raw_dtype(xpgrad.int64)
    got = philox.randint(place.xp, Philox(SEED), low, high, (200,), dtype=raw, device=place.handle)
    found = subject.host(got).tolist()
    wrong = [i for i in range(200) if found[i] != expected[i]]
    assert not wrong, f"randint({low}, {high}): expected {expected[wrong[0]]} at {wrong[0]}, got {found[wrong[0]]}"


@LEVEL.each({f"randperm/{n}": n for n in (0, 1, 2, 1000)}, needs={"int64"})
def permutations_sort_random_words(subject: Subject, n: int) -> None:
    """A permutation is what sorts as many words, and every number is there once."""
    words = np.asarray(np.random.Philox(key=SEED).random_raw(n), np.uint64).view(np.int64)
    with subject.using():
        got = xpgrad.randperm(n, generator=_generator())
    identical(subject.host(got), np.argsort(words, stable=True), f"randperm({n})")


@LEVEL.each({f"bernoulli/{p}": p for p in (0.0, 1e-12, 0.2, 0.5, 0.9, 1.0)})
def masks_compare_bits(subject: Subject, p: float) -> None:
    """An element of a mask is one comparison of 32 bits with the probability."""
    halves = np.random.Philox(key=SEED).random_raw(350).view(np.uint32)[:693]
    place = subject.place
    got = philox.bernoulli(place.xp, Philox(SEED), p, (7, 99), device=place.handle)
    expected = ((halves ^ np.uint32(2**31)) < p * 2**32).reshape(7, 99)
    identical(subject.host(got), expected, f"bernoulli({p})")


# What has no words of NumPy's to compare with has the distribution that it should: 20,000 numbers of a fixed seed.

N: Final = 20_000
DISTRIBUTIONS: Final[dict[str, tuple[Callable[[], Any], Callable[[Host], Host]]]] = {
    "normal_": (lambda: xpgrad.empty(N).normal_(1, 2), lambda x: special.ndtr((x - 1) / 2)),
    "log_normal_": (lambda: xpgrad.empty(N).log_normal_(0.5, 0.7), lambda x: special.ndtr((np.log(x) - 0.5) / 0.7)),
    "cauchy_": (lambda: xpgrad.empty(N).cauchy_(1, 2), lambda x: np.arctan((x - 1) / 2) / math.pi + 0.5),
    "uniform_": (lambda: xpgrad.empty(N).uniform_(-1, 3), lambda x: (x + 1) / 4),
    "exponential_": (lambda: xpgrad.empty(N).exponential_(2.5), lambda x: -np.expm1(-2.5 * x)),
}


@LEVEL.each({f"{name}/distribution": row for name, row in DISTRIBUTIONS.items()})
def numbers_have_their_distribution(subject: Subject, row: tuple[Callable[[], Any], Callable[[Host], Host]]) -> None:
    """The greatest distance between the sample's distribution and the right one is below its one per cent point."""
    draw, distribution = row
    with subject.using():
        xpgrad.manual_seed(1)
        values = np.sort(subject.host(draw()).astype(np.float64))
    steps = np.arange(N + 1) / N
    right = distribution(values)
    distance = float(max(np.max(steps[1:] - right), np.max(right - steps[:-1])))
    assert distance < 1.63 / math.sqrt(N), (
        f"distance of distributions: expected < {1.63 / math.sqrt(N)}, got {distance}"
    )


def _generator() -> Any:
    return xpgrad.Generator().manual_seed(SEED)


def _numpys(counter: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=SEED, counter=counter))
