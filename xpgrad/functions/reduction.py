"""Reductions with PyTorch's ``dim`` and ``keepdim``, and cumulative sums and products."""

from __future__ import annotations

from typing import (
    Any,
    NamedTuple,
)

from xpgrad.array_api.operands import (
    cast,
    dtype_of,
)
from xpgrad.array_api.operands import (
    floating as as_floating,
)
from xpgrad.backends.dtypes import (
    dtype,
    int64,
    uint8,
)
from xpgrad.core.op import (
    Op,
)
from xpgrad.core.tensor_base import (
    TensorBase,
)
from xpgrad.errors import (
    DtypeError,
    IndexingError,
    IndexRangeError,
    SettingError,
)
from xpgrad.functions.comparison import (
    truth,
)
from xpgrad.functions.dims import (
    Dim,
    normalize_dim,
    normalize_dims,
    spelled,
)
from xpgrad.functions.pointwise import (
    exp,
    log,
    maximum,
    minimum,
)
from xpgrad.functions.results import (
    deliver,
)
from xpgrad.ops import (
    activation,
    indexing,
    reductions,
    searching,
    sorting,
)

_sum_dim = reductions.sum.named("SumBackward1")
_mean_dim = reductions.mean.named("MeanBackward1")
_prod_dim = reductions.prod.named("ProdBackward1")
_var = reductions.var.named("VarBackward0")
_std = reductions.std.named("StdBackward0")


class MaxResult(NamedTuple):
    """What ``max(x, dim)`` returns: the values and where they were."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return _return_type("max", self)


class MinResult(NamedTuple):
    """What ``min(x, dim)`` returns: the values and where they were."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return _return_type("min", self)


def _return_type(name: str, result: tuple[Any, ...]) -> str:
    values, indices = result
    return f"torch.return_types.{name}(\nvalues={values!r},\nindices={indices!r})"


def sum(
    input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None, **spelling: Any
) -> Any:
    """The sum over ``dim``, of all elements by default; integers in int64. Mirrors ``torch.sum``."""
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dtype is not None or input._node is None:
        input = _widened(input, dtype)
    if dim is None and not keepdim:
        result = reductions.sum_all.apply(input)
    else:
        result = _sum_dim.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return result if out is None else deliver(out, result)


def mean(
    input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: dtype | None = None, out: Any = None, **spelling: Any
) -> Any:
    """The mean over ``dim``, of all elements by default. Mirrors ``torch.mean``.

    Raises:
        DtypeError: The tensor is of an integer or boolean dtype.
    """
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dtype is not None:
        input = cast(input, dtype)
    if input._node is None and not input.dtype.is_differentiable:
        raise DtypeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {input.dtype.name}; use x.float().mean() or dtype=."
        )
    if dim is None and not keepdim:
        result = reductions.mean.apply(input)
    else:
        result = _mean_dim.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return result if out is None else deliver(out, result)


def prod(input: Any, dim: int | None = None, keepdim: bool = False, *, dtype: dtype | None = None) -> Any:
    """The product over ``dim``, of all elements by default; integers in int64. Mirrors ``torch.prod``."""
    input = _widened(input, dtype)
    if dim is None:
        return reductions.prod.apply(input)
    return _prod_dim.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)


def var(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    **spelling: Any,
) -> Any:
    """The variance over ``dim``, divided by n - ``correction`` (1 by default). Mirrors ``torch.var``."""
    return _spread(_var, input, dim, unbiased, keepdim, correction, spelling)


def std(
    input: Any,
    dim: Any = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
    **spelling: Any,
) -> Any:
    """The standard deviation over ``dim``, the square root of `var`. Mirrors ``torch.std``."""
    return _spread(_std, input, dim, unbiased, keepdim, correction, spelling)


def _spread(
    op: Any,
    input: Any,
    dim: Any,
    unbiased: bool | None,
    keepdim: bool,
    correction: float | None,
    spelling: dict[str, Any],
) -> Any:
    if isinstance(dim, bool):
        # The old spelling var(x, unbiased).
        dim, unbiased = None, dim
    dim, keepdim = spelled(dim, keepdim, spelling)
    if not input.dtype.is_differentiable:
        raise DtypeError("std and var only support floating point and complex dtypes; use .float() first")
    if correction is None:
        correction = 1.0 if unbiased is None or unbiased else 0.0
    axis = normalize_dims(dim, input._array.ndim)
    return op.apply(input, axis=axis, correction=float(correction), keepdims=keepdim)


def amax(input: Any, dim: Dim = (), keepdim: bool = False, **spelling: Any) -> Any:
    """The largest element over ``dim``; ties share the gradient. Mirrors ``torch.amax``."""
    dim, keepdim = spelled(dim, keepdim, spelling)
    return reductions.amax.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)


def amin(input: Any, dim: Dim = (), keepdim: bool = False, **spelling: Any) -> Any:
    """The smallest element over ``dim``; ties share the gradient. Mirrors ``torch.amin``."""
    dim, keepdim = spelled(dim, keepdim, spelling)
    return reductions.amin.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)


def max(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, **spelling: Any
) -> Any:
    """The largest element; with ``dim``, values and indices; of two tensors, the larger. Mirrors ``torch.max``."""
    other = dim if isinstance(dim, TensorBase) else other
    if other is not None:
        return maximum(input, other, out=out)
    dim, keepdim = spelled(dim, keepdim, spelling)
    if dim is None:
        _refuse_empty(input, "max")
        return _amax_all.apply(input)
    return MaxResult(*_chosen(input, dim, argmax(input, dim), keepdim, indexing.pick))


def min(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, **spelling: Any
) -> Any:
    """The smallest element; with ``dim``, values and indices; of two tensors, the smaller. Mirrors ``torch.min``."""
    other = dim if isinstance(dim, TensorBase) else other
    if other is not None:
        return minimum(input, other, out=out)
    dim, keepdim = spelled(dim, keepdim, spelling)
    if dim is None:
        _refuse_empty(input, "min")
        return _amin_all.apply(input)
    return MinResult(*_chosen(input, dim, argmin(input, dim), keepdim, _min_values))


_amax_all = reductions.amax.named("MaxBackward1")
_amin_all = reductions.amin.named("MinBackward1")
_min_values = indexing.pick.named("MinBackward0")


def _chosen(input: Any, dim: int, indices: Any, keepdim: bool, pick: Op) -> tuple[Any, Any]:
    """The elements of ``input`` at ``indices`` along ``dim``, and the indices."""
    if input._array.ndim == 0:
        return input.clone(), indices
    axis = normalize_dim(dim, input._array.ndim)
    values = pick.apply(input, indices, axis=axis)
    return (values.unsqueeze(axis), indices.unsqueeze(axis)) if keepdim else (values, indices)


def argmax(input: Any, dim: int | None = None, keepdim: bool = False, **spelling: Any) -> Any:
    """Where the largest element is along ``dim``, or in the flattened tensor. Mirrors ``torch.argmax``."""
    dim, keepdim = spelled(dim, keepdim, spelling)  # type: ignore[assignment]
    return _position(searching.argmax, input, dim, keepdim, "argmax")


def argmin(input: Any, dim: int | None = None, keepdim: bool = False, **spelling: Any) -> Any:
    """Where the smallest element is along ``dim``, or in the flattened tensor. Mirrors ``torch.argmin``."""
    dim, keepdim = spelled(dim, keepdim, spelling)  # type: ignore[assignment]
    return _position(searching.argmin, input, dim, keepdim, "argmin")


def _position(op: Any, input: Any, dim: int | None, keepdim: bool, name: str) -> Any:
    if dim is not None:
        dim = normalize_dim(dim, input._array.ndim)
        if input._array.ndim and input._array.shape[dim] == 0:
            raise IndexingError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    else:
        _refuse_empty(input, name, IndexingError)
    if input._array.ndim == 0:
        return input.detach().new_zeros((), dtype=int64)
    return op.apply(input, axis=dim, keepdims=keepdim)


def _refuse_empty(input: Any, name: str, kind: type[Exception] = SettingError) -> None:
    if 0 in input._array.shape:
        raise kind(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
            "with the 'dim' argument."
        )


def all(input: Any, dim: Dim = None, keepdim: bool = False, **spelling: Any) -> Any:
    """Whether all elements along ``dim`` are nonzero. Mirrors ``torch.all``."""
    dim, keepdim = spelled(dim, keepdim, spelling)
    found = searching.all.apply(truth(input), axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return _as_asked(found, input)


def any(input: Any, dim: Dim = None, keepdim: bool = False, **spelling: Any) -> Any:
    """Whether some element along ``dim`` is nonzero. Mirrors ``torch.any``."""
    dim, keepdim = spelled(dim, keepdim, spelling)
    found = searching.any.apply(truth(input), axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)
    return _as_asked(found, input)


def _as_asked(found: Any, input: Any) -> Any:
    """The booleans ``found``, in uint8 if ``input`` is: PyTorch's booleans were that once."""
    return cast(found, uint8) if dtype_of(input) is uint8 else found


def count_nonzero(input: Any, dim: Dim = None) -> Any:
    """How many elements along ``dim`` are nonzero. Mirrors ``torch.count_nonzero``."""
    return sum(truth(input), dim)


def cumsum(input: Any, dim: int, *, dtype: dtype | None = None, out: Any = None) -> Any:
    """The running sum along ``dim``. Mirrors ``torch.cumsum``."""
    input = _widened(input, dtype)
    if input._array.ndim == 0:
        return deliver(out, input.clone())
    return deliver(out, reductions.cumulative_sum.apply(input, axis=normalize_dim(dim, input._array.ndim)))


def cumprod(input: Any, dim: int, *, dtype: dtype | None = None, out: Any = None) -> Any:
    """The running product along ``dim``. Mirrors ``torch.cumprod``."""
    input = _widened(input, dtype)
    if input._array.ndim == 0:
        return deliver(out, input.clone())
    return deliver(out, reductions.cumulative_prod.apply(input, axis=normalize_dim(dim, input._array.ndim)))


def logsumexp(input: Any, dim: Dim, keepdim: bool = False) -> Any:
    """``log(sum(exp(input)))`` over ``dim`` without overflow. Mirrors ``torch.logsumexp``."""
    input = as_floating(input)
    if 0 in input._array.shape:
        # There is no largest element to keep the exponentials small by.
        return log(sum(exp(input), dim, keepdim))
    return activation.logsumexp.apply(input, axis=normalize_dims(dim, input._array.ndim), keepdims=keepdim)


def softmax(input: Any, dim: int, *, dtype: dtype | None = None) -> Any:
    """``exp(input)`` divided by its sum over ``dim``. Mirrors ``torch.softmax``."""
    input = cast(input, dtype) if dtype is not None else input
    return activation.softmax.apply(input, axis=normalize_dim(dim, input._array.ndim))


def log_softmax(input: Any, dim: int, *, dtype: dtype | None = None) -> Any:
    """The logarithm of `softmax`, computed without overflow. Mirrors ``torch.log_softmax``."""
    input = cast(input, dtype) if dtype is not None else input
    return activation.log_softmax.apply(input, axis=normalize_dim(dim, input._array.ndim))


def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The elements in order along ``dim``, and where they were. Mirrors ``torch.sort``."""
    if input._array.ndim == 0:
        return SortResult(input.clone(), input.detach().new_zeros((), dtype=int64))
    axis = normalize_dim(dim, input._array.ndim)
    indices = argsort(input, axis, descending)
    return SortResult(_sorted(input, indices, axis=axis), indices)


def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The positions that sort the elements along ``dim``. Mirrors ``torch.argsort``."""
    if input._array.ndim == 0:
        return input.detach().new_zeros((), dtype=int64)
    axis = normalize_dim(dim, input._array.ndim)
    return sorting.argsort.apply(input, axis=axis, descending=descending)


def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The ``k`` largest (or smallest) elements along ``dim``, in order, and where they were. Mirrors ``torch.topk``.

    Raises:
        IndexingError: There are fewer than ``k`` elements.
    """
    axis = normalize_dim(dim, input._array.ndim)
    if not 0 <= k <= (input._array.shape[axis] if input._array.ndim else 1):
        raise IndexRangeError(f"selected index k out of range: k={k}, dimension {dim} of {tuple(input.shape)}")
    indices = argsort(input, axis, largest)
    if input._array.ndim == 0:
        return TopkResult(input.clone(), indices)
    indices = indices.narrow(axis, 0, k).contiguous()
    return TopkResult(_top(input, indices, axis=axis), indices)


class SortResult(NamedTuple):
    """What ``sort`` returns: the values in order and where they were."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return _return_type("sort", self)


class TopkResult(NamedTuple):
    """What ``topk`` returns: the values in order and where they were."""

    values: Any
    indices: Any

    def __repr__(self) -> str:
        return _return_type("topk", self)


_sorted = indexing.take_along_axis.named("SortBackward0")
_top = indexing.take_along_axis.named("TopkBackward0")


def _widened(input: Any, wanted: dtype | None) -> Any:
    """``input`` in the dtype asked for, or integers and booleans in int64."""
    if wanted is not None:
        return cast(input, wanted)
    d = input._place.dtype(input._array.dtype)
    return input if d.is_differentiable else cast(input, int64)
