"""Filling parameters with their first values. Mirrors ``torch.nn.init``.

Every function writes into its tensor, unrecorded, and returns it. Random ones draw from the portable generator, so the
same seed gives the same weights on every backend.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError
from xpgrad.functions.generator import Generator

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "ones_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros_",
]

_LINEAR = (
    "linear",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "sigmoid",
)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much weights must be scaled so that a layer followed by ``nonlinearity`` keeps the variance.

    Args:
        nonlinearity: The name of a function: ``"relu"``, ``"tanh"``, ``"linear"``.
        param: For ``"leaky_relu"`` its negative slope, 0.01 by default.

    Raises:
        ArgumentError: The function is unknown, or the slope is not a number.
    """
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity == "tanh":
        return 5 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ArgumentError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 0.75
    raise ArgumentError(
        f"Unsupported nonlinearity {nonlinearity}: known are {', '.join(_LINEAR)}, tanh, relu, leaky_relu, selu"
    )


@no_grad()
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Any:
    """Uniform on [a, b)."""
    return tensor.uniform_(a, b, generator=generator)


@no_grad()
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Any:
    """Normal with ``mean`` and ``std``."""
    return tensor.normal_(mean, std, generator=generator)


@no_grad()
def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Any:
    """Normal with ``mean`` and ``std``, but only on [a, b], by inversion of the distribution function."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be "
            "incorrect.",
            stacklevel=2,
        )
    low, high = (math.erf((end - mean) / (std * math.sqrt(2))) for end in (a, b))
    tensor.uniform_(low, high, generator=generator)
    return tensor.copy_((tensor.erfinv() * (std * math.sqrt(2)) + mean).clamp(a, b))


@no_grad()
def constant_(tensor: Any, val: float) -> Any:
    """``val`` everywhere."""
    return tensor.fill_(val)


def ones_(tensor: Any) -> Any:
    """1 everywhere."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """0 everywhere."""
    return constant_(tensor, 0.0)


@no_grad()
def eye_(tensor: Any) -> Any:
    """The identity, for a matrix.

    Raises:
        ArgumentError: The tensor is not a matrix.
    """
    if tensor.ndim != 2:
        raise ArgumentError(f"Only tensors with 2 dimensions are supported, got {list(tensor.shape)}")
    place, array = tensor._place, tensor._array
    return tensor.copy_(make_tensor(place.xp.eye(*array.shape, dtype=array.dtype, device=place.handle), place))


@no_grad()
def dirac_(tensor: Any, groups: int = 1) -> Any:
    """Convolution kernels (O, C, *K) that pass on as many channels as they can, in each of ``groups`` groups.

    Raises:
        ArgumentError: The tensor has not 3 to 5 dimensions, or ``groups`` does not divide O.
    """
    if tensor.ndim not in (3, 4, 5):
        raise ArgumentError(f"Only tensors with 3, 4, or 5 dimensions are supported, got {list(tensor.shape)}")
    outputs, inputs, *kernel = tensor.shape
    if outputs % groups:
        raise ArgumentError(f"dim 0 must be divisible by groups, got {outputs} and {groups}")
    tensor.zero_()
    middle = tuple(length // 2 for length in kernel)
    per_group = outputs // groups
    for group in range(groups):
        for channel in range(min(per_group, inputs)):
            tensor[(group * per_group + channel, channel, *middle)] = 1.0
    return tensor


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Uniform on +-gain sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    bound = gain * math.sqrt(6.0 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Normal with std gain sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio 2010)."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_fans(tensor))), generator)


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Uniform on +-gain sqrt(3 / fan) (He et al. 2015).

    Args:
        tensor: What to fill.
        a: The negative slope of the leaky ReLU that follows.
        mode: Which variance to keep: ``"fan_in"`` the forward pass's, ``"fan_out"`` the backward pass's.
        nonlinearity: The function that follows; see `calculate_gain`.
        generator: Where the numbers come from.

    Raises:
        ArgumentError: ``mode`` is neither, or the tensor has fewer than two dimensions.
    """
    if 0 in tensor.shape:
        return _nothing_to_do(tensor)
    bound = math.sqrt(3.0) * calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode))
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:  # fmt: skip
    """Normal with std gain / sqrt(fan) (He et al. 2015); the arguments are those of `kaiming_uniform_`."""
    if 0 in tensor.shape:
        return _nothing_to_do(tensor)
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)), generator)


@no_grad()
def orthogonal_(tensor: Any, gain: float = 1, generator: Generator | None = None) -> Any:
    """``gain`` times a random matrix (first dimension, all others) with orthonormal rows or columns.

    Saxe, McClelland and Ganguli 2013.

    Raises:
        ArgumentError: The tensor has fewer than two dimensions.
    """
    if tensor.ndim < 2:
        raise ArgumentError(f"Only tensors with 2 or more dimensions are supported, got {list(tensor.shape)}")
    if 0 in tensor.shape:
        return tensor
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    place = tensor._place
    xp = place.xp
    normal = array_of(tensor.new_empty(max(rows, columns), min(rows, columns)).normal_(generator=generator))
    q, r = xp.linalg.qr(normal)
    # A factorisation is unique, hence uniformly distributed, once the diagonal of r is positive.
    diagonal = xp.linalg.diagonal(r)
    q = q * (xp.where(diagonal < 0, -1.0, xp.ones_like(diagonal)) * gain)
    q = q if rows >= columns else xp.matrix_transpose(q)
    return tensor.copy_(make_tensor(xp.reshape(q, tuple(tensor.shape)), place))


@no_grad()
def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Any:
    """Normal with ``std``, but a share ``sparsity`` of each column of the matrix 0 (Martens 2010).

    Raises:
        ArgumentError: The tensor is not a matrix.
    """
    if tensor.ndim != 2:
        raise ArgumentError(f"Only tensors with 2 dimensions are supported, got {list(tensor.shape)}")
    zeros = math.ceil(sparsity * tensor.shape[0])
    order = tensor.new_empty(tensor.shape).uniform_(generator=generator).argsort(0).argsort(0)
    return tensor.normal_(0.0, std, generator=generator).masked_fill_(order < zeros, 0.0)


def _fans(tensor: Any) -> tuple[int, int]:
    """How many inputs each output of a weight has, and how many outputs each input."""
    if tensor.ndim < 2:
        raise ArgumentError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, got {list(tensor.shape)}"
        )
    outputs, inputs, *kernel = tensor.shape
    return inputs * math.prod(kernel), outputs * math.prod(kernel)


def _fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _fans(tensor)[mode == "fan_out"]


def _nothing_to_do(tensor: Any) -> Any:
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return tensor


def _renamed(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` under its name of before 2018, with a warning."""
    old = function.__name__[:-1]

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        warnings.warn(f"`nn.init.{old}` is now deprecated in favor of `nn.init.{old}_`.", FutureWarning, stacklevel=2)
        return function(*args, **settings)

    call.__name__ = call.__qualname__ = old
    call.__doc__ = f"Deprecated: `{old}_`."
    return call


constant = _renamed(constant_)
dirac = _renamed(dirac_)
eye = _renamed(eye_)
kaiming_normal = _renamed(kaiming_normal_)
kaiming_uniform = _renamed(kaiming_uniform_)
normal = _renamed(normal_)
orthogonal = _renamed(orthogonal_)
sparse = _renamed(sparse_)
uniform = _renamed(uniform_)
xavier_normal = _renamed(xavier_normal_)
xavier_uniform = _renamed(xavier_uniform_)
