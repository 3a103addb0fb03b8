"""Pooling. Mirrors that of ``torch.nn.functional``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float64, int64
from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.results import deliver
from xpgrad.nn.functional.checks import floating, per_dimension, shape_of
from xpgrad.ops import pooling as ops

Sizes = int | Sequence[int]
# A size of the result in which None keeps that of the input.
OutputSizes = int | Sequence[int | None] | None
_COUNTS = {1: "one int", 2: "two ints", 3: "three ints"}


def max_pool1d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (N, C, L) or (C, L); see `max_pool2d`."""
    windows = [per_dimension("max_pool1d", "kernel_size", kernel_size, 1)]
    windows += [per_dimension("max_pool1d", name, value, 1) for name, value in (
        ("stride", kernel_size if stride is None else stride), ("padding", padding), ("dilation", dilation)
    )]  # fmt: skip
    _check_dimensions("max_pool1d", input, 1)
    # As in PyTorch, through two dimensions.
    kernel, step, pad, apart = ((fill, *n) for n, fill in zip(windows, (1, 1, 0, 1), strict=True))
    values, indices = _max_pool("max_pool1d", 2, input.unsqueeze(-2), kernel, step, pad, apart, ceil_mode)
    values, indices = values.squeeze(-2), indices.squeeze(-2)
    return (values, indices) if return_indices else values


def max_pool2d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next three.
        stride: The step between windows; by default ``kernel_size``.
        padding: Positions added on each side that never win.
        dilation: The distance between the elements of a window.
        ceil_mode: Let the last windows end beyond the padding.
        return_indices: Return the flat spatial indices of the elements too.

    Returns:
        (N, C, H', W'), with ``return_indices`` a pair of such.

    Raises:
        ShapeError: The input has another number of dimensions, or no window fits.
        SettingError: The stride is zero.
    """
    values, indices = _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, indices) if return_indices else values


def max_pool3d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (N, C, D, H, W) or (C, D, H, W); see `max_pool2d`."""
    values, indices = _max_pool("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode)
    return (values, indices) if return_indices else values


def max_unpool1d(
    input: Any, indices: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:  # fmt: skip
    """What `max_pool1d` with ``return_indices`` took, back in its places; see `max_unpool2d`."""
    return _max_unpool("max_unpool1d", 1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any, indices: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:  # fmt: skip
    """What `max_pool2d` with ``return_indices`` took, back in its places, and zeros elsewhere.

    Where windows overlapped and took one element twice, it is there once.
    """
    return _max_unpool("max_unpool2d", 2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any, indices: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:  # fmt: skip
    """What `max_pool3d` with ``return_indices`` took, back in its places; see `max_unpool2d`."""
    return _max_unpool("max_unpool3d", 3, input, indices, kernel_size, stride, padding, output_size)


def avg_pool1d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:  # fmt: skip
    """The mean of each window of (N, C, L) or (C, L); see `avg_pool2d`."""
    _check_dimensions("avg_pool1d", input, 1)
    windows = [per_dimension("avg_pool1d", name, value, 1) for name, value in (
        ("kernel_size", kernel_size), ("stride", kernel_size if stride is None else stride), ("padding", padding)
    )]  # fmt: skip
    kernel, step, pad = ((fill, *n) for n, fill in zip(windows, (1, 1, 0), strict=True))
    pooled = _avg_pool("avg_pool1d", 2, input.unsqueeze(-2), kernel, step, pad, ceil_mode, count_include_pad, None)
    return pooled.squeeze(-2)


def avg_pool2d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, out: Any = None,
) -> Any:  # fmt: skip
    """The mean of each window.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        kernel_size: The size of a window, one number or one for each spatial dimension, as in the next two.
        stride: The step between windows; by default ``kernel_size``.
        padding: Zeros added on each side.
        ceil_mode: Let the last windows end beyond the padding.
        count_include_pad: Count the zeros too.
        divisor_override: What to divide the sums by, instead of the count.
        out: Where to put the result.

    Returns:
        (N, C, H', W').

    Raises:
        ShapeError: The input has another number of dimensions, or no window fits.
        SettingError: The stride or the divisor is zero.
    """
    means = _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )
    return deliver(out, means)


def avg_pool3d(
    input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, out: Any = None,
) -> Any:  # fmt: skip
    """The mean of each window of (N, C, D, H, W) or (C, D, H, W); see `avg_pool2d`."""
    means = _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )
    return deliver(out, means)


def adaptive_avg_pool1d(input: Any, output_size: OutputSizes) -> Any:
    """The means of ``output_size`` windows that cover (N, C, L) evenly; see `adaptive_avg_pool2d`."""
    (length,) = _output_size("adaptive_avg_pool1d", input, output_size, 1)
    return adaptive_avg_pool2d(input.unsqueeze(-2), (1, length)).squeeze(-2)


def adaptive_avg_pool2d(input: Any, output_size: OutputSizes) -> Any:
    """The means of so many windows, of sizes as equal as can be, that cover the image.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        output_size: The size of the result, one number or one for each spatial dimension; None keeps that of the input.

    Returns:
        (N, C, *output_size).
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Any, output_size: OutputSizes) -> Any:
    """The means of ``output_size`` windows that cover (N, C, D, H, W) evenly; see `adaptive_avg_pool2d`."""
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_max_pool1d(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """The largest elements of ``output_size`` windows that cover (N, C, L) evenly; see `adaptive_max_pool2d`."""
    (length,) = _output_size("adaptive_max_pool1d", input, output_size, 1)
    values, indices = adaptive_max_pool2d(input.unsqueeze(-2), (1, length), True)
    values, indices = values.squeeze(-2), indices.squeeze(-2)
    return (values, indices) if return_indices else values


def adaptive_max_pool2d(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """The largest elements of so many windows, of sizes as equal as can be, that cover the image.

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        output_size: The size of the result, one number or one for each spatial dimension; None keeps that of the input.
        return_indices: Return the flat spatial indices of the elements too.

    Returns:
        (N, C, *output_size), with ``return_indices`` a pair of such.
    """
    values, indices = _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size)
    return (values, indices) if return_indices else values


def adaptive_max_pool3d(input: Any, output_size: OutputSizes, return_indices: bool = False) -> Any:
    """The largest elements of ``output_size`` windows that cover (N, C, D, H, W) evenly; see `adaptive_max_pool2d`."""
    values, indices = _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size)
    return (values, indices) if return_indices else values


def _max_pool(
    name: str, ndim: int, input: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, dilation: Sizes,
    ceil_mode: bool,
) -> tuple[Any, Any]:  # fmt: skip
    window, step, pad = _windows(name, ndim, kernel_size, stride, padding)
    batch, is_batched = _batch(name, input, ndim)
    apart = per_dimension(name, "dilation", dilation, ndim)
    if min(apart) < 1:
        raise SettingError(f"{name}() dilation must be greater than zero, but got {min(apart)}: {list(apart)}")
    pool = ops.max_pool if ndim == 2 else ops.max_pool_3d
    values, indices = pool.apply(batch, window=window, stride=step, padding=pad, dilation=apart, ceil_mode=ceil_mode)
    return (values, indices) if is_batched else (values.squeeze(0), indices.squeeze(0))


def _max_unpool(
    name: str, ndim: int, input: Any, indices: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes,
    output_size: Sequence[int] | None,
) -> Any:  # fmt: skip
    if input._array.shape != indices._array.shape:
        raise ShapeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(input.shape)}) but got indices "
            f"tensor with shape: {list(indices.shape)}"
        )
    window, step, pad = _windows(name, ndim, kernel_size, stride, padding)
    batch, is_batched = _batch(name, input, ndim)
    sizes = zip(batch._array.shape[2:], window, step, pad, strict=True)
    size = tuple((length - 1) * s + k - 2 * p for length, k, s, p in sizes)
    if output_size is not None:
        wanted = tuple(int(n) for n in output_size)[-ndim:]
        if any(abs(n - m) >= s for n, m, s in zip(wanted, size, step, strict=True)):
            raise ShapeError(
                f"{name}: invalid output_size {list(output_size)}: each dimension must differ from {list(size)} by "
                f"less than the stride {list(step)}"
            )
        size = wanted
    unpool = ops.max_unpool_3d if ndim == 3 else ops.max_unpool
    out = unpool.apply(batch, indices if is_batched else indices.unsqueeze(0), size=size)
    return out if is_batched else out.squeeze(0)


def _avg_pool(
    name: str, ndim: int, input: Any, kernel_size: Sizes, stride: Sizes | None, padding: Sizes, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Any:  # fmt: skip
    if input.dtype is int64:
        means = _avg_pool(
            name, ndim, cast(input, float64), kernel_size, stride, padding, ceil_mode, count_include_pad,
            divisor_override,
        )  # fmt: skip
        return cast(means.trunc(), int64)
    floating(name, input)
    window, step, pad = _windows(name, ndim, kernel_size, stride, padding)
    batch, is_batched = _batch(name, input, ndim)
    if divisor_override == 0:
        raise SettingError("divisor must be not zero")
    pool = ops.avg_pool if ndim == 2 else ops.avg_pool_3d
    out = pool.apply(
        batch, window=window, stride=step, padding=pad, ceil_mode=ceil_mode, count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )  # fmt: skip
    return out if is_batched else out.squeeze(0)


def _adaptive_avg_pool(name: str, ndim: int, input: Any, output_size: OutputSizes) -> Any:
    floating(name, input)
    size = _output_size(name, input, output_size, ndim)
    if set(size) == {1}:
        return input.mean(tuple(range(-ndim, 0)), keepdim=True)
    batch, is_batched = _batch(name, input, ndim)
    pool = ops.adaptive_avg_pool if ndim == 2 else ops.adaptive_avg_pool_3d
    out = pool.apply(batch, size=size)
    return out if is_batched else out.squeeze(0)


def _adaptive_max_pool(name: str, ndim: int, input: Any, output_size: OutputSizes) -> tuple[Any, Any]:
    size = _output_size(name, input, output_size, ndim)
    batch, is_batched = _batch(name, input, ndim)
    pool = ops.adaptive_max_pool if ndim == 2 else ops.adaptive_max_pool_3d
    values, indices = pool.apply(batch, size=size)
    return (values, indices) if is_batched else (values.squeeze(0), indices.squeeze(0))


def _check_dimensions(name: str, input: Any, ndim: int) -> None:
    shape = shape_of(name, input)
    if len(shape) not in (ndim + 1, ndim + 2) or 0 in shape[-ndim - 1 :]:
        raise ShapeError(
            f"{name}(): Expected {ndim + 1}D or {ndim + 2}D tensor, but got {list(shape)}: Expected {ndim + 1}D or "
            f"{ndim + 2}D (batch mode) tensor with optional 0 dim batch size for input, and no other empty dimension"
        )


def _batch(name: str, input: Any, ndim: int) -> tuple[Any, bool]:
    """``input`` with its batch dimension, and whether it came with one."""
    _check_dimensions(name, input, ndim)
    is_batched = input._array.ndim == ndim + 2
    return input if is_batched else input.unsqueeze(0), is_batched


def _windows(
    name: str, ndim: int, kernel_size: Sizes, stride: Sizes | None, padding: Sizes
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Size, step and padding of the windows along each dimension."""
    window = per_dimension(name, "kernel_size", kernel_size, ndim)
    # An empty list too stands for the default, as in programs saved by TorchScript.
    step = per_dimension(name, "stride", stride, ndim) if stride or stride == 0 else window
    pad = per_dimension(name, "padding", padding, ndim)
    if min(window) < 1:
        raise SettingError(f"{name}() kernel_size must be greater than zero, but got {list(window)}")
    if min(step) < 1:
        raise SettingError(
            f"stride should not be zero: {name}() stride must be greater than zero, but got {min(step)} in {list(step)}"
        )
    if min(pad) < 0:
        raise SettingError(f"{name}() pad must be non-negative, but got {list(pad)}")
    return window, step, pad


def _output_size(name: str, input: Any, output_size: OutputSizes, ndim: int) -> tuple[int, ...]:
    shape = shape_of(name, input)
    if isinstance(output_size, (list, tuple)) and len(shape) <= len(output_size):
        raise ArgumentError(
            f"Input dimension should be at least {len(output_size) + 1}, but got {len(shape)}: {name} of {list(shape)}"
        )
    _check_dimensions(name, input, ndim)
    wanted = (output_size,) * ndim if isinstance(output_size, int) or output_size is None else tuple(output_size)
    if len(wanted) != ndim:
        raise ShapeError(
            f"{name}: 'output_size' should contain {_COUNTS[ndim]}, one for each spatial dimension, got {output_size!r}"
        )
    size = tuple(int(n) if w is None else int(w) for w, n in zip(wanted, shape[-ndim:], strict=True))
    if min(size) < 0:
        raise ShapeError(
            f"{name}: elements of output_size must be greater than or equal to 0, but got {list(size)}: Trying to "
            "create tensor with negative dimension"
        )
    return size
