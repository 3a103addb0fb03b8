"""Writing parts of tensors out of place, and reading them by index."""

from __future__ import annotations

from typing import Any

from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.creation import arange
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.indexing import gather, nonzero, scatter, setitem
from xpgrad.functions.shape import broadcast_shapes, expand, reshape


def _copy_with(input: Any, index: Any, value: Any) -> Any:
    """A copy of ``input`` in which ``copy[index] = value`` was done."""
    copy = input.clone()
    setitem(copy, index, value)
    return copy


def _at(input: Any, dim: int, index: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * normalize_dim(dim, input._array.ndim), index)


def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    """``input`` with ``alpha * source`` added to the slices at ``index`` along ``dim``. Mirrors ``torch.index_add``."""
    source = source if alpha == 1 else source * alpha
    return scatter(input, dim, _along(index, source, dim), source, reduce="add")


def _along(index: Any, like: Any, dim: int) -> Any:
    """A vector ``index`` for slices along ``dim``, repeated for each element of the slices of ``like``."""
    axis = normalize_dim(dim, like._array.ndim)
    shape = tuple(-1 if i == axis else 1 for i in range(like._array.ndim))
    return expand(reshape(index, shape), tuple(like._array.shape))


def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """``input`` with ``source`` in place of the slices at ``index`` along ``dim``. Mirrors ``torch.index_copy``."""
    return _copy_with(input, _at(input, dim, index), source)


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """``input`` with ``value`` in the slices at ``index`` along ``dim``. Mirrors ``torch.index_fill``."""
    return _copy_with(input, _at(input, dim, index), value)


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """``input`` with the elements of ``source``, in order, where ``mask``. Mirrors ``torch.masked_scatter``.

    Raises:
        ShapeError: ``source`` has too few elements.
    """
    shape = broadcast_shapes(tuple(input._array.shape), tuple(mask._array.shape))
    mask = expand(mask, shape)
    count = int(mask.sum())
    if source.numel() < count:
        raise ShapeError(f"masked_scatter: expected self and source to have same number of elements: {count} places, "
                         f"source has {source.numel()} elements")  # fmt: skip
    return _copy_with(expand(input, shape), mask, reshape(source, (-1,))[:count])


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """``input`` with ``src`` in place of its slice at ``index`` along ``dim``. Mirrors ``torch.select_scatter``."""
    return _copy_with(input, _at(input, dim, index), src)


def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """``input`` with ``src`` in place of its slices along ``dim``. Mirrors ``torch.slice_scatter``."""
    return _copy_with(input, _at(input, dim, slice(start, end, step)), src)


def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Any:
    """``input`` with the elements of ``src`` reduced into the places that ``index`` names along ``dim``.

    Mirrors ``torch.scatter_reduce`` for ``"sum"`` and ``"mean"``.

    Raises:
        SettingError: Another ``reduce``.
    """
    if reduce not in ("sum", "mean"):
        raise SettingError(f"scatter_reduce: reduce argument must be sum or mean, got {reduce!r}")
    start = input if include_self else scatter(input, dim, index, value=0.0)
    total = scatter(start, dim, index, src, reduce="add")
    if reduce == "sum":
        return total
    ones = src.detach().new_ones(tuple(src.shape))
    first = ones.new_ones(tuple(input.shape))
    first = first if include_self else scatter(first, dim, index, value=0.0)
    counts = scatter(first, dim, index, ones, reduce="add")
    return total / counts.clamp(min=1.0)


def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """`gather` that broadcasts ``indices`` against ``input``; of the flattened tensor by default.

    Mirrors ``torch.take_along_dim``.
    """
    if dim is None:
        return gather(reshape(input, (-1,)), 0, reshape(indices, (-1,)))
    axis, ndim = normalize_dim(dim, input._array.ndim), input._array.ndim
    mine, theirs = list(input._array.shape), list(indices._array.shape)
    shape = list(broadcast_shapes([*mine[:axis], 1, *mine[axis + 1 :]], [*theirs[:axis], 1, *theirs[axis + 1 :]]))
    mine = [mine[i] if i == axis else shape[i] for i in range(ndim)]
    theirs = [theirs[i] if i == axis else shape[i] for i in range(ndim)]
    return gather(expand(input, mine), axis, expand(indices, theirs))


def argwhere(input: Any) -> Any:
    """The coordinates of the nonzero elements, as rows. Mirrors ``torch.argwhere``."""
    return nonzero(input)


def fill_diagonal(input: Any, fill_value: float) -> Any:
    """``input`` (n, m) with ``fill_value`` on the diagonal; behind ``Tensor.fill_diagonal_``."""
    n, m = input._array.shape
    places = arange(min(n, m), device=input.device)
    return _copy_with(input, (places, places), fill_value)
