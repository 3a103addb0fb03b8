"""Images sampled where a grid says. Mirrors ``grid_sample`` and ``affine_grid`` of ``torch.nn.functional``."""

from __future__ import annotations

import functools
import math
import operator
import warnings
from collections.abc import Sequence
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.errors import ArgumentError, DtypeError, SettingError, ShapeError, UnsupportedError
from xpgrad.functions.broadcasting import broadcast_tensors
from xpgrad.functions.creation import arange, linspace, ones
from xpgrad.functions.joining import stack
from xpgrad.functions.pointwise import where
from xpgrad.nn.functional.checks import floating, shape_of
from xpgrad.ops.indexing import take
from xpgrad.ops.shape import permute_dims, reshape

MODES = ("bilinear", "nearest", "bicubic")
PADDING_MODES = ("zeros", "border", "reflection")

# Named after the whole, as the last step of it.
_LAST = {4: permute_dims.named("GridSampler2D"), 5: permute_dims.named("GridSampler3D")}
_grid_of = reshape.named("AffineGridGenerator")


def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """``input`` at the places in ``grid`` (Jaderberg et al. 2015).

    Args:
        input: (N, C, H, W) or (N, C, D, H, W).
        grid: (N, H', W', 2) or (N, D', H', W', 3): for each element of the result its place (x, y) or (x, y, z) in the
            input, from -1 to 1 along each dimension.
        mode: ``"bilinear"`` (trilinear in three dimensions), ``"nearest"``, or in two dimensions ``"bicubic"``.
        padding_mode: What lies outside: ``"zeros"``, the ``"border"``, or the ``"reflection"`` at it.
        align_corners: Whether -1 and 1 are the centres of the first and last elements, rather than their outer edges.

    Returns:
        (N, C, H', W') or (N, C, D', H', W').

    Raises:
        ArgumentError: A mode is unknown.
        ShapeError: The shapes do not go together.
        SettingError: Bicubic in three dimensions.
        DtypeError: The dtypes differ, or are not floating.
    """
    if mode not in MODES:
        raise ArgumentError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in PADDING_MODES:
        raise ArgumentError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: "
            f"'{padding_mode}'"
        )
    if align_corners is None:
        _warn_of_default()
    _check(input, grid, mode)
    return _sampled(input, grid, mode, padding_mode, bool(align_corners))


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """The grid for `grid_sample` that moves an image of ``size`` by the affine maps ``theta``.

    Args:
        theta: (N, 2, 3), or (N, 3, 4) in three dimensions.
        size: The size of the result of `grid_sample`, (N, C, H, W) or (N, C, D, H, W).
        align_corners: As for `grid_sample`.

    Returns:
        (N, H, W, 2) or (N, D, H, W, 3).

    Raises:
        ArgumentError: ``theta`` is not floating or does not fit ``size``, or a size is not positive.
        UnsupportedError: ``size`` has another length.
        ShapeError: ``theta`` has another N.
    """
    if align_corners is None:
        _warn_of_default()
    shape = shape_of("affine_grid", theta)
    if not theta.is_floating_point():
        raise ArgumentError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise UnsupportedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size "
            f"{tuple(size)}."
        )
    ndim = len(size) - 2
    if shape[1:] != (ndim, ndim + 1):
        raise ArgumentError(
            f"Expected a batch of {ndim}D affine matrices of shape Nx{ndim}x{ndim + 1} for size {tuple(size)}. Got "
            f"{theta.shape}."
        )
    if min(size) <= 0:
        raise ArgumentError(f"Expected non-zero, positive output size. Got {tuple(size)}")
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This "
            "is not an intended use case of affine_grid. See the documentation of affine_grid for details.",
            stacklevel=2,
        )
    return affine_places(theta, size, bool(align_corners))


def affine_places(theta: Any, size: Sequence[int], align_corners: bool) -> Any:
    """`affine_grid` of arguments that fit."""
    samples, _, *spatial = size
    ndim = len(spatial)
    if theta.shape[0] != samples:
        raise ShapeError(f"affine_grid: theta of size {list(theta.shape)} is not for {samples} images: {list(size)}")
    like = {"dtype": theta.dtype, "device": theta.device}
    along = []
    for i, count in enumerate(spatial):
        places = linspace(-1.0, 1.0, count, **like) if count > 1 else theta.new_zeros(1)
        if not align_corners:
            places = places * ((count - 1) / count)
        along.append(places.reshape(*(count if j == i else 1 for j in range(ndim))))
    base = stack([*broadcast_tensors(*along)[::-1], ones(*spatial, **like)], -1).reshape(1, -1, ndim + 1)
    return _grid_of.apply(base @ theta.transpose(1, 2), shape=(samples, *spatial, ndim))


def grid_sampler(input: Any, grid: Any, interpolation_mode: int, padding_mode: int, align_corners: bool) -> Any:
    """`grid_sample` with its modes by number, counted as there. Mirrors ``torch.grid_sampler``."""
    mode = MODES[interpolation_mode]
    _check(input, grid, mode)
    return _sampled(input, grid, mode, PADDING_MODES[padding_mode], align_corners)


grid_sampler_2d = grid_sampler_3d = grid_sampler


def _sampled(input: Any, grid: Any, mode: str, padding_mode: str, align_corners: bool) -> Any:
    samples, channels, *size = input._array.shape
    places = grid._array.shape[1:-1]
    ndim, count = len(size), math.prod(places)
    points = grid.reshape(samples, count, ndim)
    positions, weights = [], []
    for i, length in enumerate(size):
        at, weight = _taps(points[:, :, ndim - 1 - i], length, mode, padding_mode, align_corners)
        # Taps of several axes meet as an outer product: (taps of the first, taps of the second, ..., N, places).
        outer = (*(-1 if j == i else 1 for j in range(ndim)), samples, count)
        positions.append(at.reshape(outer) * math.prod(size[i + 1 :]))
        weights.append(weight.reshape(outer))
    first = arange(samples, device=input.device).unsqueeze(1) * math.prod(size)
    rows = (functools.reduce(operator.add, positions) + first).reshape(-1)
    weight = functools.reduce(operator.mul, weights).reshape(-1, samples * count)
    # Channels first, so that all of them take the same steps through memory.
    table = input.transpose(0, 1).reshape(channels, samples * math.prod(size))
    found = take.apply(table, rows, axis=1).reshape(channels, *weight.shape)
    out = (found * weight).sum(1).reshape(channels, samples, *places)
    return _LAST[ndim + 2].apply(out, axes=(1, 0, *range(2, ndim + 2)))


def _taps(place: Any, length: int, mode: str, padding_mode: str, align_corners: bool) -> tuple[Any, Any]:
    """The positions along one axis that make up each place (N, P), and their weights, both (taps, N, P)."""
    place = (place + 1.0) * ((length - 1) / 2) if align_corners else ((place + 1.0) * length - 1.0) / 2
    if mode == "bicubic":
        left = place.detach().floor()
        t = place - left
        weight = stack([_far(t + 1.0), _near(t), _near(1.0 - t), _far(2.0 - t)])
        at = stack([_inside(left + k, length, padding_mode, align_corners) for k in (-1.0, 0.0, 1.0, 2.0)])
    else:
        place = _inside(place, length, padding_mode, align_corners)
        if mode == "nearest":
            at = place.detach().round().unsqueeze(0)
            # The gradient of the grid is zero, rather than none.
            weight = where(at == at, at.new_ones(()), place)
        else:
            left = place.detach().floor()
            t = place - left
            at, weight = stack([left, left + 1.0]), stack([1.0 - t, t])
    exists = (at >= 0.0) & (at <= length - 1.0)
    return cast(where(exists, at, 0.0), int64), where(exists, weight, 0.0)


def _inside(place: Any, length: int, padding_mode: str, align_corners: bool) -> Any:
    """``place`` brought inside an axis of ``length``, as ``padding_mode`` says; where it is cut off it is constant."""
    if padding_mode == "zeros":
        return place
    if padding_mode == "reflection":
        low, span = (0.0, length - 1.0) if align_corners else (-0.5, float(length))
        if span == 0.0:
            return place * 0.0
        place = place - low
        place = where(place < 0.0, -place, place)
        turns = (place.detach() / span).floor()
        rest = place - turns * span
        place = where(turns % 2.0 == 0.0, rest, span - rest) + low
    strictly = (place > 0.0) & (place < length - 1.0)
    return where(strictly, place, place.detach().clamp(0.0, length - 1.0))


def _near(x: Any) -> Any:
    """The kernel of cubic convolution up to distance 1 (Keys 1981, with a = -0.75)."""
    return (1.25 * x - 2.25) * x * x + 1.0


def _far(x: Any) -> Any:
    """The same from distance 1 to 2."""
    return ((-0.75 * x + 3.75) * x - 6.0) * x + 3.0


def _check(input: Any, grid: Any, mode: str) -> None:
    floating("grid_sampler", input)
    have, at = shape_of("grid_sampler", input), shape_of("grid_sampler", grid)
    if len(have) not in (4, 5):
        raise ShapeError(f"grid_sampler(): expected a 4D or 5D input, but got input with sizes {list(have)}")
    if have[0] != at[:1][0]:
        raise ShapeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(have)} and grid with sizes {list(at)}"
        )
    if at[-1] != len(have) - 2 or len(at) != len(have):
        raise ShapeError(
            f"grid_sampler(): expected grid to have size {len(have) - 2} in last dimension, but got grid with sizes "
            f"{list(at)}: it has as many dimensions as the input, {len(have)}"
        )
    if 0 in have[2:]:
        raise ShapeError(
            "grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
            f"{list(have)} with dimension {have.index(0, 2)} being empty"
        )
    if input.dtype is not grid.dtype:
        raise DtypeError(
            f"expected scalar type {input.dtype.name} but found {grid.dtype.name}: input and grid have one dtype"
        )
    if mode == "bicubic" and len(have) == 5:
        raise SettingError("grid_sampler(): bicubic interpolation only supports 4D input")


def _warn_of_default() -> None:
    warnings.warn(
        "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
        "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.",
        stacklevel=3,
    )
