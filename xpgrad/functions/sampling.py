"""Samples whose distributions have tensors as parameters: `bernoulli`, `multinomial`, `normal` and others."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.operands import cast, dtype_of, require_tensor
from xpgrad.backends import distributions, philox
from xpgrad.backends.base import Place
from xpgrad.backends.dtypes import dtype, float32, int64
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase, make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ArgumentTypeError, DtypeError, SettingError
from xpgrad.functions import draws
from xpgrad.functions.broadcasting import broadcast_tensors
from xpgrad.functions.creation import DeviceLike, finish, place_for_device, size_of
from xpgrad.functions.generator import Generator, generator_or_default
from xpgrad.functions.layouts import require_strided
from xpgrad.functions.results import deliver
from xpgrad.ops import sampling as ops

__all__ = ["bernoulli", "binomial", "multinomial", "normal", "poisson"]


def bernoulli(input: Any, p: float | None = None, *, generator: Generator | None = None, out: Any = None) -> Any:
    """Ones with the probabilities that ``input`` holds (or ``p``), else zeros, in its dtype.

    Mirrors ``torch.bernoulli``.

    Raises:
        SettingError: A probability lies outside [0, 1].
        UnsupportedDtypeError: ``input`` holds the probabilities and is not floating.
    """
    require_tensor(input, "bernoulli")
    place, wanted = input._place, dtype_of(input)
    if p is None:
        chances: Any = probabilities(input)
    else:
        chances = probability(p)
        if wanted.is_complex:
            raise draws.not_implemented("bernoulli_scalar_cpu_", wanted)
    hits = draw_bernoulli(tuple(input._array.shape), place, chances, generator)
    raw = place.raw_dtype(wanted if out is None else dtype_of(out))
    return deliver(out, ops.bernoulli(place.xp.astype(hits, raw), input))


def probability(p: float) -> float:
    """``p``, if it is a probability.

    Raises:
        SettingError: It is not.
    """
    if not 0 <= p <= 1:
        raise SettingError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    return float(p)


def probabilities(input: TensorBase) -> Any:
    """The raw array of ``input``, if all in it are probabilities.

    Raises:
        SettingError: One lies outside [0, 1].
        UnsupportedDtypeError: ``input`` is not floating.
    """
    place, array = input._place, array_of(input)
    if not dtype_of(input).is_floating_point:
        raise draws.not_implemented("bernoulli_tensor_cpu_p_", dtype_of(input))
    if not bool(place.xp.all((array >= 0) & (array <= 1))):
        raise SettingError("Expected p_in >= 0 && p_in <= 1 to be true, but got false: probabilities lie in [0, 1]")
    return array


def draw_bernoulli(shape: tuple[int, ...], place: Place, chances: Any, generator: Generator | None) -> Any:
    """A raw boolean array, true with probability ``chances``: a number or an array that broadcasts to ``shape``."""
    if isinstance(chances, float):
        source = generator_or_default(generator)._philox
        return philox.bernoulli(place.xp, source, chances, shape, device=place.handle)
    return draws.draw(philox.uniform, shape, place, float32, generator) < place.xp.astype(
        chances, place.raw_dtype(float32)
    )


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    out: Any = None,
    dtype: dtype | None = None,
    layout: Any = None,
    device: DeviceLike = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Any:
    """Normal with ``mean`` and ``std``, numbers (then give ``size``) or tensors. Mirrors ``torch.normal``.

    Raises:
        SettingError: A standard deviation is negative.
        DtypeError: ``std`` is complex.
        ArgumentTypeError: Neither is a tensor, and there is no ``size``.
    """
    if layout is not None:
        require_strided(layout)
    if size is not None:
        place = place_for_device(device)
        wanted = draws.dtype_for(out, dtype, get_default_dtype())
        deviation(std)
        array = draws.normal(size_of((size,)), place, wanted, generator)
        return deliver(out, finish(draws.stretched(array, place, float(std), mean), place, requires_grad))
    if not isinstance(mean, TensorBase) and not isinstance(std, TensorBase):
        raise ArgumentTypeError("normal() received an invalid combination of arguments - got two numbers: give a size")
    if isinstance(mean, TensorBase) and isinstance(std, TensorBase):
        deviations(std)
        shape = tuple(broadcast_tensors(mean.detach(), std.detach())[0].shape)  # type: ignore[attr-defined]
        sample = _normal(shape, mean._place, dtype_of(mean), array_of(mean), array_of(std), generator)
        return deliver(out, ops.normal_of_both(sample, mean, std))
    if isinstance(mean, TensorBase):
        deviation(std)
        shape = tuple(mean._array.shape)
        sample = _normal(shape, mean._place, dtype_of(mean), array_of(mean), float(std), generator)
        return deliver(out, ops.normal_of_mean(sample, mean))
    deviations(std)
    sample = _normal(tuple(std._array.shape), std._place, dtype_of(std), mean, array_of(std), generator)
    return deliver(out, ops.normal_of_std(sample, std))


def _normal(shape: tuple[int, ...], place: Place, wanted: dtype, mean: Any, std: Any, generator: Any) -> Any:
    array = draws.normal(shape, place, wanted, generator)
    if not isinstance(std, float):
        std = place.xp.astype(std, array.dtype)
    return draws.stretched(array, place, std, mean)


def deviation(std: float) -> None:
    """Raise if the number ``std`` is negative.

    Raises:
        SettingError: It is.
    """
    if not std >= 0:
        raise SettingError(f"normal expects std >= 0.0, but found std {std}")


def deviations(std: TensorBase) -> None:
    """Raise if something in ``std`` is negative, or it is complex.

    Raises:
        SettingError: Something is.
        DtypeError: It is.
    """
    if dtype_of(std).is_complex:
        raise DtypeError(f"normal expects standard deviation to be non-complex, got {dtype_of(std)}")
    xp, array = std._place.xp, array_of(std)
    if math.prod(array.shape) and not bool(xp.all(array >= 0)):
        raise SettingError("normal expects all elements of std >= 0.0")


def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Any = None
) -> Any:
    """Indices drawn with the weights in each row of ``input``, (n,) or (m, n). Mirrors ``torch.multinomial``.

    Without replacement those of the largest log-weights plus Gumbel noise (Vieira 2014); with it by inversion.

    Returns:
        int64 (num_samples,) or (m, num_samples).

    Raises:
        DtypeError: ``input`` is not floating, or ``out`` not int64.
        SettingError: A weight is negative or not finite, all are zero, or more samples are asked for than there are.
    """
    require_tensor(input, "multinomial")
    place, wanted, array = input._place, dtype_of(input), array_of(input)
    if not wanted.is_floating_point:
        raise DtypeError(f"multinomial only supports floating-point dtypes for input, got: {draws.tensor_type(wanted)}")
    if out is not None and dtype_of(out) is not int64:
        raise DtypeError(f"multinomial expects Long tensor out, got: {draws.tensor_type(dtype_of(out))}")
    if array.ndim not in (1, 2):
        raise SettingError(f"prob_dist must be 1 or 2 dim; got {array.ndim} dimensions")
    if num_samples <= 0:
        raise SettingError(f"cannot sample n_sample <= 0 samples, got {num_samples}")
    if not replacement and num_samples > array.shape[-1]:
        raise SettingError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: {num_samples} of "
            f"{array.shape[-1]}"
        )
    xp = place.xp
    exact = place.widest
    weights = xp.astype(array, place.raw_dtype(exact))
    if not bool(xp.all((weights >= 0) & (weights < math.inf))):
        raise SettingError("probability tensor contains either `inf`, `nan` or element < 0")
    totals = xp.sum(weights, axis=-1, keepdims=True)
    if not bool(xp.all(totals > 0)):
        raise SettingError("invalid multinomial distribution (sum of probabilities <= 0)")
    pick = _with_replacement if replacement else _without_replacement
    indices = pick(place, weights, totals, num_samples, exact, generator)
    return deliver(out, make_tensor(xp.astype(indices, place.raw_dtype(int64)), place))


def _with_replacement(
    place: Place, weights: Any, totals: Any, num_samples: int, exact: dtype, generator: Generator | None
) -> Any:
    """For each uniform number the first index at which the cumulated weights exceed it."""
    xp = place.xp
    *rows, n = weights.shape
    uniform = draws.draw(philox.uniform, (*rows, num_samples), place, exact, generator)
    cumulated = xp.cumulative_sum(weights / totals, axis=-1)
    # Rows one after the other on one line, so that one search serves all.
    numbers = xp.arange(math.prod(rows), dtype=weights.dtype, device=place.handle)
    steps = xp.reshape(cumulated / cumulated[..., -1:], (-1, n)) + numbers[:, None]
    targets = xp.reshape(uniform, (-1, num_samples)) + numbers[:, None]
    found = xp.searchsorted(xp.reshape(steps, (-1,)), xp.reshape(targets, (-1,)), side="right")
    starts = xp.astype(numbers, found.dtype)[:, None] * n
    return xp.reshape(xp.clip(xp.reshape(found, targets.shape) - starts, 0, n - 1), uniform.shape)


def _without_replacement(
    place: Place, weights: Any, totals: Any, num_samples: int, exact: dtype, generator: Generator | None
) -> Any:
    """The indices of the largest of log-weights plus Gumbel noise, the largest first."""
    xp = place.xp
    noise = -xp.log(draws.draw(philox.exponential, tuple(weights.shape), place, exact, generator))
    positive = weights > 0
    scores = xp.where(positive, xp.log(xp.where(positive, weights, 1.0)) + noise, -math.inf)
    return xp.argsort(scores, axis=-1, descending=True, stable=True)[..., :num_samples]


def poisson(input: Any, generator: Generator | None = None) -> Any:
    """Poisson counts of the rates in ``input``, in its dtype. Mirrors ``torch.poisson``.

    Drawn on the host, so that every backend gives the same.

    Raises:
        SettingError: A rate is negative.
        UnsupportedDtypeError: ``input`` is not floating.
    """
    require_tensor(input, "poisson")
    place, wanted = input._place, dtype_of(input)
    if not wanted.is_floating_point:
        raise draws.not_implemented("poisson_cpu", wanted)
    array = array_of(input)
    if not bool(place.xp.all(array >= 0)):
        raise SettingError("invalid Poisson rate, expected rate to be non-negative")
    counts = distributions.poisson(generator_or_default(generator)._philox, place.backend.to_host(array))
    return ops.poisson(_brought(counts, place, wanted), input)


def binomial(count: Any, prob: Any, generator: Generator | None = None) -> Any:
    """How many of ``count`` trials succeed with probability ``prob``, in their dtype. Mirrors ``torch.binomial``.

    Drawn on the host, so that every backend gives the same.

    Raises:
        ArgumentError: One of them is not floating.
        DtypeError: They are of different dtypes.
    """
    require_tensor(count, "binomial")
    require_tensor(prob, "binomial")
    for name, x in (("count", count), ("prob", prob)):
        if not dtype_of(x).is_floating_point:
            kind = draws.tensor_type(dtype_of(x))
            raise ArgumentError(f"binomial only supports floating-point dtypes for {name}, got: {kind}")
    place, wanted = count._place, dtype_of(count)
    if dtype_of(prob) is not wanted:
        found, expected = (draws.tensor_type(dtype_of(x)) for x in (prob, count))
        raise DtypeError(f"Found dtype {found} but expected {expected}: count and prob have one dtype")
    trials, chances = broadcast_tensors(count.detach(), prob.detach())
    hosts = [place.backend.to_host(array_of(x)) for x in (trials, chances)]
    drawn = distributions.binomial(generator_or_default(generator)._philox, *hosts)
    return make_tensor(_brought(drawn, place, wanted), place)


def _brought(counts: Any, place: Place, wanted: dtype) -> Any:
    """Counts on the host as a raw array of ``place``."""
    return array_of(cast(make_tensor(place.backend.from_host(counts, place.handle), place), wanted))
