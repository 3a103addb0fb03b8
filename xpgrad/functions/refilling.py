"""Samplers in place: the values of a tensor become random ones, and what was there before gets a gradient of zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from xpgrad.array_api.data_types import finfo
from xpgrad.array_api.operands import dtype_of
from xpgrad.backends import philox
from xpgrad.backends.dtypes import float32
from xpgrad.core.inplace import overwrite
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.errors import ArgumentTypeError, DtypeError, SettingError
from xpgrad.functions import draws
from xpgrad.functions.broadcasting import broadcast_to
from xpgrad.functions.generator import Generator
from xpgrad.functions.random import bounds, integers
from xpgrad.functions.sampling import deviation, draw_bernoulli, probabilities, probability


def uniform_(
    self: Any, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None, **named: float
) -> Any:
    """Fill with uniform values from [from, to). Mirrors ``torch.Tensor.uniform_``.

    Raises:
        SettingError: ``to`` lies below ``from``, or the dtype cannot hold them or their difference.
        UnsupportedDtypeError: The tensor is of an integer dtype.
    """
    # PyTorch's name, a reserved word of Python that calls can only pass by `**`.
    low, high, wanted = float(named.pop("from", from_)), float(to), dtype_of(self)
    if named:
        raise ArgumentTypeError(f"uniform_() got an unexpected keyword argument {next(iter(named))!r}")
    if not wanted.is_differentiable:
        raise draws.not_implemented("check_uniform_bounds", wanted)
    greatest = finfo(wanted).max
    for name, value in (("from", low), ("to", high)):
        if abs(value) > greatest:
            raise SettingError(f"{name} is out of bounds for {wanted}: {value}, and at most {greatest:g} in magnitude")
    if low > high:
        raise SettingError(f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}")
    if high - low > greatest:
        kind = draws.tensor_type(wanted)
        raise SettingError(
            f"uniform_ expects to-from <= std::numeric_limits<{kind}>::max(), but found to={to} and from={from_} "
            "which result in to-from to exceed the limit"
        )
    shape, place = tuple(self._array.shape), self._place
    sample = draws.uniform(shape, place, wanted, generator)
    if (low, high) != (0.0, 1.0):
        sample = draws.stretched(sample, place, high - low, complex(low, low) if wanted.is_complex else low)
    return overwrite(self, make_tensor(sample, place), "UniformBackward0")


def normal_(self: Any, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with normal values. Mirrors ``torch.Tensor.normal_``.

    Raises:
        SettingError: ``std`` is negative.
        UnsupportedDtypeError: The tensor is of an integer dtype.
    """
    deviation(std)
    place = self._place
    sample = draws.normal(tuple(self._array.shape), place, dtype_of(self), generator)
    return overwrite(self, make_tensor(draws.stretched(sample, place, float(std), mean), place), "NormalBackward0")


def log_normal_(self: Any, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Any:
    """Fill with the exponentials of normal values. Mirrors ``torch.Tensor.log_normal_``.

    Raises:
        SettingError: ``std`` is not positive.
        UnsupportedDtypeError: The tensor is not floating.
    """
    if not std > 0:
        raise SettingError(f"log_normal_ expects std > 0.0, but found std={std}")
    _require_floating(self, "log_normal_cpu")
    xp = self._place.xp
    return _fill(self, philox.normal, lambda a: xp.exp(a * float(std) + float(mean)), generator, "LogNormalBackward0")


def exponential_(self: Any, lambd: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with exponential values of rate ``lambd``, none of them zero. Mirrors ``torch.Tensor.exponential_``.

    Raises:
        SettingError: ``lambd`` is not positive.
        DtypeError: The tensor is not floating.
    """
    if not dtype_of(self).is_floating_point:
        kind = draws.tensor_type(dtype_of(self))
        raise DtypeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but "
            f"you specified {kind}"
        )
    if not lambd > 0:
        raise SettingError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    return _fill(self, philox.exponential, lambda a: a / float(lambd), generator, "ExponentialBackward0")


def cauchy_(self: Any, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Any:
    """Fill with Cauchy values. Mirrors ``torch.Tensor.cauchy_``.

    Raises:
        SettingError: ``sigma`` is not positive.
        DtypeError: The tensor is not floating.
    """
    if not sigma > 0:
        raise SettingError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    if not dtype_of(self).is_floating_point:
        raise DtypeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you "
            f"specified {draws.tensor_type(dtype_of(self))}"
        )
    xp = self._place.xp

    def at_quantile(uniform: Any) -> Any:
        return xp.tan((uniform - 0.5) * math.pi) * float(sigma) + float(median)

    return _fill(self, philox.uniform, at_quantile, generator, "CauchyBackward0")


def geometric_(self: Any, p: float, *, generator: Generator | None = None) -> Any:
    """Fill with the number of the first success among trials of probability ``p``. Mirrors ``torch.Tensor.geometric_``.

    Raises:
        SettingError: ``p`` is not between 0 and 1.
        UnsupportedDtypeError: The tensor is boolean or complex.
    """
    if not 0 < p < 1:
        raise SettingError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    place, wanted = self._place, dtype_of(self)
    if wanted.kind in ("bool", "complex"):
        raise draws.not_implemented("geometric_cpu", wanted)
    xp, rate = place.xp, -math.log1p(-p)
    exponential = draws.draw(philox.exponential, tuple(self._array.shape), place, place.widest, generator)
    trials = xp.clip(xp.ceil(exponential / rate), 1.0, min(bounds(wanted)[1], 2.0**62))
    return overwrite(self, make_tensor(xp.astype(trials, place.raw_dtype(wanted)), place), "GeometricBackward0")


def bernoulli_(self: Any, p: Any = 0.5, *, generator: Generator | None = None) -> Any:
    """Fill with ones with probability ``p``, a number or a tensor, else zeros. Mirrors ``torch.Tensor.bernoulli_``.

    Raises:
        SettingError: A probability lies outside [0, 1].
        UnsupportedDtypeError: ``p`` is a tensor that is not floating, or the tensor is complex.
        ShapeError: ``p`` does not broadcast to the tensor's shape.
    """
    place, wanted = self._place, dtype_of(self)
    shape = tuple(self._array.shape)
    if isinstance(p, TensorBase):
        name = "BernoulliBackward1"
        chances = probabilities(broadcast_to(p.detach(), shape))  # type: ignore[attr-defined]
    else:
        name, chances = "BernoulliBackward2", probability(p)
    if wanted.is_complex:
        raise draws.not_implemented("bernoulli_scalar_cpu_", wanted)
    hits = draw_bernoulli(shape, place, chances, generator)
    return overwrite(self, make_tensor(place.xp.astype(hits, place.raw_dtype(wanted)), place), name)


def random_(self: Any, *ends: int | None, generator: Generator | None = None, **named: Any) -> Any:
    """Fill with random integers: ``random_()``, ``random_(to)`` or ``random_(from, to)``.

    Mirrors ``torch.Tensor.random_``. They lie in [from, to); by default in all that the dtype holds exactly and is not
    negative. A ``to`` of None means its end.

    Raises:
        SettingError: ``from`` is not below ``to``, or the dtype cannot hold them.
        UnsupportedDtypeError: The tensor is complex.
    """
    wanted, place = dtype_of(self), self._place
    if wanted.is_complex:
        raise draws.not_implemented("random_kernel_cpu", wanted)
    ends = (*ends, *(named.pop(name) for name in ("from", "to") if name in named))
    if named or len(ends) > 2:
        raise ArgumentTypeError(f"random_: takes random_(), random_(to) or random_(from, to), got {[*ends, *named]}")
    low, high = ends if len(ends) == 2 else (0, ends[0] if ends else None)
    if high is None:
        high = _greatest_exact(wanted) + 1
    sample = integers(int(low or 0), int(high), tuple(self._array.shape), place, wanted, generator)
    return overwrite(self, make_tensor(sample, place), f"RandomBackward{2 - len(ends)}")


def _greatest_exact(wanted: Any) -> int:
    """The greatest integer up to which a dtype has every one."""
    if wanted.is_floating_point:
        return round(2.0 / finfo(wanted).eps)
    return int(bounds(wanted)[1])


def _require_floating(self: TensorBase, kernel: str) -> None:
    if not dtype_of(self).is_floating_point:
        raise draws.not_implemented(kernel, dtype_of(self))


def _fill(
    self: Any, kind: Callable[..., Any], change: Callable[[Any], Any], generator: Generator | None, name: str
) -> Any:
    """Fill with what ``change`` makes of draws, computed in float32 where the tensor is of half precision."""
    place, wanted = self._place, dtype_of(self)
    drawn = draws.draw(kind, tuple(self._array.shape), place, float32 if wanted.itemsize == 2 else wanted, generator)
    sample = make_tensor(place.xp.astype(change(drawn), place.raw_dtype(wanted)), place)
    return overwrite(self, sample, name)
