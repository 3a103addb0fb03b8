"""Random tensors from the portable generator: the same seed, the same values on every backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, final

from xpgrad.array_api.operands import cast
from xpgrad.backends import philox
from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import dtype, float32, int64
from xpgrad.core.inplace import inplace
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.creation import DeviceLike, finish, place_for_device, size_of
from xpgrad.functions.results import deliver

_MASK64 = 2**64 - 1


@final
class Generator:
    """A source of random numbers, four integers of state: those of a Philox 4x64 counter. Mirrors ``torch.Generator``.

    The stream is that of ``numpy.random.Philox(key=seed)``, reached by counter, so it is the same on any device.
    """

    def __init__(self, device: DeviceLike = "cpu") -> None:
        self._philox = philox.Philox(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from ``seed``; a negative one counts from 2**64 down."""
        self._philox.set_state((int(seed) & _MASK64, 0, 0, 0))
        return self

    def seed(self) -> int:
        """Start again from a seed taken from the clock, and return it."""
        seed = time.time_ns() & _MASK64
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed the stream started from."""
        return self._philox.get_state()[0]

    def get_state(self) -> tuple[int, int, int, int]:
        """The whole state: seed, stream, and the counter in two halves."""
        return self._philox.get_state()

    def set_state(self, state: Sequence[int]) -> Generator:
        """Continue from a state that `get_state` returned."""
        first, second, third, fourth = (int(n) for n in state)
        self._philox.set_state((first, second, third, fourth))
        return self


default_generator = Generator()

# What is drawn from instead of the default generator: a data loader's samples have streams of their own.
substitute: ContextVar[Callable[[], Generator] | None] = ContextVar("substitute", default=None)


def generator_or_default(generator: Generator | None) -> Generator:
    """``generator``, or what functions draw from that are given none."""
    if generator is not None:
        return generator
    instead = substitute.get()
    return default_generator if instead is None else instead()


def manual_seed(seed: int) -> Generator:
    """Start the default generator again from ``seed``. Mirrors ``torch.manual_seed``."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default generator from the clock; returns the seed. Mirrors ``torch.seed``."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator. Mirrors ``torch.initial_seed``."""
    return default_generator.initial_seed()


def get_rng_state() -> tuple[int, int, int, int]:
    """The state of the default generator. Mirrors ``torch.get_rng_state``."""
    return default_generator.get_state()


def set_rng_state(state: Sequence[int]) -> None:
    """Continue the default generator from ``state``. Mirrors ``torch.set_rng_state``."""
    default_generator.set_state(state)


def draw(
    kind: Any, shape: tuple[int, ...], place: Place, wanted: dtype, generator: Generator | None, **settings: Any
) -> Any:
    """A raw array from one of the distributions in `philox`, half precision by way of float32."""
    source = generator_or_default(generator)._philox
    narrow = wanted.itemsize == 2
    raw = place.raw_dtype(float32 if narrow else wanted)
    array = kind(place.xp, source, shape, dtype=raw, device=place.handle, **settings)
    return place.xp.astype(array, place.raw_dtype(wanted)) if narrow else array


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    out: Any = None,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """Uniform on [0, 1). Mirrors ``torch.rand``."""
    place = place_for_device(device)
    array = draw(philox.uniform, size_of(sizes, size), place, dtype or get_default_dtype(), generator)
    return deliver(out, finish(array, place, requires_grad))


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    out: Any = None,
    layout: Any = None,
    pin_memory: bool = False,
) -> Any:
    """Standard normal. Mirrors ``torch.randn``."""
    place = place_for_device(device)
    array = draw(philox.normal, size_of(sizes, size), place, dtype or get_default_dtype(), generator)
    return deliver(out, finish(array, place, requires_grad))


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Any:
    """Integers from ``low`` (0 by default) up to but not including ``high``. Mirrors ``torch.randint``.

    Raises:
        ShapeError: ``high`` is not above ``low`` (PyTorch's RuntimeError).
    """
    if size is None or isinstance(high, (tuple, list)):
        low, high, size = 0, low, high if size is None else size
    if high is None or low >= high:
        raise ShapeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    place = place_for_device(device)
    wanted = dtype or int64
    whole = wanted if not wanted.is_floating_point else int64
    source = generator_or_default(generator)._philox
    array = philox.randint(
        place.xp, source, low, high, size_of((size,)), dtype=place.raw_dtype(whole), device=place.handle
    )
    return cast(finish(array, place, False), wanted).requires_grad_(requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: dtype = int64,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Any:
    """The integers below ``n`` in random order. Mirrors ``torch.randperm``."""
    if n < 0:
        raise SettingError(f"randperm: n must be non-negative, got {n}")
    place = place_for_device(device)
    source = generator_or_default(generator)._philox
    array = philox.permutation(place.xp, source, n, dtype=place.raw_dtype(int64), device=place.handle)
    return cast(finish(array, place, False), dtype)


def rand_like(
    input: TensorBase,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    **_: Any,
) -> Any:
    """`rand` with the shape, and by default the dtype and device, of ``input``."""
    return rand(*_shape(input), requires_grad=requires_grad, generator=generator, **_like(input, dtype, device))


def randn_like(
    input: TensorBase,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    **_: Any,
) -> Any:
    """`randn` with the shape, and by default the dtype and device, of ``input``."""
    return randn(*_shape(input), requires_grad=requires_grad, generator=generator, **_like(input, dtype, device))


def randint_like(
    input: TensorBase,
    low: int,
    high: int | None = None,
    *,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Any:
    """`randint` with the shape, and by default the dtype and device, of ``input``."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, _shape(input)[0], requires_grad=requires_grad, **_like(input, dtype, device))


def bernoulli(input: Any, p: float | None = None, *, generator: Generator | None = None) -> Any:
    """Ones with the probabilities that ``input`` holds (or ``p``), else zeros. Mirrors ``torch.bernoulli``."""
    place, wanted = input._place, input._place.dtype(input._array.dtype)
    uniform = finish(draw(philox.uniform, tuple(input._array.shape), place, float32, generator), place, False)
    return cast(uniform < (input.detach() if p is None else p), wanted)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: dtype | None = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
) -> Any:
    """Normal with ``mean`` and ``std``, numbers (then give ``size``) or tensors. Mirrors ``torch.normal``."""
    if size is None:
        like = mean if isinstance(mean, TensorBase) else std
        if isinstance(mean, TensorBase) and isinstance(std, TensorBase):
            like = mean + std * 0  # type: ignore[operator]
        return randn_like(like, generator=generator) * std + mean
    sample = randn(size, generator=generator, dtype=dtype, device=device)
    return (sample * std + mean).requires_grad_(requires_grad)


def multinomial(input: Any, num_samples: int, replacement: bool = False, *, generator: Generator | None = None) -> Any:
    """Indices drawn with the weights in each row of ``input``. Mirrors ``torch.multinomial``.

    Without replacement by the Gumbel trick: the largest of log-weights plus Gumbel noise (Vieira 2014).

    Raises:
        ShapeError: More samples than nonzero weights, without replacement (PyTorch's RuntimeError).
    """
    if num_samples <= 0:
        raise ShapeError(f"cannot sample n_sample <= 0 samples, got {num_samples}")
    if not replacement and num_samples > input._array.shape[-1]:
        raise ShapeError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: {num_samples} of "
            f"{input._array.shape[-1]}"
        )
    weights = input.detach()
    if replacement:
        cumulative = (weights / weights.sum(-1, keepdim=True)).cumsum(-1)
        uniform = rand(*tuple(input._array.shape[:-1]), num_samples, generator=generator, device=input.device)
        return (uniform.unsqueeze(-1) >= cumulative.unsqueeze(-2)).sum(-1).clamp(max=input._array.shape[-1] - 1)
    gumbel = -(-rand_like(weights, generator=generator).clamp(min=1e-20).log()).log()
    return (weights.log() + gumbel).topk(num_samples, -1).indices


def _shape(input: TensorBase) -> tuple[tuple[int, ...]]:
    return (tuple(input._array.shape),)


def _like(input: TensorBase, dtype: dtype | None, device: DeviceLike) -> dict[str, Any]:
    place = input._place
    return {
        "dtype": dtype or place.dtype(input._array.dtype),
        "device": place.device if device is None else device,
    }


# In place: the values are new, so the history is cut.


def _refilled(self: Any, sample: Any) -> Any:
    return inplace(lambda _: cast(sample, self._place.dtype(self._array.dtype)), self)


def uniform_(self: Any, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with uniform values from [from, to). Mirrors ``torch.Tensor.uniform_``.

    Raises:
        ShapeError: ``to`` lies below ``from`` (PyTorch's RuntimeError).
    """
    if from_ > to:
        raise ShapeError(f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}")
    sample = rand_like(self, generator=generator)
    return _refilled(self, sample if (from_, to) == (0.0, 1.0) else sample * (to - from_) + from_)


def normal_(self: Any, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with normal values. Mirrors ``torch.Tensor.normal_``.

    Raises:
        ShapeError: ``std`` is negative (PyTorch's RuntimeError).
    """
    if std < 0:
        raise ShapeError(f"normal expects std >= 0.0, but found std {std}")
    return _refilled(self, randn_like(self, generator=generator) * std + mean)


def bernoulli_(self: Any, p: Any = 0.5, *, generator: Generator | None = None) -> Any:
    """Fill with ones with probability ``p``, else zeros. Mirrors ``torch.Tensor.bernoulli_``."""
    if not isinstance(p, TensorBase) and not 0 <= p <= 1:
        raise ShapeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    place = self._place
    uniform = finish(draw(philox.uniform, tuple(self._array.shape), place, float32, generator), place, False)
    return _refilled(self, uniform < p)


def exponential_(self: Any, lambd: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with exponential values of rate ``lambd``. Mirrors ``torch.Tensor.exponential_``."""
    if lambd <= 0:
        raise ShapeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    place, wanted = self._place, self._place.dtype(self._array.dtype)
    sample = finish(draw(philox.exponential, tuple(self._array.shape), place, wanted, generator), place, False)
    return _refilled(self, sample / lambd)


def random_(self: Any, from_: int = 0, to: int | None = None, *, generator: Generator | None = None) -> Any:
    """Fill with integers from [from, to), by default all that the dtype holds. Mirrors ``torch.Tensor.random_``."""
    if to is None and from_ != 0:
        from_, to = 0, from_
    wanted = self._place.dtype(self._array.dtype)
    if to is None:
        bits = {"float32": 24, "float64": 53, "float16": 11, "bfloat16": 8, "bool": 1, "uint8": 8, "int64": 63}
        exponent = bits.get(wanted.name, wanted.itemsize * 8 - wanted.is_signed)
        to = 2**exponent + (1 if wanted.is_floating_point else 0)
    sample = randint(from_, to, tuple(self._array.shape), generator=generator, device=self.device)
    return _refilled(self, sample)
