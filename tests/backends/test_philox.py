"""Portable random numbers: NumPy's bits, the same on every namespace and device, of good quality."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import array_api_strict
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xpgrad.backends.fallbacks.philox import FALLBACKS
from xpgrad.backends.limbs import Limbs
from xpgrad.backends.numpy_kernels.philox import KERNELS
from xpgrad.backends.philox import Philox, bernoulli, exponential, normal, permutation, randint, uniform
from xpgrad.errors import ArgumentError, DtypeError

SEED = 20_240_607
STRICT_DEVICES = {device._device: device for device in array_api_strict.__array_namespace_info__().devices()}
SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000, 4097]


@dataclass
class Provider:
    """A namespace with ``philox_bits``, one of its devices, and what that device has."""

    xp: ModuleType
    device: Any = None
    has_float64: bool = True
    has_int64: bool = True

    @property
    def int_dtype(self) -> Any:
        return self.xp.int64 if self.has_int64 else self.xp.int32

    def to_host(self, array: Any) -> np.ndarray:
        if isinstance(array, array_api_strict._array_object.Array):
            assert array.device == self.device
            array = array.to_device(array_api_strict.Device("CPU_DEVICE"))
        return np.asarray(array)


def namespace(library: Any, **functions: Callable[..., Any]) -> ModuleType:
    module = ModuleType(f"{library.__name__} with extensions")
    for name, function in (FALLBACKS | functions).items():
        setattr(module, name, partial(function, module))
    module.__getattr__ = partial(getattr, library)
    return module


def provider(name: str) -> Provider:
    if name == "torch":
        pytest.importorskip("torch")
        return Provider(namespace(pytest.importorskip("array_api_compat.torch")))
    if name == "numpy kernel":
        return Provider(namespace(np, **KERNELS))
    if name == "numpy fallback":
        return Provider(namespace(np))
    return Provider(
        namespace(array_api_strict),
        STRICT_DEVICES[name],
        has_float64=name not in ("no_float64", "no_x64"),
        has_int64=name != "no_x64",
    )


@pytest.fixture(params=["numpy kernel", "numpy fallback", "torch", *STRICT_DEVICES])
def any_provider(request: pytest.FixtureRequest) -> Provider:
    return provider(request.param)


@pytest.fixture
def on_numpy() -> ModuleType:
    """NumPy with its kernel, to which the other providers are held."""
    return provider("numpy kernel").xp


def reference(counter: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=SEED, counter=counter))


# The bits


@pytest.mark.parametrize(
    ("key", "counter"),
    [
        (0, 0),
        (SEED, 3),
        (2**128 - 1, 2**64 - 3),  # the third block carries into the counter's second word
        ((77 << 64) + 2**63, 2**128 - 2),
        (1, 2**192 - 1),
        (2, 2**256 - 3),  # and here the whole counter wraps
        (3, 2**32 - 3),  # a carry between the limbs of a word
        (3, 2**16 - 3),
    ],
)
def test_bits_are_those_of_numpy(any_provider: Provider, key: int, counter: int) -> None:
    words = np.random.Philox(key=key, counter=counter).random_raw(4 * 6)
    for dtype in ("int32", "int64") if any_provider.has_int64 else ("int32",):
        raw = getattr(any_provider.xp, dtype)
        bits = any_provider.xp.philox_bits(key=key, counter=counter, blocks=6, dtype=raw, device=any_provider.device)
        assert bits.dtype == raw
        np.testing.assert_array_equal(any_provider.to_host(bits), words.view(dtype))


def test_no_blocks_no_bits(any_provider: Provider) -> None:
    xp = any_provider.xp
    assert xp.philox_bits(key=1, counter=2, blocks=0, dtype=xp.int32, device=any_provider.device).shape == (0,)


def test_the_kernel_leaves_nothing_behind_for_the_next_draw(on_numpy: ModuleType) -> None:
    first = on_numpy.philox_bits(key=1, counter=0, blocks=5, dtype=np.int64)
    on_numpy.philox_bits(key=2, counter=9, blocks=3, dtype=np.int32)
    np.testing.assert_array_equal(on_numpy.philox_bits(key=1, counter=0, blocks=5, dtype=np.int64), first)
    np.testing.assert_array_equal(on_numpy.philox_bits(key=1, counter=2, blocks=3, dtype=np.int64), first[8:])


@settings(max_examples=200, deadline=None)
@given(x=st.integers(0, 2**128 - 1), factor=st.integers(1, 2**128), bits=st.sampled_from([16, 32]))
def test_limbs_multiply_as_integers_do(x: int, factor: int, bits: int) -> None:
    limbs = Limbs(np.dtype(f"int{2 * bits}"), bits)
    product = limbs.multiply([np.asarray([digit], dtype=limbs.dtype) for digit in limbs.digits(x, 128)], factor)
    assert sum(int(limb[0]) << bits * place for place, limb in enumerate(product)) == x * factor


# The state


def test_a_draw_takes_whole_blocks(on_numpy: ModuleType) -> None:
    generator = Philox(SEED)
    counters = []
    for draw in (
        partial(uniform, dtype=np.float32),  # 8 to a block
        partial(uniform, dtype=np.float64),  # 4 to a block
        partial(normal, dtype=np.float32),  # 8, in pairs
    ):
        draw(on_numpy, generator, (9,))
        counters.append(generator.get_state()[2])
    assert counters == [2, 5, 7]
    uniform(on_numpy, generator, (0, 3), dtype=np.float32)
    assert generator.get_state() == (SEED, 0, 7, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_any_draw_is_reached_by_its_counter(on_numpy: ModuleType, dtype: type) -> None:
    generator = Philox(SEED)
    for size in (5, 16, 1, 100):
        counter = generator.get_state()[2]
        drawn = uniform(on_numpy, generator, (size,), dtype=dtype)
        np.testing.assert_array_equal(drawn, reference(counter).random(size, dtype=dtype))
        np.testing.assert_array_equal(drawn, uniform(on_numpy, Philox(SEED, counter=counter), (size,), dtype=dtype))


def test_stream_is_the_second_word_of_the_key_and_counter_has_two_words(on_numpy: ModuleType) -> None:
    generator = Philox(SEED, stream=7, counter=3 << 64)
    assert generator.get_state() == (SEED, 7, 0, 3)
    same = np.random.Generator(np.random.Philox(key=SEED + (7 << 64), counter=3 << 64))
    np.testing.assert_array_equal(uniform(on_numpy, generator, (10,), dtype=np.float64), same.random(10))


def test_the_counter_goes_round() -> None:
    generator = Philox(counter=2**128 - 1)
    assert generator.take(3) == (0, 2**128 - 1)
    assert generator.take(1) == (0, 2)


def test_negative_seeds_are_read_as_pytorch_reads_them() -> None:
    torch = pytest.importorskip("torch")
    for seed in (-1, -(2**63), 2**64 - 1):
        assert Philox(seed).get_state()[0] == torch.Generator().manual_seed(seed).initial_seed()


@pytest.mark.parametrize("remake", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_a_copy_goes_on_alike_and_apart(on_numpy: ModuleType, remake: Callable[[Philox], Philox]) -> None:
    generator = Philox(SEED, stream=5, counter=(2 << 64) + 1)
    twin = remake(generator)
    expected = uniform(on_numpy, generator, (20,), dtype=np.float32)
    np.testing.assert_array_equal(uniform(on_numpy, twin, (20,), dtype=np.float32), expected)


def test_state_is_saved_and_restored(on_numpy: ModuleType) -> None:
    generator = Philox(SEED)
    normal(on_numpy, generator, (13,), dtype=np.float32)
    state = generator.get_state()
    expected = normal(on_numpy, generator, (13,), dtype=np.float32)
    assert generator.get_state() != state
    generator.set_state(state)
    np.testing.assert_array_equal(normal(on_numpy, generator, (13,), dtype=np.float32), expected)


class YieldingInt(int):
    """An integer that lets other threads run when it is added, where one thread could overtake another."""

    def __radd__(self, other: int) -> int:
        time.sleep(0)
        return other + int(self)


def test_threads_never_take_the_same_block() -> None:
    generator = Philox()
    taken: list[list[tuple[int, int]]] = [[] for _ in range(8)]
    start = threading.Barrier(len(taken))

    def work(mine: list[tuple[int, int]], blocks: int) -> None:
        start.wait()
        for _ in range(200):
            mine.append((generator.take(YieldingInt(blocks))[1], blocks))

    threads = [threading.Thread(target=work, args=(mine, i + 1)) for i, mine in enumerate(taken)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reached = 0
    for counter, blocks in sorted(itertools.chain(*taken)):
        assert counter == reached
        reached += blocks
    assert generator.get_state() == (0, 0, reached, 0)


def test_threads_share_the_kernel(on_numpy: ModuleType) -> None:
    """Each draw sets and uses up a bit generator: two threads with one between them would mix their streams."""
    expected = [uniform(on_numpy, Philox(seed), (50_000,), dtype=np.float32) for seed in range(4)]
    same: list[bool] = []

    def work(seed: int) -> None:
        same.extend(
            np.array_equal(uniform(on_numpy, Philox(seed), (50_000,), dtype=np.float32), expected[seed])
            for _ in range(20)
        )

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 80


# The same everywhere


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_uniform_is_numpys_everywhere(any_provider: Provider, dtype: str) -> None:
    if dtype == "float64" and not any_provider.has_float64:
        pytest.skip("the device has no float64")
    raw = getattr(any_provider.xp, dtype)
    for size in SIZES:
        drawn = uniform(any_provider.xp, Philox(SEED), (size,), dtype=raw, device=any_provider.device)
        assert drawn.dtype == raw
        assert drawn.shape == (size,)
        np.testing.assert_array_equal(any_provider.to_host(drawn), reference().random(size, dtype=dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("draw", [normal, exponential])
def test_normal_and_exponential_agree_to_rounding(
    any_provider: Provider, on_numpy: ModuleType, draw: Callable[..., Any], dtype: str
) -> None:
    if dtype == "float64" and not any_provider.has_float64:
        pytest.skip("the device has no float64")
    raw = getattr(any_provider.xp, dtype)
    drawn = draw(any_provider.xp, Philox(SEED), (3, 667), dtype=raw, device=any_provider.device)
    assert drawn.dtype == raw
    expected = draw(on_numpy, Philox(SEED), (3, 667), dtype=getattr(np, dtype))
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(any_provider.to_host(drawn), expected, rtol=8 * eps, atol=8 * eps)


@pytest.mark.parametrize("p", [0.0, 1e-12, 0.2, 0.5, 0.9, 1 - 1e-12, 1.0])
def test_bernoulli_is_the_same_everywhere(any_provider: Provider, on_numpy: ModuleType, p: float) -> None:
    mask = bernoulli(any_provider.xp, Philox(SEED), p, (7, 99), device=any_provider.device)
    assert mask.dtype == any_provider.xp.bool
    expected = reference().integers(0, 2**32, size=(7, 99), dtype=np.uint32) ^ np.uint32(2**31)
    np.testing.assert_array_equal(any_provider.to_host(mask), expected < p * 2**32)


RANGES = [(0, 10), (-3, 4), (5, 6), (0, 2**31), (-(2**31), 2**31), (0, 2**31 - 1)]
WIDE_RANGES = [(0, 2**32 + 1), (-(2**63), 2**63), (-(2**63), 2**62), (2**63 - 2, 2**63), (-(2**40), 2**41)]


@pytest.mark.parametrize(("low", "high"), RANGES + WIDE_RANGES)
def test_randint_is_the_integer_part_of_a_multiple_everywhere(any_provider: Provider, low: int, high: int) -> None:
    if not any_provider.has_int64 and (low, high) in WIDE_RANGES:
        pytest.skip("the device has no int64")
    dtype = any_provider.int_dtype
    drawn = randint(any_provider.xp, Philox(SEED), low, high, (5, 41), dtype=dtype, device=any_provider.device)
    assert drawn.dtype == dtype
    words = [int(word) for word in np.random.Philox(key=SEED).random_raw(2 * 205)]
    if high - low <= 2**32:
        expected = [low + ((high - low) * word >> 64) for word in words[:205]]
    else:
        pairs = zip(words[::2], words[1::2], strict=True)
        expected = [low + ((high - low) * (first + (second << 64)) >> 128) for first, second in pairs]
    assert any_provider.to_host(drawn).ravel().tolist() == expected


def test_randint_of_a_narrow_dtype(any_provider: Provider) -> None:
    xp = any_provider.xp
    drawn = randint(xp, Philox(SEED), 0, 256, (50,), dtype=xp.uint8, device=any_provider.device)
    assert drawn.dtype == xp.uint8
    assert any_provider.to_host(drawn).tolist() == [
        word >> 56 for word in np.random.Philox(key=SEED).random_raw(50).tolist()
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_permutation_is_the_same_everywhere(any_provider: Provider, n: int) -> None:
    dtype = any_provider.int_dtype
    order = permutation(any_provider.xp, Philox(SEED), n, dtype=dtype, device=any_provider.device)
    assert order.dtype == dtype
    words = np.random.Philox(key=SEED).random_raw(n).view(np.int64).tolist()
    assert any_provider.to_host(order).tolist() == sorted(range(n), key=words.__getitem__)


@pytest.mark.parametrize(
    "draw",
    [
        partial(uniform, dtype=np.float32),
        partial(uniform, dtype=np.float64),
        partial(normal, dtype=np.float32),
        partial(normal, dtype=np.float64),
        partial(exponential, dtype=np.float32),
        lambda xp, generator, shape: bernoulli(xp, generator, 0.5, shape),
        lambda xp, generator, shape: randint(xp, generator, 0, 2**40, shape, dtype=np.int64),
    ],
)
def test_a_longer_draw_begins_as_a_shorter_one(on_numpy: ModuleType, draw: Callable[..., Any]) -> None:
    shape = (3, 5)
    short = draw(on_numpy, Philox(SEED), shape)
    assert short.shape == shape
    assert short.flags.writeable
    np.testing.assert_array_equal(draw(on_numpy, Philox(SEED), (100,))[:15], short.ravel())
    assert draw(on_numpy, Philox(SEED), ()).shape == ()


# Quality, of a fixed seed


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normals_are_normal(on_numpy: ModuleType, dtype: type) -> None:
    values = normal(on_numpy, Philox(SEED), (400_000,), dtype=dtype).astype(np.float64)
    standard_error = 1 / math.sqrt(values.size)
    for power, moment, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (5, 0, 945), (6, 15, 10170)):
        assert abs(np.mean(values**power) - moment) < 4 * math.sqrt(spread) * standard_error, power
    cosines, sines = values[0::2], values[1::2]
    for first, second in (
        (cosines, sines),
        (cosines**2, sines**2),
        (values[:-1], values[1:]),
        (values[:-2], values[2:]),
    ):
        assert abs(np.corrcoef(first, second)[0, 1]) < 4 / math.sqrt(first.size)
    assert kolmogorov_smirnov(values, lambda x: 0.5 * math.erfc(-x / math.sqrt(2))) < 1.63 * standard_error


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exponentials_are_exponential(on_numpy: ModuleType, dtype: type) -> None:
    values = exponential(on_numpy, Philox(SEED), (400_000,), dtype=dtype)
    assert values.min() > 0
    standard_error = 1 / math.sqrt(values.size)
    assert abs(values.mean(dtype=np.float64) - 1) < 4 * standard_error
    assert kolmogorov_smirnov(values.astype(np.float64), lambda x: -math.expm1(-x)) < 1.63 * standard_error


def kolmogorov_smirnov(values: np.ndarray, distribution: Callable[[float], float]) -> float:
    """The greatest distance between the distribution and that of the sample; 1.63 / sqrt(n) is its 1 % point."""
    expected = np.vectorize(distribution)(np.sort(values))
    steps = np.arange(values.size + 1) / values.size
    return float(max(np.max(steps[1:] - expected), np.max(expected - steps[:-1])))


def test_exponential_of_the_least_and_greatest_uniform() -> None:
    """Zero counts as half a step; the greatest number comes from one step below one."""
    xp = namespace(np, philox_bits=lambda xp, *, blocks, dtype, **_: np.resize(dtype([0, -1]), 8 * blocks))
    np.testing.assert_allclose(
        exponential(xp, Philox(), (2,), dtype=np.float32), [2.0**-25, 24 * math.log(2)], rtol=1e-6
    )
    np.testing.assert_allclose(
        exponential(xp, Philox(), (2,), dtype=np.float64), [2.0**-54, 53 * math.log(2)], rtol=1e-14
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_normals_of_the_extreme_uniforms_are_finite(dtype: type) -> None:
    xp = namespace(np, philox_bits=lambda xp, *, blocks, dtype, **_: np.resize(dtype([0, 0, -1, 0]), 8 * blocks))
    least, _, greatest, _ = normal(xp, Philox(), (4,), dtype=dtype)
    assert least == 0
    assert greatest == pytest.approx(math.sqrt(2 * (24 if dtype is np.float32 else 53) * math.log(2)), rel=1e-6)


def test_masks_have_their_probability(on_numpy: ModuleType) -> None:
    for p in (0.0, 0.001, 0.3, 0.5, 0.999, 1.0):
        mask = bernoulli(on_numpy, Philox(SEED), p, (200_000,))
        assert abs(mask.mean() - p) <= 4 * math.sqrt(p * (1 - p) / mask.size)


@pytest.mark.parametrize(("low", "high"), [(0, 10), (-(2**63), 2**63), (-(2**63), 2**62)])
def test_integers_are_even(on_numpy: ModuleType, low: int, high: int) -> None:
    values = randint(on_numpy, Philox(SEED), low, high, (100_000,), dtype=np.int64)
    tenths = np.bincount(((values.astype(float) - low) * 10 / (high - low)).astype(int).clip(0, 9), minlength=10)
    assert np.sum((tenths - 10_000) ** 2 / 10_000) < 21.7  # the 1 % point of chi-squared, 9 degrees of freedom


def test_every_order_is_as_likely(on_numpy: ModuleType) -> None:
    generator = Philox(SEED)
    orders = [tuple(permutation(on_numpy, generator, 3, dtype=np.int64).tolist()) for _ in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 15.1  # likewise, 5 degrees of freedom


# Errors


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_a_seed_has_64_bits(seed: int) -> None:
    with pytest.raises(ArgumentError, match=rf"the seed must lie in \[-2\*\*63, 2\*\*64\), got {seed}; reduce it"):
        Philox(seed)


@pytest.mark.parametrize("state", [(1, 2, 3), (0, 0, 0, 2**64), (-1, 0, 0, 0)])
def test_a_state_is_four_words(state: Any) -> None:
    generator = Philox(SEED)
    with pytest.raises(ArgumentError, match=r"a state is four integers .* pass what get_state\(\) returned"):
        generator.set_state(state)
    assert generator.get_state() == (SEED, 0, 0, 0)


@pytest.mark.parametrize("outside", [{"stream": 2**64}, {"stream": -1}, {"counter": 2**128}, {"counter": -1}])
def test_stream_and_counter_have_their_width(outside: dict[str, int]) -> None:
    with pytest.raises(ArgumentError):
        Philox(**outside)


@pytest.mark.parametrize("draw", [uniform, normal, exponential])
def test_only_float32_and_float64_are_drawn(on_numpy: ModuleType, draw: Callable[..., Any]) -> None:
    generator = Philox(SEED)
    with pytest.raises(DtypeError, match=r"the dtype of random numbers must be float32 or float64, got .*float16"):
        draw(on_numpy, generator, (2,), dtype=np.float16)
    assert generator.get_state() == (SEED, 0, 0, 0)


@pytest.mark.parametrize("p", [-0.1, 1.5, math.nan])
def test_a_probability_lies_between_zero_and_one(on_numpy: ModuleType, p: float) -> None:
    with pytest.raises(ArgumentError, match=rf"bernoulli: the probability must lie in \[0, 1\], got {p}"):
        bernoulli(on_numpy, Philox(), p, (2,))


def test_randint_wants_a_range_that_the_device_has(on_numpy: ModuleType) -> None:
    with pytest.raises(ArgumentError, match="random_ expects 'from' to be less than 'to', but got from=5 >= to=5"):
        randint(on_numpy, Philox(), 5, 5, (2,), dtype=np.int64)
    with pytest.raises(ArgumentError, match=f"the bounds must lie in .* got low=0 and high={2**63 + 1}"):
        randint(on_numpy, Philox(), 0, 2**63 + 1, (2,), dtype=np.int64)
    narrow = provider("no_x64")
    with pytest.raises(ArgumentError, match=f"the bounds must lie in .* got low=0 and high={2**31 + 1}"):
        randint(narrow.xp, Philox(), 0, 2**31 + 1, (2,), dtype=narrow.xp.int32, device=narrow.device)
