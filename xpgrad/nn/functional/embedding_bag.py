"""Sums, means and maxima of rows of tables. Mirrors ``torch.nn.functional.embedding_bag``."""

from __future__ import annotations

import math
import warnings
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import int64
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, DtypeError, IndexRangeError, SettingError, ShapeError, UnsupportedError
from xpgrad.functions.creation import arange
from xpgrad.functions.joining import cat
from xpgrad.functions.pointwise import where
from xpgrad.functions.searching import searchsorted
from xpgrad.nn.functional.checks import indices_within, shape_of
from xpgrad.nn.functional.embedding import renormalize
from xpgrad.ops.embedding import embedding as look_up
from xpgrad.ops.indexing import scatter_add, take_along_axis
from xpgrad.ops.reductions import sum as add_up
from xpgrad.ops.searching import where as choose

_MODES = ("sum", "mean", "max")
_added = scatter_add.named("EmbeddingBag")
_added_along = add_up.named("EmbeddingBag")
_chosen = choose.named("EmbeddingBag")


def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The sum, mean or maximum of the rows of ``weight`` at the indices in each bag, zeros for an empty one.

    Args:
        input: Integers: (B, L), each row a bag, or (L,) divided by ``offsets``.
        weight: (num_embeddings, embedding_dim).
        offsets: (B,), where in ``input`` each bag begins, the first at 0.
        max_norm: If given, rows that are looked up and have a greater norm are scaled down to it, in place.
        norm_type: Which norm that is.
        scale_grad_by_freq: Divide the gradient of a row by how often it is looked up; not for ``"max"``.
        mode: ``"sum"``, ``"mean"`` or ``"max"``.
        sparse: Accepted for PyTorch's sake; gradients are dense.
        per_sample_weights: Of the shape of ``input``, what to multiply each row by; for ``"sum"`` only.
        include_last_offset: Whether the last of ``offsets`` is the end of the last bag.
        padding_idx: A row that is left out.

    Returns:
        (B, embedding_dim).

    Raises:
        ArgumentError: Shapes, mode and settings do not go together.
        UnsupportedError: Weights for each sample in another mode.
        DtypeError: Indices or offsets are not integers, or the weights have several dtypes.
        IndexRangeError: An index is out of range.
        SettingError: ``offsets`` or ``padding_idx`` is out of range.
    """
    if weight.dtype is int64 and input.is_floating_point():
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is "
            "deprecated, and should now be `embedding_bag(input, weight, ...)`.",
            stacklevel=2,
        )
        input, weight = weight, input
    _check(input, weight, offsets, mode, scale_grad_by_freq, sparse, per_sample_weights)
    rows = weight._array.shape[0]
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise SettingError(
                f"padding_idx must be within the number of embeddings, -{rows} through {rows - 1}, but got "
                f"{padding_idx}"
            )
        padding_idx %= rows
    if max_norm is not None:
        with no_grad():
            renormalize(weight, input, max_norm, norm_type)
    at = input.reshape(-1)
    length, bags, count = _bags(input, offsets, include_last_offset)
    kept = bags < count
    if padding_idx is not None:
        kept = kept & (at != padding_idx)
    if mode == "max":
        return _maxima(weight, at, bags, kept, count)
    bags = where(kept, bags, 0)
    shares = cast(kept, weight.dtype)
    if mode == "mean":
        sizes = _added.apply(shares, bags, size=count)
        shares = shares / sizes.clamp(min=1.0).index_select(0, bags)
    elif per_sample_weights is not None:
        shares = shares * per_sample_weights.reshape(-1)
    found = look_up.apply(weight, at, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)
    found = found * shares.unsqueeze(1)
    if length is not None:
        return _added_along.apply(found.reshape(count, length, found.shape[1]), axis=1, keepdims=False)
    return _added.apply(found, bags, size=count)


def _bags(input: Any, offsets: Any, include_last_offset: bool) -> tuple[int | None, Any, int]:
    """The one length of all bags if there is one, the bag of each index, and how many bags there are."""
    places = arange(input.numel(), device=input.device)
    if offsets is None:
        count, length = input.shape
        return length, places // max(length, 1), count
    count = offsets._array.shape[0]
    if include_last_offset:
        if not count:
            raise SettingError("include_last_offset: number of offset should be at least 1")
        count -= 1
    if count:
        first, last = int(offsets[0]), int(offsets[-1])
        if first != 0:
            raise SettingError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. "
                f"However, got {first}"
            )
        if last > input.numel():
            raise SettingError(
                f"offsets[-1] can not be greater than input's length {input.numel()} but got offsets[-1] of {last}"
            )
    return None, searchsorted(cast(offsets, int64), places, right=True) - 1, count


def _maxima(weight: Any, at: Any, bags: Any, kept: Any, count: int) -> Any:
    """The largest of the rows at ``at`` in each of ``count`` bags, column by column, of those that are ``kept``."""
    each = arange(count, device=bags.device)
    first, end = searchsorted(bags, each), searchsorted(bags, each, right=True)
    if not at._array.shape[0]:
        return weight.sum() * weight.new_zeros(count, weight.shape[1])
    with no_grad():
        values = where(kept.unsqueeze(1), weight.index_select(0, at), -math.inf)
        best = cast(at, int64).unsqueeze(1).expand(values.shape)
        # After the step of length `shift`, each row has the largest of up to 2 * shift rows of its bag that end in it.
        shift, longest = 1, int((end - first).max()) if count else 0
        while shift < longest:
            joined = (bags[shift:] == bags[:-shift]).unsqueeze(1)
            wins = joined & (values[:-shift] >= values[shift:])
            values = cat([values[:shift], where(wins, values[:-shift], values[shift:])])
            best = cat([best[:shift], where(wins, best[:-shift], best[shift:])])
            shift *= 2
        winners = best.index_select(0, (end - 1).clamp(min=0))
        holds = scatter_add.apply(cast(kept, int64), where(kept, bags, 0), size=count) > 0
    found = take_along_axis.apply(weight, winners, axis=0)
    return _chosen(holds.unsqueeze(1), found, 0.0)


def _check(
    input: Any, weight: Any, offsets: Any, mode: str, scale_grad_by_freq: bool, sparse: bool, per_sample_weights: Any
) -> None:
    shape = shape_of("embedding_bag", input)
    if per_sample_weights is not None and tuple(per_sample_weights._array.shape) != shape:
        raise ArgumentError(
            f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the "
            f"same shape as the input ({input.shape})"
        )
    if weight._array.ndim != 2:
        raise ArgumentError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight._array.ndim}")
    if len(shape) == 2 and offsets is not None:
        raise ArgumentError(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
            f"sequences. However, found offsets of type {type(offsets)}"
        )
    if len(shape) == 1 and (offsets is None or offsets._array.ndim != 1):
        raise ArgumentError(f"offsets has to be a 1D Tensor{' but got None' if offsets is None else ''}")
    if len(shape) not in (1, 2):
        raise ArgumentError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {len(shape)}")
    if mode not in _MODES:
        raise ArgumentError("mode has to be one of sum, mean or max")
    if mode == "max" and (scale_grad_by_freq or sparse):
        refused = "scaling the gradient by the frequency" if scale_grad_by_freq else "sparse weights"
        raise ArgumentError(f"max mode does not support {refused}")
    if per_sample_weights is not None and mode != "sum":
        raise UnsupportedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got "
            f"mode='{mode}')."
        )
    if per_sample_weights is not None and per_sample_weights.dtype is not weight.dtype:
        raise DtypeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
            f"'per_sample_weights'; but type {weight.type()} does not equal {per_sample_weights.type()} (while "
            "checking arguments for embedding_bag)"
        )
    for name, integers in (("indices", input), ("offsets", offsets)):
        if integers is not None and integers.dtype.name not in ("int64", "int32"):
            raise DtypeError(
                f"Expected tensor for argument #1 '{name}' to have one of the following scalar types: Long, Int; but "
                f"got {integers.type()} instead (while checking arguments for embedding_bag)"
            )
    if len(shape) == 2 and shape[0] and not shape[1]:
        raise ShapeError(f"embedding_bag: bags of length zero, input of size {list(shape)}; give offsets instead")
    rows = weight._array.shape[0]
    indices_within(input, rows, f"embedding_bag: index {{}} is not in the valid range [0, {rows})", IndexRangeError)
