"""Differences and integrals of sampled functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import floating
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import IndexingError, SettingError
from xpgrad.functions.comparison import ne
from xpgrad.functions.cumulative import cumsum
from xpgrad.functions.cutting import narrow
from xpgrad.functions.dims import normalize_dim, normalize_dims, takes_axis
from xpgrad.functions.joining import cat
from xpgrad.functions.reduction import sum
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import reshape

__all__ = ["cumulative_trapezoid", "diff", "gradient", "trapezoid", "trapz"]


@takes_axis
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, out: Any = None) -> Any:
    """The differences of neighbours along ``dim``, taken ``n`` times. Mirrors ``torch.diff``.

    Raises:
        SettingError: ``n`` is negative, or the tensor has no dimensions.
    """
    if n < 0:
        raise SettingError(f"order must be non-negative but got {n}")
    if not input._array.ndim:
        raise SettingError("diff expects input to be at least one-dimensional")
    axis = normalize_dim(dim, input._array.ndim)
    if n == 0:
        return deliver(out, input.clone())
    x = cat([part for part in (prepend, input, append) if part is not None], axis)
    for _ in range(n):
        before, after = _neighbours(x, axis)
        x = ne(after, before) if x.dtype.kind == "bool" else after - before
    return deliver(out, x)


def _neighbours(x: Any, axis: int) -> tuple[Any, Any]:
    """All but the last along ``axis``, and all but the first."""
    count = x._array.shape[axis]
    length = max(count - 1, 0)
    return narrow(x, axis, 0, length), narrow(x, axis, min(1, count), length)


# Derivatives.


@takes_axis
def gradient(
    input: Any, *, spacing: Any = 1, dim: int | Sequence[int] | None = None, edge_order: int = 1
) -> tuple[Any, ...]:
    """The derivatives along each of ``dim``, by central differences. Mirrors ``torch.gradient``.

    Args:
        input: The samples.
        spacing: How far samples are apart: a number, a number for each dimension, or for each a vector of coordinates.
        dim: All dimensions by default.
        edge_order: 1 or 2, how well the derivatives at the ends approximate.

    Raises:
        SettingError: There are too few samples, ``edge_order`` is another, or ``spacing`` does not fit.
    """
    axes = normalize_dims(dim, input._array.ndim) if dim is not None else tuple(range(input._array.ndim))
    axes = tuple(range(input._array.ndim)) if axes is None else axes
    if edge_order not in (1, 2):
        raise SettingError(f"torch.gradient only supports edge_order=1 and edge_order=2, got {edge_order}")
    spacing = 1.0 if spacing is None else spacing
    steps = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(axes)
    if len(steps) != len(axes):
        raise SettingError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to the number of "
            f"dims, {len(axes)}, but got a list of {len(steps)}"
        )
    for axis in axes:
        if input._array.shape[axis] <= edge_order:
            raise SettingError(
                "torch.gradient expected each dimension size to be at least edge_order+1, got shape "
                f"{tuple(input._array.shape)}"
            )
    return tuple(_derivative(floating(input), step, axis, edge_order) for step, axis in zip(steps, axes, strict=True))


def _derivative(x: Any, step: Any, axis: int, edge_order: int) -> Any:
    length = x._array.shape[axis]
    before, after = _neighbours(x, axis)
    is_even = not (isinstance(step, TensorBase) and step._array.ndim)
    if not is_even:
        if step._array.shape[0] != length:
            raise SettingError(
                f"torch.gradient expected spacing to have {length} coordinates for dimension {axis}, got "
                f"{step._array.shape[0]}"
            )
        gaps = reshape(diff(step), tuple(-1 if i == axis else 1 for i in range(x._array.ndim)))
    else:
        gaps = x.detach().new_full(tuple(length - 1 if i == axis else 1 for i in range(x._array.ndim)), 1.0) * step
    slopes = (after - before) / gaps
    left, right = _neighbours(slopes, axis)
    near, far = _neighbours(gaps, axis)
    if is_even:
        # Not the mean of two slopes: the sample between them, which may be infinite, has no say.
        inner = (narrow(x, axis, 2, length - 2) - narrow(x, axis, 0, length - 2)) / (near + far)
    else:
        # The slopes on both sides, each weighing as much as the gap of the other.
        inner = (left * far + right * near) / (near + far)

    def end(first: int, second: int) -> Any:
        slope = narrow(slopes, axis, first, 1)
        if edge_order == 1:
            return slope
        h, k = narrow(gaps, axis, first, 1), narrow(gaps, axis, second, 1)
        return slope + (slope - narrow(slopes, axis, second, 1)) * (h / (h + k))

    last = length - 2
    return cat([end(0, min(1, last)), inner, end(last, max(last - 1, 0))], axis)


# Integrals.


@takes_axis
def trapezoid(y: Any, x: Any = None, *, dx: Any = 1, dim: int = -1) -> Any:
    """The integral of ``y`` along ``dim`` by the trapezoidal rule, over points ``x`` or ``dx`` apart.

    Mirrors ``torch.trapezoid``.

    Raises:
        SettingError: There is not one ``x`` for each sample.
    """
    areas, axis = _areas(y, x, dx, dim, "trapezoid")
    return sum(areas, axis) / 2.0


trapz = trapezoid


@takes_axis
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = 1, dim: int = -1) -> Any:
    """The integrals of ``y`` up to each point along ``dim``; see `trapezoid`. Mirrors ``torch.cumulative_trapezoid``.

    Raises:
        SettingError: There is not one ``x`` for each sample.
    """
    areas, axis = _areas(y, x, dx, dim, "cumulative_trapezoid")
    return cumsum(areas, axis) / 2.0


def _areas(y: Any, x: Any, dx: Any, dim: int, name: str) -> tuple[Any, int]:
    """Twice the area between neighbouring points, and the axis along which these are."""
    if not y._array.ndim:
        raise IndexingError(f"Dimension specified as {dim} but tensor has no dimensions")
    axis = normalize_dim(dim, y._array.ndim)
    before, after = _neighbours(y, axis)
    if x is None:
        return (before + after) * dx, axis
    if not x._array.ndim:
        x = x.expand(y._array.shape[axis])
    if x._array.ndim == 1:
        if x._array.shape[0] != y._array.shape[axis]:
            raise SettingError(f"{name}: There must be one `x` value for each sample point, got {tuple(x.shape)}")
        gaps = reshape(diff(x), tuple(-1 if i == axis else 1 for i in range(y._array.ndim)))
    else:
        if x._array.ndim < y._array.ndim:
            x = reshape(x, (*(1,) * (y._array.ndim - x._array.ndim), *x._array.shape))
        along = axis - y._array.ndim
        if x._array.shape[along] != y._array.shape[axis]:
            raise SettingError(f"{name}: There must be one `x` value for each sample point, got {tuple(x.shape)}")
        gaps = diff(x, dim=along)
    return (before + after) * gaps, axis
