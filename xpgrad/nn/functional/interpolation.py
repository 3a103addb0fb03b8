"""Images in other sizes. Mirrors those functions of ``torch.nn.functional``."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float64, uint8
from xpgrad.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError
from xpgrad.nn.functional import resampling_weights as axis
from xpgrad.nn.functional.checks import kind_of, shape_of
from xpgrad.nn.functional.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from xpgrad.ops import resampling as ops

Size = int | Sequence[int] | None
Factor = float | Sequence[float] | None

_NEAREST = {
    "nearest": (ops.nearest_1d, ops.nearest_2d, ops.nearest_3d),
    "nearest-exact": (ops.nearest_exact_1d, ops.nearest_exact_2d, ops.nearest_exact_3d),
}
_AREA = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)
# The kernel and the number of spatial dimensions of each mode that weighs neighbours.
_WEIGHING = {
    "linear": ("linear", 1, ops.linear_1d),
    "bilinear": ("linear", 2, ops.resample),
    "trilinear": ("linear", 3, ops.trilinear_3d),
    "bicubic": ("cubic", 2, ops.bicubic_2d),
}
_ANTIALIASED = {
    "bilinear": ("linear", ops.bilinear_2d_antialiased),
    "bicubic": ("cubic", ops.bicubic_2d_antialiased),
    "lanczos": ("lanczos", ops.lanczos_2d_antialiased),
}


def interpolate(
    input: Any, size: Size = None, scale_factor: Factor = None, mode: str = "nearest",
    align_corners: bool | None = None, recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """``input`` in another size.

    Args:
        input: (N, C, L), (N, C, H, W) or (N, C, D, H, W), floating; uint8 too for images.
        size: The spatial size of the result, one number or one for each dimension; or else
        scale_factor: How many times as large, likewise.
        mode: ``"nearest"`` (that of OpenCV), ``"nearest-exact"`` (that of scikit-image and PIL), ``"linear"`` for one
            spatial dimension, ``"bilinear"`` or ``"bicubic"`` for two, ``"trilinear"`` for three, ``"area"`` (means),
            ``"lanczos"`` for two, with ``antialias``.
        align_corners: Whether the centres of the first and last elements stay where they are, rather than their edges.
        recompute_scale_factor: Whether to weigh by the sizes, not by the ``scale_factor`` they were computed from.
        antialias: Whether to weigh all that an element of the result covers; for images.

    Returns:
        (N, C, *size).

    Raises:
        ArgumentError: Neither or both of ``size`` and ``scale_factor``, or a setting that the mode does not take.
        UnsupportedError: The mode is not one for so many dimensions.
        ShapeError: A size is not positive.
        DtypeError: The input is of integers.
    """
    shape = shape_of("interpolate", input)
    aligned = _check_corners(mode, align_corners)
    new, factors = _sizes(shape, size, scale_factor, recompute_scale_factor)
    if antialias and (mode not in _ANTIALIASED or len(shape) != 4):
        raise ArgumentError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and len(shape) == 4 and not antialias:
        raise ArgumentError("Lanczos mode requires antialias=True")
    ndim = len(shape) - 2
    if ndim in (1, 2, 3) and mode == "area":
        return _AREA[ndim - 1](input, new)
    if ndim in (1, 2, 3) and mode in _NEAREST:
        _check_kind(input, mode, new)
        pairs = zip(shape[2:], new, factors, strict=True)
        sources = [axis.nearest(*along, exact=mode == "nearest-exact") for along in pairs]
        return _NEAREST[mode][ndim - 1].apply(input, sources=(None, None, *sources))
    if mode in _WEIGHING and ndim in (1, 2, 3) and (mode != "bicubic" or ndim == 2):
        needed = _WEIGHING[mode][1]
        if ndim != needed:
            raise UnsupportedError(f"Got {ndim + 2}D input, but {mode} mode needs {needed + 2}D input")
    elif not antialias:
        raise UnsupportedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {len(shape)}D) for the modes: nearest | "
            f"linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode})"
        )
    _check_kind(input, mode, new)
    return resized(input, mode, new, factors, align_corners=aligned, antialias=antialias)


def upsample(
    input: Any, size: Size = None, scale_factor: Factor = None, mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:  # fmt: skip
    """`interpolate`, by its old name."""
    _warn_of("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Size = None, scale_factor: Factor = None) -> Any:
    """`interpolate` to the nearest element, by its old name."""
    _warn_of("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Any, size: Size = None, scale_factor: Factor = None) -> Any:
    """`interpolate` with ``mode="bilinear"`` and ``align_corners=True``, by its old name."""
    _warn_of("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", True)


def resized(
    input: Any, mode: str, new: Sequence[int], factors: Sequence[float | None], *, align_corners: bool, antialias: bool
) -> Any:
    """``input`` (N, C, *S) in the spatial size ``new``, neighbours weighed as ``mode`` says."""
    kernel, op = _ANTIALIASED[mode] if antialias else _WEIGHING[mode][::2]
    along = []
    for length, count, factor in zip(input._array.shape[2:], new, factors, strict=True):
        scale = axis.step(length, count, align_corners=align_corners, factor=factor)
        settings = {"align_corners": align_corners, "antialias": antialias}
        along.append(axis.weights(kernel, length, count, scale, **settings))
    if input.dtype is not uint8:
        return op.apply(input, weights=tuple(along))
    return _of_bytes(input, along)


def _of_bytes(input: Any, along: Sequence[ops.Weights]) -> Any:
    """An image of bytes resized, the columns first: with weights in fixed point, and bytes in between."""
    for i in (1, 0):
        if along[i].old == along[i].new:
            continue
        weights, bits = axis.fixed_point(along[i])
        only = (weights, None) if i == 0 else (None, weights)
        sums = ops.resample.apply(cast(input, float64), weights=only)
        input = cast(((sums + 2.0 ** (bits - 1)) / 2.0**bits).floor().clamp(0.0, 255.0), uint8)
    return input


def _check_corners(mode: str, align_corners: bool | None) -> bool:
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ArgumentError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
    if mode == "lanczos" and align_corners:
        raise ArgumentError("Lanczos mode does not support align_corners=True")
    return bool(align_corners)


def _sizes(
    shape: Sequence[int], size: Size, scale_factor: Factor, recompute: bool | None
) -> tuple[list[int], list[float | None]]:
    """The spatial size of the result, and for each dimension the factor to weigh by, if it is not that of the sizes."""
    ndim = len(shape) - 2
    if size is not None and scale_factor is not None:
        raise ArgumentError("only one of size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ArgumentError("recompute_scale_factor is not meaningful with an explicit size.")
        wanted = list(size) if isinstance(size, (list, tuple)) else [size] * ndim
        _check_count(shape, "output size", "output size in (o1, o2, ...,oK) format", wanted)
        return [n.__index__() for n in wanted], [None] * ndim  # type: ignore[union-attr]
    if scale_factor is None:
        raise ArgumentError("either size or scale_factor should be defined")
    factors = list(scale_factor) if isinstance(scale_factor, (list, tuple)) else [scale_factor] * ndim
    _check_count(shape, "scale_factor", "scale_factor in (s1, s2, ...,sK) format", factors)
    new = [math.floor(float(n) * float(factor)) for n, factor in zip(shape[2:], factors, strict=True)]  # type: ignore[arg-type]
    return new, [None] * ndim if recompute else [float(factor) for factor in factors]  # type: ignore[arg-type]


def _check_count(shape: Sequence[int], name: str, form: str, given: Sequence[Any]) -> None:
    if len(given) != len(shape) - 2:
        what = "output" if name == "output size" else name
        raise ArgumentError(
            f"Input and {what} must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(shape[2:])} and {name} of {'shape ' if what == name else ''}{tuple(given)}. Please provide "
            f"input tensor in (N, C, d1, d2, ...,dK) format and {form}."
        )


def _check_kind(input: Any, mode: str, new: Sequence[int]) -> None:
    kind = input._place.dtype(input._array.dtype)
    if kind.kind != "float" and (kind is not uint8 or mode in ("linear", "trilinear")):
        raise DtypeError(f"\"upsample_{mode}\" not implemented for '{kind_of(input)}': convert it with .float() first")
    if min(*new, *input._array.shape[2:]) < 1:
        raise ShapeError(
            f"Input and output sizes should be greater than 0, but got input {list(input.shape[2:])} output {list(new)}"
        )
    if 0 in input._array.shape[1:]:
        raise ShapeError(
            f"Non-empty {input._array.ndim}D data tensor expected but got a tensor with sizes {list(input.shape)}"
        )


def _warn_of(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=3
    )
