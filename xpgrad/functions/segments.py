"""Reductions of consecutive slices, and of the bits of elements."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.tensor_base import make_tensor
from xpgrad.core.views import array_of
from xpgrad.errors import DtypeError, SettingError
from xpgrad.functions.broadcasting import repeat_interleave
from xpgrad.functions.creation import arange
from xpgrad.functions.cumulative import cumsum
from xpgrad.functions.differences import diff
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, takes_axis
from xpgrad.functions.results import deliver_exactly
from xpgrad.functions.selection import index_select
from xpgrad.functions.shape import reshape
from xpgrad.ops import positions

__all__ = ["hash_tensor", "segment_reduce"]

_START = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf}
_KINDS = {
    "sum": positions.index_add.named("SegmentReduceBackward0"),
    "mean": positions.index_add.named("SegmentReduceBackward0"),
    "prod": positions.index_prod.named("SegmentReduceBackward0"),
}
_extreme = positions.index_extreme.named("SegmentReduceBackward0")


def segment_reduce(
    data: Any,
    reduce: str,
    *,
    lengths: Any = None,
    indices: Any = None,
    offsets: Any = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Any:
    """The sum, mean, max, min or prod of each run of slices along ``axis``. Mirrors ``torch.segment_reduce``.

    Args:
        data: The slices.
        reduce: ``"sum"``, ``"mean"``, ``"max"``, ``"min"`` or ``"prod"``.
        lengths: How many slices each run has; with as many leading dimensions as ``axis`` is from the first.
        indices: Not supported, as in PyTorch.
        offsets: In place of ``lengths``: where each run begins, and where the last ends.
        axis: The dimension.
        unsafe: Do not check that the runs cover all slices.
        initial: What each run begins with; by default what changes nothing.

    Raises:
        SettingError: Neither ``lengths`` nor ``offsets`` is given, the runs do not cover ``data``, or another
            reduction.
    """
    if indices is not None:
        raise SettingError("segment_reduce(): indices based reduction is not supported yet; give lengths or offsets.")
    if lengths is None and offsets is None:
        raise SettingError("segment_reduce(): Either lengths or offsets must be defined.")
    if reduce not in _START:
        raise SettingError(f"segment_reduce(): reduce must be one of {', '.join(_START)}, got {reduce!r}")
    axis = normalize_dim(axis, data._array.ndim)
    counts = cast(diff(offsets) if lengths is None else lengths, int64).detach()
    shape, batch = tuple(data._array.shape), math.prod(data._array.shape[:axis])
    if not unsafe and not bool((counts.sum(-1) == shape[axis]).all()):
        raise SettingError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when "
            f"!unsafe; they are to add up to {shape[axis]}."
        )
    runs = counts._array.shape[-1]
    rows = reshape(data, (batch * shape[axis], *shape[axis + 1 :]))
    if unsafe:
        rows = index_select(rows, 0, _covered(counts, offsets, shape[axis]))
    flat = reshape(counts, (-1,))
    places = repeat_interleave(arange(batch * runs, device=data.device), flat)
    start = data.detach().new_full((batch * runs, *shape[axis + 1 :]), _START[reduce] if initial is None else initial)
    if reduce in _KINDS:
        found = _KINDS[reduce].apply(start, rows, places, axes=(0,))
    else:
        found = _extreme.apply(start, rows, places, axes=(0,), kind=reduce)
    if reduce == "mean":
        divisor = cast(flat if initial is None else flat.clamp(min=1), data.dtype)
        found = found / reshape(divisor, (-1, *(1,) * (rows._array.ndim - 1)))
    return reshape(found, (*shape[:axis], runs, *shape[axis + 1 :]))


def _covered(counts: Any, offsets: Any, length: int) -> Any:
    """Which of the slices are in a run, where the runs need not cover all."""
    totals = reshape(counts.sum(-1), (-1,))
    starts = arange(totals.numel(), device=counts.device) * length - (cumsum(totals, 0) - totals)
    if offsets is not None:
        starts = starts + reshape(offsets[..., 0], (-1,))
    return repeat_interleave(starts, totals) + arange(int(totals.sum()), device=counts.device)


@takes_axis
def hash_tensor(input: Any, dim: Dim = (), *, keepdim: bool = False, mode: int = 0, out: Any = None) -> Any:
    """The exclusive or of the bits of the elements, as float64 or int64, over ``dim``. Mirrors ``torch.hash_tensor``.

    Raises:
        SettingError: ``mode`` is not 0.
        DtypeError: The tensor is complex.
    """
    if mode != 0:
        raise SettingError(f"Unknown hash_tensor mode: {mode}")
    if input.dtype.is_complex:
        raise DtypeError(f'"xor_sum_cpu" not implemented for {input.dtype}; hash its real and imaginary parts')
    place, shape = input._place, tuple(input._array.shape)
    axes = normalize_dims(dim, len(shape))
    gone = tuple(range(len(shape))) if axes is None else axes
    kept = [i for i in range(len(shape)) if i not in gone]
    # On the host, since the standard cannot see the bits of a float.
    host = place.backend.to_host(array_of(input.detach()))
    bits = host.astype("float64" if input.dtype.is_floating_point else "int64").view("uint64")
    counts = [math.prod(shape[i] for i in some) for some in (gone, kept)]
    total = _folded(bits.transpose([*gone, *kept]).reshape(counts))
    wanted = tuple(1 if i in gone else n for i, n in enumerate(shape) if keepdim or i in kept)
    made = make_tensor(place.backend.from_host(total.reshape(wanted), place.handle), place)
    return deliver_exactly(out, made)


def _folded(rows: Any) -> Any:
    """The exclusive or of all rows of a host array."""
    if not rows.shape[0]:
        return rows.sum(0)
    while rows.shape[0] > 1:
        half = rows.shape[0] // 2
        rows, odd = rows[:half] ^ rows[half : 2 * half], rows[2 * half :]
        if odd.shape[0]:
            rows[0] ^= odd[0]
    return rows[0]
