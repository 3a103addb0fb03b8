"""Extension functions that PyTorch has, each where it gives the fallback's answer and gives it sooner.

Its Bessel functions of the first and second kind, its Airy function, polygamma, zeta and the incomplete gamma functions
are not among them: they have only four to nine digits here and there, or are wrong at poles and infinities.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, linalg, special
from torch.nn import functional

from xpgrad._typing import Namespace, Shape
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.numpy_kernels import philox
from xpgrad.backends.windows import check_convolved, check_pooled, convolution_size, pooling_size

Kernel = Callable[..., Any]
_SINGLE_AND_DOUBLE = frozenset({torch.float32, torch.float64})
_FLOATS = _SINGLE_AND_DOUBLE | {torch.float16, torch.bfloat16}
_HOST = {getattr(torch, name): np.dtype(name) for name in ("float32", "float64", "int32", "int64")}
_aten: Any = torch.ops.aten


def _plain(function: Kernel) -> Kernel:
    """``function``, which needs no namespace, as a kernel."""
    return lambda xp, *arrays, **settings: function(*arrays, **settings)


def _for(dtypes: frozenset[torch.dtype], kernels: Mapping[str, Kernel]) -> dict[str, Kernel]:
    """``kernels`` for first arguments of ``dtypes``, not empty, of at most five axes; the fallbacks for others."""

    def chosen(name: str, kernel: Kernel) -> Kernel:
        fallback = FALLBACKS[name]

        def function(xp: Namespace, x: Tensor, *arrays: Any, **settings: Any) -> Any:
            if x.dtype in dtypes and x.numel() and x.ndim < 6:
                return kernel(x, *arrays, **settings)
            return fallback(xp, x, *arrays, **settings)

        return function

    return {name: chosen(name, kernel) for name, kernel in kernels.items()}


# Parts of arrays, and other readings of their memory.


def _indexed(name: str, kernel: Kernel) -> Kernel:
    """``kernel``, or the fallback for negative steps, which PyTorch does not have."""
    fallback = FALLBACKS[name]

    def function(xp: Namespace, *arrays: Tensor, **settings: Any) -> Any:
        try:
            return kernel(*arrays, **settings)
        except ValueError:
            return fallback(xp, *arrays, **settings)

    return function


def _written(out: Tensor, index: Any, value: Tensor) -> Tensor:
    out[index] = value
    return out


def as_strided(xp: Namespace, x: Tensor, /, *, size: Shape, stride: Shape, offset: int) -> Tensor:
    """The elements of ``x`` at ``offset`` and in steps of ``stride`` from there."""
    flat = x.reshape(-1)
    (step,) = flat.stride()
    return flat.as_strided(size, [n * step for n in stride], flat.storage_offset() + offset * step)


def view_as_complex(xp: Namespace, x: Tensor, /) -> Tensor:
    """Pairs of real numbers as complex ones; a copy if they are not neighbours in memory."""
    try:
        return torch.view_as_complex(x)
    except RuntimeError:
        return torch.view_as_complex(x.clone(memory_format=torch.contiguous_format))


def constant_pad(xp: Namespace, x: Tensor, /, *, widths: tuple[tuple[int, int], ...], value: complex = 0.0) -> Tensor:
    """``x`` with ``value`` around it."""
    return torch.constant_pad_nd(x, [n for pair in reversed(widths) for n in pair], value)


def scatter_add(updates: Tensor, indices: Tensor, /, *, size: int) -> Tensor:
    """``updates`` added to zeros at ``indices`` of their first axis."""
    return updates.new_zeros((size, *updates.shape[1:])).index_add_(0, indices, updates)


def scatter_reduce(xp: Namespace, x: Tensor, indices: Tensor, updates: Tensor, /, *, kind: str) -> Tensor:
    """``x`` combined with ``updates`` at ``indices`` of its first axis."""
    at = indices.reshape(-1, *(1,) * (x.ndim - 1)).expand(updates.shape)
    return x.scatter_reduce(0, at, updates, {"prod": "prod", "max": "amax", "min": "amin"}[kind])


# Windows.


def biased_convolution(
    x: Tensor, w: Tensor, bias: Tensor | None, /, *, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Tensor:
    """The convolution of ``x`` with ``w``, plus ``bias``."""
    convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    return torch.convolution(x, w, bias, stride, padding, dilation, False, (0,) * len(stride), groups)


def _transposed(
    g: Tensor, x: Tensor, w: Tensor, wanted: int, stride: Shape, padding: Shape, dilation: Shape, groups: int
) -> Tensor:
    check_convolved(g.shape, x.shape, w.shape, stride, padding, dilation, groups)
    which = [i == wanted for i in range(3)]
    none = (0,) * len(stride)
    found = _aten.convolution_backward(g, x, w, None, stride, padding, dilation, False, none, groups, which)
    return found[wanted]  # type: ignore[no-any-return]


def convolution_input(g: Tensor, w: Tensor, /, *, size: Shape, groups: int, **settings: Any) -> Tensor:
    """The gradient of the input of a convolution."""
    x = g.new_empty(1).expand(g.shape[0], w.shape[1] * groups, *size)
    return _transposed(g, x, w, 0, groups=groups, **settings)


def convolution_weight(g: Tensor, x: Tensor, /, *, size: Shape, groups: int, **settings: Any) -> Tensor:
    """The gradient of the kernels of a convolution."""
    w = g.new_empty(1).expand(g.shape[1], x.shape[1] // groups, *size)
    return _transposed(g, x, w, 1, groups=groups, **settings)


def max_pool(
    x: Tensor, /, *, window: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil_mode: bool
) -> tuple[Tensor, Tensor]:
    """The largest element of each window, and where it is."""
    pooling_size(x.shape, window, stride, padding, dilation, ceil_mode=ceil_mode)
    pool = getattr(functional, f"max_pool{len(window)}d_with_indices")
    return pool(x, window, stride, padding, dilation, ceil_mode)  # type: ignore[no-any-return]


def avg_pool_input(xp: Namespace, g: Tensor, /, *, size: Shape, window: Shape, **settings: Any) -> Tensor:
    """The gradient of the input of average pooling."""
    if len(window) == 1 or g.dtype not in _SINGLE_AND_DOUBLE or not g.numel():
        fallback = FALLBACKS["avg_pool_input"]
        return fallback(xp, g, size=size, window=window, **settings)  # type: ignore[no-any-return]
    x = g.new_empty(1).expand(*g.shape[:2], *size)
    check_pooled(g.shape, x.shape, window, settings["stride"], settings["padding"], ceil_mode=settings["ceil_mode"])
    gradient = getattr(_aten, f"avg_pool{len(window)}d_backward")
    return gradient(g, x, window, *(settings[name] for name in _AVERAGING))  # type: ignore[no-any-return]


# In the order in which PyTorch takes them.
_AVERAGING = ("stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")


def pool_gather(x: Tensor, indices: Tensor, /) -> Tensor:
    """The elements at flat spatial ``indices``."""
    return x.flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape)


def pool_scatter(g: Tensor, indices: Tensor, /, *, size: Shape) -> Tensor:
    """``g`` added to zeros at flat spatial ``indices``."""
    out = g.new_zeros((*g.shape[:2], math.prod(size)))
    return out.scatter_add_(2, indices.flatten(2), g.flatten(2)).reshape(*g.shape[:2], *size)


# Normalisation.


def batch_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None, /, *, eps: float) -> Any:
    """``x`` normalised in each channel, the mean, and the biased variance."""
    mean, variance = x.new_zeros(x.shape[1]), x.new_zeros(x.shape[1])
    # A running mean without memory is the mean, and the running variance is the unbiased one.
    out, _, _ = torch.native_batch_norm(x, weight, bias, mean, variance, True, 1.0, eps)
    count = x.numel() // x.shape[1]
    return out, mean, variance.mul_((count - 1) / count) if count > 1 else variance.zero_()


def batch_norm_gradients(
    xp: Namespace, g: Tensor, g_mean: Tensor, g_variance: Tensor, x: Tensor, weight: Tensor | None,
    mean: Tensor, variance: Tensor, /, *, eps: float, needs: tuple[bool, ...],
) -> Any:  # fmt: skip
    """The gradients of the input, weight and bias of `batch_norm`."""
    if g.dtype not in _SINGLE_AND_DOUBLE or not g.numel() or g_mean.any() or g_variance.any():
        gradients = FALLBACKS["batch_norm_gradients"]
        return gradients(xp, g, g_mean, g_variance, x, weight, mean, variance, eps=eps, needs=needs)
    inverse = (variance + eps).rsqrt_()
    return _aten.native_batch_norm_backward(g, x, weight, None, None, mean, inverse, True, eps, needs)


def layer_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None, /, *, ndim: int, eps: float) -> Any:
    """``x`` normalised over its last ``ndim`` axes, the mean, and the reciprocal of the deviation."""
    return torch.native_layer_norm(x, x.shape[x.ndim - ndim :], weight, bias, eps)


def layer_norm_gradients(
    xp: Namespace, g: Tensor, g_mean: Tensor, g_inverse: Tensor, x: Tensor, weight: Tensor | None,
    mean: Tensor, inverse: Tensor, /, *, ndim: int, needs: tuple[bool, ...],
) -> Any:  # fmt: skip
    """The gradients of the input, weight and bias of `layer_norm`."""
    if g.dtype not in _SINGLE_AND_DOUBLE or not g.numel() or g_mean.any() or g_inverse.any():
        gradients = FALLBACKS["layer_norm_gradients"]
        return gradients(xp, g, g_mean, g_inverse, x, weight, mean, inverse, ndim=ndim, needs=needs)
    shape = x.shape[x.ndim - ndim :]
    if weight is None and (needs[1] or needs[2]):
        weight = g.new_ones(shape)
    # It takes mean and deviation as they lie in memory, without a look at their strides.
    mean, inverse = mean.contiguous(), inverse.contiguous()
    return _aten.native_layer_norm_backward(g, x, shape, mean, inverse, weight, weight, needs)


# Optimizers, in the memory of the parameter and of the moments.


def sgd_update(
    xp: Namespace, p: Tensor, g: Tensor, buffer: Tensor | None, /, *,
    lr: float, momentum: float, dampening: float, nesterov: bool,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """A step of gradient descent."""
    if momentum:
        buffer = g.clone() if buffer is None else buffer.mul_(momentum).add_(g, alpha=1.0 - dampening)
        g = g.add(buffer, alpha=momentum) if nesterov else buffer
    return p.add_(g, alpha=-lr), buffer


def adam_update(
    xp: Namespace, p: Tensor, g: Tensor, mean: Tensor, square: Tensor, peak: Tensor | None, /, *,
    step: float, lr: float, betas: tuple[float, float], eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:  # fmt: skip
    """A step of Adam."""
    mean.lerp_(g, 1.0 - betas[0])
    square.mul_(betas[1]).addcmul_(g, g, value=1.0 - betas[1])
    largest = square if peak is None else torch.maximum(peak, square, out=peak)
    scale = largest.sqrt().div_((1.0 - betas[1] ** step) ** 0.5).add_(eps)
    return p.addcdiv_(mean, scale, value=-lr / (1.0 - betas[0] ** step)), mean, square, peak


def _on_host(name: str) -> Kernel:
    """The random numbers of NumPy's kernel, which has the CPU's own 64-bit words; elsewhere those of the fallback."""
    kernel, fallback = philox.KERNELS[name], FALLBACKS[name]

    def function(xp: Namespace, /, *, dtype: torch.dtype, device: Any = None, **settings: int) -> Any:
        if device is None or device.type == "cpu":
            return torch.from_numpy(kernel(np, dtype=_HOST[dtype], **settings))
        return fallback(xp, dtype=dtype, device=device, **settings)

    return function


KERNELS: dict[str, Kernel] = {
    **{name: _plain(getattr(torch, name)) for name in ("addmm", "gcd", "geqrf", "lcm", "sigmoid", "softmax")},
    **{name: _plain(getattr(torch, name)) for name in ("cholesky_solve", "frexp", "log_softmax")},
    **{
        name: _plain(getattr(special, name))
        for name in ("digamma", "erf", "erfc", "erfinv", "gammaln", "i0", "i0e", "i1", "i1e", "xlog1py", "xlogy")
    },
    **{
        name: _plain(getattr(linalg, name))
        for name in ("cholesky_ex", "eig", "eigvals", "ldl_solve", "matrix_exp", "solve_triangular")
    },
    "gelu": _plain(functional.gelu),
    "gelu_input": _plain(_aten.gelu_backward),
    "gelu_tanh": lambda xp, x, /: functional.gelu(x, approximate="tanh"),
    "gelu_tanh_input": lambda xp, g, x, /: _aten.gelu_backward(g, x, approximate="tanh"),
    "silu": _plain(functional.silu),
    "silu_input": _plain(_aten.silu_backward),
    "ldl_factor": _plain(linalg.ldl_factor_ex),
    "lu_factor": _plain(linalg.lu_factor_ex),
    "log_softmax_input": lambda xp, g, out, /, *, axis: torch._log_softmax_backward_data(g, out, axis, out.dtype),
    "softmax_input": lambda xp, g, out, /, *, axis: torch._softmax_backward_data(g, out, axis, out.dtype),
    # Not `torch.relu`, which keeps negative zeros.
    "relu": lambda xp, x, /: torch.threshold(x, 0, 0),
    "relu_input": lambda xp, g, out, /: _aten.threshold_backward(g, out, 0),
    "running_extreme": lambda xp, x, /, *, axis, kind: getattr(torch, f"cum{kind}")(x, axis).values,
    **_for(
        _SINGLE_AND_DOUBLE,
        {
            "erfcx": special.erfcx,
            "k0": special.modified_bessel_k0,
            "k0e": special.scaled_modified_bessel_k0,
            "k1": special.modified_bessel_k1,
            "k1e": special.scaled_modified_bessel_k1,
            "log_ndtr": special.log_ndtr,
            "ndtri": special.ndtri,
            "spherical_j0": special.spherical_bessel_j0,
            "batch_norm": batch_norm,
            "layer_norm": layer_norm,
            "scatter_add": scatter_add,
        },
    ),
    **_for(
        _FLOATS,
        {
            "logcumsumexp": torch.logcumsumexp,
            "biased_convolution": biased_convolution,
            "convolution": lambda x, w, /, **settings: biased_convolution(x, w, None, **settings),
            "convolution_input": convolution_input,
            "convolution_weight": convolution_weight,
            "max_pool": max_pool,
            "pool_gather": pool_gather,
            "pool_scatter": pool_scatter,
        },
    ),
    "getitem": _indexed("getitem", lambda x, /, *, index: x[index]),
    "assign": _indexed("assign", lambda x, value, /, *, index: _written(x.clone(), index, value)),
    "embed": _indexed("embed", lambda x, /, *, shape, index: _written(x.new_zeros(shape), index, x)),
    "bitcast": lambda xp, x, /, *, dtype: x.view(dtype),
    "sliding_windows": lambda xp, x, /, *, axis, size, step: x.unfold(axis, size, step),
    "as_strided": as_strided,
    "view_as_complex": view_as_complex,
    "view_as_real": _plain(torch.view_as_real),
    "constant_pad": constant_pad,
    "scatter_reduce": scatter_reduce,
    "avg_pool_input": avg_pool_input,
    "batch_norm_gradients": batch_norm_gradients,
    "layer_norm_gradients": layer_norm_gradients,
    "adam_update": adam_update,
    "sgd_update": sgd_update,
    **{name: _on_host(name) for name in philox.KERNELS},
}
