"""Distances and similarities between vectors."""

from __future__ import annotations

from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.core.op import Op
from xpgrad.core.promotion import promote_types
from xpgrad.errors import ArgumentError, DtypeError, SettingError, ShapeError
from xpgrad.functions.broadcasting import broadcast_shapes, broadcast_tensors
from xpgrad.functions.checks import kind_of, shape_of
from xpgrad.functions.dims import takes_axis
from xpgrad.functions.pointwise import clamp_min
from xpgrad.functions.shape import unsqueeze
from xpgrad.ops import distance as ops

__all__ = ["cdist", "cosine_similarity", "pairwise_distance", "pdist"]

# Above this many rows PyTorch prefers a matrix product to differences.
_MANY = 25


@takes_axis
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between ``x1`` and ``x2`` along ``dim``; each norm counts at least ``eps``.

    Mirrors ``torch.cosine_similarity``.

    Raises:
        DtypeError: The tensors are of integers.
    """
    shape_of("cosine_similarity", x1), shape_of("cosine_similarity", x2)
    common = promote_types(x1.dtype, x2.dtype)
    if not common.is_differentiable:
        raise DtypeError(f"expected common dtype to be floating point, yet common dtype is {common.name}")
    x1, x2 = broadcast_tensors(cast(x1, common), cast(x2, common))
    lengths = [clamp_min(x.norm(2, dim, keepdim=True), eps) for x in (x1, x2)]
    return (x1 / lengths[0] * (x2 / lengths[1])).sum(dim)


@takes_axis
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The ``p``-norm of ``x1 - x2 + eps`` along the last dimension. Mirrors ``torch.pairwise_distance``."""
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def pdist(input: Any, p: float = 2.0) -> Any:
    """The ``p``-norms of the differences of all pairs of rows, (n * (n - 1) / 2,). Mirrors ``torch.pdist``.

    Args:
        input: (n, d).
        p: From 0, which counts what differs, to infinity.

    Raises:
        DtypeError: ``input`` is not floating.
        SettingError: ``p`` is negative.
        ShapeError: ``input`` is no matrix.
    """
    shape = shape_of("pdist", input)
    if len(shape) != 2:
        raise ShapeError(f"pdist only supports 2D tensors, got: {len(shape)}D")
    _check("pdist", p, input=input)
    # All pairs twice, since picking rows for each would cost more, above all on the way back.
    whole = _distances(input, input, p, ops.euclidean, False)
    above = input.new_ones(shape[0], shape[0]).bool().triu(1).reshape(-1).nonzero().reshape(-1)
    return ops.pdist.apply(whole.reshape(-1), above, axis=0)


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """The ``p``-norms of the differences of all pairs of a row of ``x1`` and one of ``x2``. Mirrors ``torch.cdist``.

    Args:
        x1: (..., n, d).
        x2: (..., m, d); the leading dimensions broadcast.
        p: From 0, which counts what differs, to infinity.
        compute_mode: Whether Euclidean distances are computed by a matrix product, which rounds more: PyTorch's
            ``"use_mm_for_euclid_dist"``, ``"donot_use_mm_for_euclid_dist"``, or by default for more than 25 rows.

    Returns:
        (..., n, m).

    Raises:
        ArgumentError: There is no such mode.
        DtypeError: The tensors are not floating, or of different dtypes.
        SettingError: ``p`` is negative.
        ShapeError: The shapes do not fit.
    """
    modes = {None: None, "use_mm_for_euclid_dist_if_necessary": None, "use_mm_for_euclid_dist": True,
             "donot_use_mm_for_euclid_dist": False}  # fmt: skip
    if compute_mode not in modes:
        raise ArgumentError(f"{compute_mode} is not a valid value for compute_mode: give one of {list(modes)[1:]}")
    first, second = shape_of("cdist", x1), shape_of("cdist", x2)
    for name, shape in (("X1", first), ("X2", second)):
        if len(shape) < 2:
            raise ShapeError(f"cdist only supports at least 2D tensors, {name} got: {len(shape)}D")
    if first[-1] != second[-1]:
        raise ShapeError(f"X1 and X2 must have the same number of columns. X1: {first[-1]} X2: {second[-1]}")
    _check("cdist", p, X1=x1, X2=x2)
    if x1.dtype is not x2.dtype:
        raise DtypeError(f"cdist: expected scalar type {kind_of(x1)} but found {kind_of(x2)}")
    by_product = modes[compute_mode]
    broadcast_shapes(first[:-2], second[:-2])
    if max(first[-2], second[-2]) > _MANY if by_product is None else by_product:
        return _distances(x1, x2, p, ops.euclidean_by_product, True)
    return _distances(x1, x2, p, ops.euclidean, False)


def _distances(x1: Any, x2: Any, p: float, euclidean: Op, by_product: bool) -> Any:
    if p == 2:
        return euclidean.apply(x1, x2, by_product=by_product)
    return ops.minkowski.apply(unsqueeze(x1, -2) - unsqueeze(x2, -3), axis=-1, ord=float(p))


def _check(name: str, p: float, **tensors: Any) -> None:
    for label, x in tensors.items():
        if not x.dtype.is_floating_point:
            raise DtypeError(f"{name} only supports floating-point dtypes, {label} got: {kind_of(x)}")
    if not p >= 0:
        raise SettingError(f"{name} only supports non-negative p values, got {p}")
