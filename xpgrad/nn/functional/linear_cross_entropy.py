"""The cross entropy of a linear layer, whole or in chunks of the batch. Mirrors ``torch.nn.functional``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from xpgrad.autograd.calls import grad
from xpgrad.autograd.function import Function
from xpgrad.backends.dtypes import dtype, float16, float32, float64, int64
from xpgrad.core.grad_mode import enable_grad, is_grad_enabled
from xpgrad.errors import ArgumentError, SettingError, ShapeError
from xpgrad.functions.joining import cat
from xpgrad.functions.pointwise import where
from xpgrad.nn.functional.checks import reduction_of
from xpgrad.nn.functional.linear import linear
from xpgrad.nn.functional.loss import cross_entropy


@dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How `linear_cross_entropy` works through its batch in chunks, so that the scores of all need not be in memory.

    Mirrors ``torch.nn.LinearCrossEntropyOptions``.

    Args:
        allow_retain_graph: Accepted for PyTorch's sake; a graph may always be kept here.
        batch_chunk_size: The samples in a chunk.
        chunking_method: How the size is chosen if it is not given: ``"aspect_ratio:k"`` makes the scores of a chunk
            take a ``k``-th of the memory of the input; ``"auto"`` is ``"aspect_ratio:2"``; None means one chunk.
        acc_policy: ``"auto"``, ``"accurate"``, ``"balanced"`` or ``"compact"``, all of which mean the same here.
        acc_dtype: The dtype in which a chunk is computed and gradients of chunks are added; by default float32 for half
            precision, else the dtype of the input.

    Raises:
        ArgumentError: A value is none of these.
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: dtype | None = None

    def __post_init__(self) -> None:
        if self.acc_policy not in ("auto", "accurate", "balanced", "compact"):
            raise ArgumentError(f"invalid acc_policy: {self.acc_policy!r}")
        if self.chunking_method not in (None, "auto") and not self._factor():
            raise ArgumentError(f"invalid chunking_method: {self.chunking_method!r}")
        size = self.batch_chunk_size
        if size is not None and not (isinstance(size, int) and size > 0):  # type: ignore[redundant-expr]
            raise ArgumentError(f"batch_chunk_size must be positive int or None, got {size!r}")
        known = (None, float16, float32, float64)
        if self.acc_dtype not in known and getattr(self.acc_dtype, "name", "") != "bfloat16":
            raise ArgumentError(f"acc_dtype must be None or a floating dtype, got {self.acc_dtype!r}")

    def _factor(self) -> int:
        """The ``k`` of the method, 0 if it is none."""
        name, colon, factor = str(self.chunking_method).partition(":")
        factor = factor if colon else "1"
        return int(factor) if name == "aspect_ratio" and factor.isdigit() else 0

    def samples(self, batch: int, in_features: int, classes: int) -> int:
        """How many samples a chunk has.

        Raises:
            ArgumentError: Size and method are both given, and disagree.
        """
        given = self.batch_chunk_size
        if self.chunking_method is None or (self.chunking_method == "auto" and given is not None):
            return max(1, min(given or batch, batch))
        share = -(-batch // -(-classes // max(in_features, 1)))
        power = 1 << (share - 1).bit_length() if share > 0 else 1
        size = min(power // (self._factor() or 2), batch)
        if given is not None and given != size:
            raise ArgumentError(
                f"batch_chunk_size (={given}) and chunking_method ('{self.chunking_method}') give different chunk "
                f"sizes ({given} vs {size}); pass only one."
            )
        return max(1, size)


def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None,
    reduction: str = "mean", ignore_index: int | None = None, label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Any:  # fmt: skip
    """``cross_entropy(linear(input, linear_weight, linear_bias), target)``.

    Args:
        input: (in_features,) or (N, in_features).
        linear_weight: (C, *, in_features), for C classes.
        target: Classes (), (N,) or (N, *), or probabilities (C,), (N, C) or (N, C, *).
        linear_bias: (C, *) or None.
        weight: (C,), how much each class counts, or None.
        reduction: ``"mean"``, ``"sum"`` or ``"none"``.
        ignore_index: A target that counts nothing, -100 by default; not with probabilities.
        label_smoothing: The share of the probability that is spread evenly over the classes.
        options: How to work through the batch in chunks, or None to take it whole. Chunks are for classes in a (C,
            in_features) layer, without smoothing; they give first gradients only.

    Raises:
        SettingError: ``ignore_index`` beside probabilities.
        ShapeError: The shapes do not fit.
    """
    shape, weights = tuple(input.shape), tuple(linear_weight.shape)
    _check(shape, weights, linear_bias)
    inner = weights[1:-1]
    if tuple(target.shape) == (*shape[:-1], weights[0], *inner) and ignore_index is not None:
        raise SettingError("ignore_index cannot be specified when target contains probabilities")
    ignored = -100 if ignore_index is None else ignore_index
    if options is not None:
        if not inner and label_smoothing == 0.0 and target.dtype is int64:
            return _by_chunks(input, linear_weight, linear_bias, target, weight, reduction, ignored, options)
        warnings.warn(
            "linear_cross_entropy: ``options`` ignored; chunked path needs label_smoothing == 0, target.dtype == "
            f"int64, out_features == (). Got label_smoothing={label_smoothing}, target.dtype={target.dtype}, "
            f"out_features={inner}.",
            stacklevel=2,
        )
    if inner:
        bias = None if linear_bias is None else linear_bias.reshape(-1)
        scores = linear(input, linear_weight.reshape(-1, shape[-1]), bias).reshape(*shape[:-1], *weights[:-1])
    else:
        scores = linear(input, linear_weight, linear_bias)
    return cross_entropy(
        scores, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=label_smoothing
    )


def _check(shape: tuple[int, ...], weights: tuple[int, ...], bias: Any) -> None:
    if len(shape) not in (1, 2):
        raise ShapeError(f"expected input with dimensionality 1 or 2, got {len(shape)}")
    if len(weights) < 2:
        raise ShapeError(f"expected linear_weight with dimensionality at least 2, got {len(weights)}")
    if shape[-1] != weights[-1]:
        raise ShapeError(
            f"expected equal input and linear_weight last dimensions (in_features), got {shape[-1]} and {weights[-1]}, "
            "respectively"
        )
    if bias is not None and tuple(bias.shape) != weights[:-1]:
        raise ShapeError(f"expected linear_bias shape {weights[:-1]}, got {tuple(bias.shape)}")
    if len(weights) > 2 and len(shape) == 1:
        raise ShapeError(
            f"K-dimensional loss defined by linear_weight shape {weights} requires batched input, (N, {shape[0]}), got "
            f"unbatched input with shape {shape}"
        )


def _by_chunks(
    input: Any, linear_weight: Any, linear_bias: Any, target: Any, weight: Any, reduction: str, ignore_index: int,
    options: LinearCrossEntropyOptions,
) -> Any:  # fmt: skip
    reduction = reduction_of(reduction)
    rows, classes = (input, target) if input.ndim == 2 else (input.unsqueeze(0), target.unsqueeze(0))
    size = options.samples(rows.shape[0], rows.shape[1], linear_weight.shape[0])
    wide = options.acc_dtype or (float32 if input.dtype.itemsize == 2 else input.dtype)
    loss = _Chunked.apply(rows, linear_weight, linear_bias, classes, weight, ignore_index, size, wide)
    if reduction == "none":
        return loss if input.ndim == 2 else loss.squeeze(0)
    if reduction == "sum":
        return loss.sum()
    kept = classes != ignore_index
    count = kept.sum() if weight is None else where(kept, weight[where(kept, classes, 0)], 0.0).sum()
    return loss.sum() / count


class _Chunked(Function):
    """The loss of each sample; the scores are computed again for the gradients, a chunk at a time."""

    @staticmethod
    def forward(
        ctx: Any, input: Any, linear_weight: Any, linear_bias: Any, target: Any, weight: Any, ignore_index: int,
        size: int, wide: dtype,
    ) -> Any:  # fmt: skip
        """The losses (N,)."""
        ctx.save_for_backward(input, linear_weight, linear_bias, target, weight)
        ctx.settings = ignore_index, size, wide
        pieces = [
            _losses(input[at], linear_weight, linear_bias, target[at], weight, ignore_index, wide)
            for at in _slices(input.shape[0], size)
        ]
        return cat(pieces).to(dtype=input.dtype)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        """The gradients of the layer and its input."""
        input, linear_weight, linear_bias, target, weight = ctx.saved_tensors
        ignore_index, size, wide = ctx.settings
        # Recorded, the computation stays connected to what was given, so that it has further derivatives.
        recorded = is_grad_enabled()
        given = [linear_weight] if linear_bias is None else [linear_weight, linear_bias]
        layer = [_leaf(x, wide, recorded) for x in given]
        sums = [x.new_zeros(x.shape) for x in layer]
        rows = []
        for at in _slices(input.shape[0], size):
            with enable_grad():
                leaf = _leaf(input[at], wide, recorded)
                bias = layer[1] if len(layer) > 1 else None
                losses = _losses(leaf, layer[0], bias, target[at], weight, ignore_index, wide)
            row, *parts = grad(losses, [leaf, *layer], g[at].to(dtype=wide), create_graph=recorded)
            rows.append(row)
            sums = [total + part for total, part in zip(sums, parts, strict=True)]
        found = [total.to(dtype=x.dtype) for total, x in zip(sums, given, strict=True)]
        return (cat(rows).to(dtype=input.dtype), *found, *[None] * (7 - len(found)))


def _leaf(x: Any, wide: dtype, connected: bool) -> Any:
    """``x`` as something to take gradients for."""
    copy = (x if connected else x.detach()).to(dtype=wide)
    return copy if copy.requires_grad else copy.detach().requires_grad_()


def _slices(count: int, size: int) -> list[slice]:
    return [slice(start, start + size) for start in range(0, max(count, 1), size)]


def _losses(
    input: Any, linear_weight: Any, linear_bias: Any, target: Any, weight: Any, ignore_index: int, wide: dtype
) -> Any:
    parts = [None if x is None else x.to(dtype=wide) for x in (input, linear_weight, linear_bias, weight)]
    return cross_entropy(linear(*parts[:3]), target, parts[3], ignore_index=ignore_index, reduction="none")
