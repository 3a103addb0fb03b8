"""The largest and the smallest elements, and where they are."""

from __future__ import annotations

from typing import Any

from xpgrad.backends.dtypes import int64
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, DtypeError, IndexingError, SettingError
from xpgrad.functions import return_types
from xpgrad.functions.dims import Dim, normalize_dim, normalize_dims, spelled, takes_axis
from xpgrad.functions.pointwise import maximum, minimum
from xpgrad.functions.results import deliver, deliver_each, deliver_exactly
from xpgrad.ops import indexing, reductions, searching

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin", "max", "min"]

_amax_all = reductions.amax.named("MaxBackward1")
_amin_all = reductions.amin.named("MinBackward1")
_min_values = indexing.pick.named("MinBackward0")
_aminmax_largest = reductions.amax.named("AminmaxBackward0")
_aminmax_smallest = reductions.amin.named("AminmaxBackward0")


def amax(input: Any, dim: Dim = (), keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """The largest element over ``dim``; ties share the gradient. Mirrors ``torch.amax``."""
    return _extreme(reductions.amax, "amax", input, dim, keepdim, out, spelling)


def amin(input: Any, dim: Dim = (), keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """The smallest element over ``dim``; ties share the gradient. Mirrors ``torch.amin``."""
    return _extreme(reductions.amin, "amin", input, dim, keepdim, out, spelling)


def _extreme(op: Op, name: str, input: Any, dim: Dim, keepdim: bool, out: Any, spelling: dict[str, Any]) -> Any:
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    axis = normalize_dims(dim, input._array.ndim)
    if 0 in input._array.shape:
        require_elements(input, axis, name, SettingError)
    return deliver_exactly(out, op.apply(input, axis=axis, keepdims=keepdim))


@takes_axis
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False, out: Any = None) -> Any:
    """The smallest and the largest element over ``dim``. Mirrors ``torch.aminmax``."""
    axis = normalize_dims(dim, input._array.ndim)
    if 0 in input._array.shape:
        require_elements(input, axis, "aminmax", SettingError)
    pair = (op.apply(input, axis=axis, keepdims=keepdim) for op in (_aminmax_smallest, _aminmax_largest))
    return deliver_each(out, return_types.AMinMax(*pair))


def max(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, **spelling: Any
) -> Any:
    """The largest element; with ``dim``, values and indices; of two tensors, the larger. Mirrors ``torch.max``."""
    other = dim if isinstance(dim, TensorBase) else other
    if other is not None:
        _require_tensor(input, "max")
        return maximum(input, other, out=out)
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dim is None:
        require_elements(input, None, "max", SettingError)
        return deliver(out, _amax_all.apply(input))
    found = _chosen(input, dim, _position(searching.argmax, input, dim, False, "max"), keepdim, indexing.pick)
    return deliver_each(out, return_types.Max(*found), input)


def min(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, **spelling: Any
) -> Any:
    """The smallest element; with ``dim``, values and indices; of two tensors, the smaller. Mirrors ``torch.min``."""
    other = dim if isinstance(dim, TensorBase) else other
    if other is not None:
        _require_tensor(input, "min")
        return minimum(input, other, out=out)
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)
    if dim is None:
        require_elements(input, None, "min", SettingError)
        return deliver(out, _amin_all.apply(input))
    found = _chosen(input, dim, _position(searching.argmin, input, dim, False, "min"), keepdim, _min_values)
    return deliver_each(out, return_types.Min(*found), input)


def _require_tensor(input: Any, name: str) -> None:
    if not isinstance(input, TensorBase):
        raise ArgumentTypeError(
            f"{name}() received an invalid combination of arguments: the first must be a Tensor, got "
            f"{type(input).__name__}"
        )


def _chosen(input: Any, dim: int, indices: Any, keepdim: bool, pick: Op) -> tuple[Any, Any]:
    """The elements of ``input`` at ``indices`` along ``dim``, and the indices."""
    if input._array.ndim == 0:
        return input.clone(), indices
    axis = normalize_dim(dim, input._array.ndim)
    values = pick.apply(input, indices, axis=axis)
    return (values.unsqueeze(axis), indices.unsqueeze(axis)) if keepdim else (values, indices)


def argmax(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """Where the largest element is along ``dim``, or in the flattened tensor. Mirrors ``torch.argmax``."""
    return _argument(searching.argmax, "argmax", input, dim, keepdim, out, spelling)


def argmin(input: Any, dim: int | None = None, keepdim: bool = False, *, out: Any = None, **spelling: Any) -> Any:
    """Where the smallest element is along ``dim``, or in the flattened tensor. Mirrors ``torch.argmin``."""
    return _argument(searching.argmin, "argmin", input, dim, keepdim, out, spelling)


def _argument(op: Op, name: str, input: Any, dim: int | None, keepdim: bool, out: Any, spelling: dict[str, Any]) -> Any:
    if spelling:
        dim, keepdim = spelled(dim, keepdim, spelling)  # type: ignore[assignment]
    if input.dtype.kind == "bool":
        raise DtypeError(f"{name}(): does not support bool input; use .int() first")
    return deliver_exactly(out, _position(op, input, dim, keepdim, name))


def _position(op: Op, input: Any, dim: int | None, keepdim: bool, name: str) -> Any:
    axis = None if dim is None else normalize_dim(dim, input._array.ndim)
    require_elements(input, None if axis is None else (axis,), name)
    if input._array.ndim == 0:
        return input.detach().new_zeros((), dtype=int64)
    return op.apply(input, axis=axis, keepdims=keepdim)


def require_elements(
    input: Any, axis: tuple[int, ...] | None, name: str, error: type[Exception] = IndexingError
) -> None:
    """Raise if a reduction over ``axis`` would have nothing to choose from.

    Raises:
        IndexingError: An axis to reduce has no elements; if all are to be reduced, it is ``error``.
    """
    shape = input._array.shape
    if axis is None and 0 in shape:
        raise error(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
            "with the 'dim' argument."
        )
    for a in axis or ():
        if shape and shape[a] == 0:
            raise IndexingError(f"{name}(): Expected reduction dim {a} to have non-zero size.")
